"""Replies: the list of what affiliates wrote, and each as plain text with what can be done about it."""

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from werkzeug import Response

from webapp.affiliates import access
from webapp.affiliates.forms import PressForm
from webapp.affiliates.routes import me
from webapp.errors import Invalid
from webapp.feedback import preferences
from webapp.mail.models import OutboxMail
from webapp.replies import queries, service
from webapp.replies.models import UNREAD
from webapp.web.access import needs
from webapp.web.pages import asked_page, paginate
from webapp.web.session import db

RIGHT = "view_affiliate_details"
blueprint = Blueprint("replies", __name__)


def install(app: Flask) -> None:
    from webapp.replies import assign_routes  # noqa: F401 - it adds its view

    app.register_blueprint(blueprint)


@blueprint.get("/replies")
@needs(RIGHT)
def index() -> str:
    asked = request.args
    state = asked.get("state", UNREAD)
    wanted = {
        "search": asked.get("q", "").strip(),
        "state": state if state in service.STATES else "",
        "who": asked.get("who", "") if asked.get("who") in (queries.MINE, queries.NOBODY) else "",
    }
    query = queries.listed(me(), **wanted, oldest=asked.get("sort") == "oldest")
    return render_template(
        "replies/index.html",
        page=paginate(db(), query, number=asked_page()),
        wanted=wanted,
        sort=asked.get("sort", ""),
        states=service.STATES,
        counts=queries.by_state(db(), me()),
    )


@blueprint.get("/replies/<int:key>")
@needs(RIGHT)
def show(key: int) -> str:
    """As plain text: nothing of it is drawn, loaded or made a link. Looking changes nothing."""
    reply = queries.get(db(), me(), key)
    return render_template(
        "replies/show.html",
        reply=reply,
        answers=db().get(OutboxMail, reply.mail_id) if reply.mail_id else None,
        still_gets_news=bool(preferences.chosen(db(), reply.affiliate.address).topics),
        may_edit=access.may_edit(me(), reply.affiliate),
        colleagues=queries.may_take(db(), reply.affiliate),
        states=service.STATES,
        press=PressForm(),
    )


@blueprint.post("/replies/<int:key>/state")
@needs(RIGHT)
def set_state(key: int) -> Response:
    reply = queries.get(db(), me(), key)
    try:
        service.set_state(reply, request.form.get("state", ""))
    except Invalid as error:
        return _refused(reply.id, error)
    flash(f"The reply is marked as {service.STATES[reply.state].lower()}.", "ok")
    return redirect(url_for("replies.index"))


@blueprint.post("/replies/<int:key>/assign")
@needs(RIGHT)
def assign(key: int) -> Response:
    reply = queries.get(db(), me(), key)
    try:
        service.assign(db(), me(), reply, request.form.get("assigned_to", type=int))
    except Invalid as error:
        return _refused(reply.id, error)
    flash("The reply is assigned." if reply.assigned_to else "The reply is nobody’s now.", "ok")
    return redirect(url_for("replies.show", key=key))


@blueprint.post("/replies/<int:key>/opt-out")
@needs("edit_all", "edit_assigned")
def opt_out(key: int) -> Response:
    reply = queries.get(db(), me(), key)
    access.get_to_edit(db(), me(), reply.affiliate_id)
    service.opt_out(db(), me(), reply)
    flash("The affiliate gets no more news. Mail about the account still comes.", "ok")
    return redirect(url_for("replies.show", key=key))


def _refused(key: int, error: Invalid) -> Response:
    flash(" ".join(error.problems.values()), "bad")
    return redirect(url_for("replies.show", key=key))
