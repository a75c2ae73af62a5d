"""Addresses of this feature: leaving the announcements by the link in a mail. The list of addresses is next door."""

from importlib import import_module

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from webapp.mail import unsubscribe as leaving
from webapp.mail.unsubscribe import Leaver
from webapp.web.access import public
from webapp.web.session import db, desk

blueprint = Blueprint("feedback", __name__)
PREVIEW = "preview"  # where the link of a preview leads


def install(app: Flask) -> None:
    for module in ("suppression_routes", "mailbox_routes"):
        import_module(f"webapp.feedback.{module}")
    app.register_blueprint(blueprint)
    protection: CSRFProtect = app.extensions["csrf"]
    for view in (unsubscribe, undo):
        protection.exempt(
            view
        )  # the token in the address is the capability; mail programs send no form of ours


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
    leaver = leaving.accept(db(), desk().vault, token)
    if request.form.get("List-Unsubscribe") == "One-Click":
        return render_template("feedback/left.html", leaver=leaver, token=token)
    return redirect(url_for("feedback.unsubscribe", token=token))


@blueprint.post("/u/<token>/undo")
@public
def undo(token: str) -> Response:
    leaving.undo(db(), desk().vault, token)
    return redirect(url_for("feedback.unsubscribe", token=token))


def _page(leaver: Leaver, token: str) -> str:
    template = "feedback/left.html" if leaver.left else "feedback/leave.html"
    return render_template(template, leaver=leaver, token=token)
