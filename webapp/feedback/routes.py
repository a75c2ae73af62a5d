"""Addresses of this feature: leaving the announcements by the link in a mail. The list of addresses is next door."""

from dataclasses import replace
from importlib import import_module

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from webapp.feedback import preferences as choosing
from webapp.feedback.forms import ChoiceForm
from webapp.mail import consents, links
from webapp.mail import unsubscribe as leaving
from webapp.mail.unsubscribe import Leaver
from webapp.web.access import public
from webapp.web.origin import take_from_anywhere
from webapp.web.session import db, desk

blueprint = Blueprint("feedback", __name__)
PREVIEW = links.PREVIEW  # where the link of a preview leads
GONE = "Saved. You get no more news from us."


def install(app: Flask) -> None:
    for module in ("suppression_routes", "mailbox_routes", "returned_routes"):
        import_module(f"webapp.feedback.{module}")
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(news_topics=choosing.TOPICS, mail_that_always_comes=choosing.ALWAYS)
    # The token in the address is the capability: mail programs send no form of ours, and no page of ours either.
    take_from_anywhere(app, unsubscribe)
    protection: CSRFProtect = app.extensions["csrf"]
    protection.exempt(undo)


@blueprint.route("/u/<token>", methods=["GET", "POST"])
@public
def unsubscribe(token: str) -> Response | str:
    """Opening it changes nothing: programs that check links open every one. The button acts, and so does the one click
    of mail programs (RFC 8058); twice is once.
    """
    if token == PREVIEW:
        return render_template("feedback/preview.html")
    if request.method != "POST":
        return _page(leaving.look(db(), desk().vault, token), token)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    way = consents.ONE_CLICK if one_click else consents.PAGE
    leaver = leaving.accept(db(), desk().vault, token, way)
    if one_click:
        return _page(replace(leaver, left=True), token)
    return redirect(url_for("feedback.unsubscribe", token=token))


@blueprint.post("/u/<token>/undo")
@public
def undo(token: str) -> Response:
    leaving.undo(db(), desk().vault, token)
    return redirect(url_for("feedback.unsubscribe", token=token))


def _page(leaver: Leaver, token: str) -> str:
    template = "feedback/left.html" if leaver.left else "feedback/leave.html"
    choose = links.link(desk().vault, "", links.PREFERENCES, leaver.mail_id)
    return render_template(template, leaver=leaver, token=token, choose=choose)


@blueprint.route("/l/m/<token>", methods=["GET", "POST"])
@public
def preferences(token: str) -> Response | str:
    """Which news somebody gets. The link alone opens it, for years; only the buttons change something."""
    if token == PREVIEW:
        return render_template("feedback/preview.html")
    reader = choosing.reader(db(), desk().vault, token)
    form = ChoiceForm()
    if form.submitted():
        choose_as(reader)
        return redirect(url_for("feedback.preferences", token=token))
    choice = choosing.chosen(db(), reader.address)
    return render_template("feedback/preferences.html", form=form, reader=reader, choice=choice)


def choose_as(reader: choosing.Reader) -> None:
    """Take what was posted for the reader's choice, and say what it means."""
    wanted = [] if "leave" in request.form else request.form.getlist("topic")
    choice = choosing.choose(db(), reader, wanted)
    flash("Saved. It counts from now on, also for what is being sent." if choice.topics else GONE, "ok")
