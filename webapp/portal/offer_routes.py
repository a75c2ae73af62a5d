"""The affiliate's offers: what he runs with his own link and payout, what he may ask for, and the creatives."""

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug import Response as AnyResponse

from webapp.affiliates.models import Affiliate
from webapp.errors import Conflict
from webapp.offers import assigning
from webapp.offers.forms import CREATIVE_LABELS
from webapp.portal import offers
from webapp.portal.forms import ContinueForm
from webapp.portal.routes import blueprint
from webapp.portal.sessions import mine as me
from webapp.web.access import affiliate
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db

STATES = {"approved": "Running", "requested": "Requested", "denied": "Denied"}
PREVIEW_POLICY = (  # banners lie at their makers' hosts; nothing else is asked for, and no script runs
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: https:; frame-ancestors 'self'"
)


@blueprint.get("/my")
@affiliate
def mine() -> str:
    return list_page(me())


@blueprint.get("/my/others")
@affiliate
def others() -> str:
    return others_page(me())


@blueprint.get("/my/offers/<int:number>")
@affiliate
def offer(number: int) -> str:
    return offer_page(me(), offers.find(db(), me(), number))


@blueprint.get("/my/cid/<path:cid>")
@affiliate
def offer_by_cid(cid: str) -> AnyResponse:
    found = offers.find_by_cid(db(), me(), cid)
    return redirect(url_for("portal.offer", number=found.offer.id))


@blueprint.get("/my/offers/<int:number>/creatives/<int:creative>")
@affiliate
def creative(number: int, creative: int) -> Response:
    return preview_of(me(), number, creative)


@blueprint.post("/my/offers/<int:number>/request")
@affiliate
def ask(number: int) -> AnyResponse:
    found = offers.find(db(), me(), number)
    try:
        asked = assigning.request(db(), me(), found.offer)
        waits = "Your request is with us. We write to you when it is decided."
        flash("You run this offer now." if asked.state == "approved" else waits, "ok")
    except Conflict as error:
        flash(str(error), "bad")
    return redirect(url_for("portal.offer", number=number))


def list_page(who: Affiliate) -> str:
    search, state = request.args.get("q", "").strip(), request.args.get("state", "")
    page = paginate(db(), offers.mine(who, search, state), number=asked_page())
    return render_template(
        "portal/mine.html",
        page=page,
        search=search,
        state=state if state in STATES else "",
        states=STATES,
        counts=offers.by_state(db(), who),
    )


def others_page(who: Affiliate) -> str:
    search = request.args.get("q", "").strip()
    page = paginate(db(), offers.others(who, search), number=asked_page())
    return render_template("portal/others.html", page=page, search=search)


def offer_page(who: Affiliate, own: offers.Own) -> str:
    return render_template(
        "portal/offer.html",
        own=own,
        offer=own.offer,
        who=who,
        form=ContinueForm(),
        states=STATES,
        kinds=CREATIVE_LABELS,
        creatives=offers.creatives(db(), own),
        harmless=offers.harmless,
    )


def preview_of(who: Affiliate, number: int, creative: int) -> Response:
    found = offers.creative(db(), offers.find(db(), who, number), creative)
    response = Response(offers.preview(found), mimetype="text/html")
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return response
