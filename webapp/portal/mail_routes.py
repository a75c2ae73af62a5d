"""Which news the affiliate gets, chosen while he is signed in."""

from flask import redirect, render_template, url_for
from werkzeug import Response

from webapp.affiliates.models import Affiliate
from webapp.feedback import preferences
from webapp.feedback.forms import ChoiceForm
from webapp.feedback.routes import choose_as
from webapp.mail import consents
from webapp.portal.routes import blueprint
from webapp.portal.sessions import mine as me
from webapp.web.access import affiliate
from webapp.web.session import db


@blueprint.route("/my/mail", methods=["GET", "POST"])
@affiliate
def mail() -> Response | str:
    form = ChoiceForm()
    if form.submitted():
        choose_as(preferences.Reader(me().address, me().id, consents.OWN_PAGE))
        return redirect(url_for("portal.mail"))
    return mail_page(me(), form)


def mail_page(who: Affiliate, form: ChoiceForm) -> str:
    choice = preferences.chosen(db(), who.address)
    return render_template("portal/mail.html", who=who, form=form, choice=choice)
