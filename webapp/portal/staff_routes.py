"""What colleagues do about an affiliate's page: send a login link, and look at the page as the affiliate sees it."""

from flask import Response, flash, g, redirect, session, url_for
from werkzeug import Response as AnyResponse

from webapp.accounts import audit
from webapp.affiliates import access
from webapp.affiliates.models import Affiliate
from webapp.affiliates.routes import me
from webapp.errors import Conflict, NotAllowed, NotFound
from webapp.feedback.forms import ChoiceForm
from webapp.portal import entering, mail_routes, offer_routes, offers
from webapp.portal.routes import blueprint
from webapp.portal.sessions import check_open
from webapp.web.access import needs
from webapp.web.session import db, desk

SEES = "view_affiliate_details"
LOOKING = "seen_as"  # in the colleague's session: as whom he looks, since he pressed the button that is written down


@blueprint.post("/affiliates/<int:key>/login-link")
@needs("edit_all", "edit_assigned")
def send_link(key: int) -> AnyResponse:
    affiliate = access.get_to_edit(db(), me(), key)
    try:
        check_open()
        mail = entering.send(db(), desk(), affiliate, me())
    except (Conflict, NotFound) as error:
        flash(str(error), "bad")
    else:
        barred = mail.state == "suppressed"
        words = f"{affiliate.email} is not to be mailed: {mail.reason}. Nothing was sent."
        sent = f"A login link is on its way to {affiliate.email}. It works once, for 24 hours."
        flash(words if barred else sent, "bad" if barred else "ok")
    return redirect(url_for("affiliates.show", key=key))


@blueprint.post("/affiliates/<int:key>/as-affiliate")
@needs(SEES)
def look_as(key: int) -> AnyResponse:
    """Written down, then the pages are open: whoever looks over an affiliate's shoulder leaves a trace."""
    affiliate = _visible(key)
    audit.record(db(), me(), "affiliate’s page looked at", affiliate.name, affiliate=affiliate.id)
    session[LOOKING] = key
    return redirect(url_for("portal.seen_mine", key=key))


@blueprint.get("/affiliates/<int:key>/as-affiliate")
@needs(SEES)
def seen_mine(key: int) -> str:
    return offer_routes.list_page(_seen(key))


@blueprint.get("/affiliates/<int:key>/as-affiliate/others")
@needs(SEES)
def seen_others(key: int) -> str:
    return offer_routes.others_page(_seen(key))


@blueprint.get("/affiliates/<int:key>/as-affiliate/offers/<int:number>")
@needs(SEES)
def seen_offer(key: int, number: int) -> str:
    affiliate = _seen(key)
    return offer_routes.offer_page(affiliate, offers.find(db(), affiliate, number))


@blueprint.get("/affiliates/<int:key>/as-affiliate/offers/<int:number>/creatives/<int:creative>")
@needs(SEES)
def seen_creative(key: int, number: int, creative: int) -> Response:
    return offer_routes.preview_of(_seen(key), number, creative)


@blueprint.get("/affiliates/<int:key>/as-affiliate/mail")
@needs(SEES)
def seen_mail(key: int) -> str:
    return mail_routes.mail_page(_seen(key), ChoiceForm())


def _seen(key: int) -> Affiliate:
    """The affiliate as whom the colleague looks, after he pressed the button."""
    affiliate = _visible(key)
    if session.get(LOOKING) != key:
        raise NotFound("Open this from the affiliate’s page, with the button “View as the affiliate”.")
    g.seen_as = affiliate
    return affiliate


def _visible(key: int) -> Affiliate:
    affiliate = access.get(db(), me(), key)
    if not access.sees_details(me()):
        raise NotAllowed(SEES)
    return affiliate
