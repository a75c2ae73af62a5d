"""The mail before it leaves: in the frame, in words beside the editor, and as a test in a colleague's mailbox."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from webapp.broadcasts import access, mail_check, page, previews, trying
from webapp.broadcasts.content import context_of, draft_of
from webapp.broadcasts.forms import MessageForm
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.routes import blueprint
from webapp.errors import Conflict, Invalid
from webapp.mail.compose import TokenProblems
from webapp.mail.states import FINAL
from webapp.mail_templates.looking import in_colours, seen_with, values_of
from webapp.mailcheck import page as check_page
from webapp.web.access import needs
from webapp.web.headers import as_mail_preview
from webapp.web.session import db, desk

POLLING_ENDS = 286


@blueprint.get("/preview")
@needs(*access.WRITES)
def blank() -> Response:
    return as_mail_preview(render_template("editor/no_preview.html", problems=[]))


@blueprint.post("/preview")
@needs(*access.WRITES)
def preview_typed() -> Response:
    """What stands in the editor now, for the frame."""
    form, broadcast = _form()
    look = page.look_at(form, broadcast)
    if look.seen is None:
        return as_mail_preview(render_template("editor/no_preview.html", problems=look.problems))
    return as_mail_preview(in_colours(look.seen.preview.html, request.form.get("colours", "")))


@blueprint.get("/<int:broadcast_id>/preview/<int:affiliate_id>")
@needs(*access.WRITES, access.APPROVE)
def preview(broadcast_id: int, affiliate_id: int) -> Response:
    """The stored message as this affiliate sees it."""
    broadcast = access.find(db(), current_user, broadcast_id)
    affiliate = previews.find(db(), current_user, affiliate_id)
    try:
        draft, offer = draft_of(db(), desk().config, broadcast), broadcast.offer_cid
        seen = seen_with(draft, values_of(db(), draft, affiliate, offer), context_of(offer))
    except TokenProblems as error:
        return as_mail_preview(render_template("editor/no_preview.html", problems=error.found))
    return as_mail_preview(in_colours(seen.preview.html, request.args.get("colours", "")))


@blueprint.post("/check")
@needs(*access.WRITES)
def check() -> str:
    """What is wrong with the draft, and what the chosen affiliate sees of it: a part of the page."""
    form, broadcast = _form()
    return render_template("editor/_look.html", form=form, look=page.look_at(form, broadcast), part=True)


@blueprint.route("/<int:broadcast_id>/mail-check", methods=["GET", "POST"])
@needs(*access.WRITES)
def judge(broadcast_id: int) -> str:
    """The mails of three recipients before the rules of receivers; when it is pressed also what others say of them."""
    broadcast = access.find_own(db(), current_user, broadcast_id)
    access.check_audience(db(), current_user, broadcast.audience)
    crumbs = [
        ("Messages", url_for("broadcasts.index")),
        (broadcast.name, url_for("broadcasts.review", broadcast_id=broadcast.id)),
    ]
    skipping = request.args.get("missing") != "send"
    here = url_for("broadcasts.judge", broadcast_id=broadcast.id, missing=None if skipping else "send")
    try:
        found = mail_check.check(desk(), db(), broadcast, skipping=skipping)
    except TokenProblems as error:
        return check_page.answer(broadcast.name, crumbs, None, error.found, here)
    return check_page.answer(broadcast.name, crumbs, found, [], here)


@blueprint.post("/audience")
@needs(*access.WRITES)
def audience() -> str:
    """How many it reaches: a part of the page."""
    form, broadcast = _form()
    return render_template("broadcasts/_audience.html", counted=page.count(form, broadcast))


@blueprint.route("/<int:broadcast_id>/test", methods=["GET", "POST"])
@needs(*access.WRITES)
def test(broadcast_id: int) -> AnyResponse | str:
    """Ask whom to send a test to, and send it."""
    broadcast = access.find_own(db(), current_user, broadcast_id)
    try:
        if request.method == "POST":
            return _tested(broadcast)
    except (Invalid, Conflict) as error:
        flash(str(error), "bad")
        return redirect(url_for("broadcasts.test", broadcast_id=broadcast.id))
    author = page.drafts_author(broadcast)
    chosen = request.args.get("affiliate", type=int)
    people = previews.candidates(db(), current_user, broadcast.audience, author, chosen)
    users = trying.colleagues(db(), current_user)
    return render_template(
        "broadcasts/test.html", broadcast=broadcast, people=people, users=users, chosen=chosen
    )


@blueprint.get("/<int:broadcast_id>/test/<int:mail_id>")
@needs(*access.WRITES)
def tested(broadcast_id: int, mail_id: int) -> str | tuple[str, int]:
    """What became of the test mail; as a part of the page while it is not final."""
    broadcast = access.find_own(db(), current_user, broadcast_id)
    mail = trying.find(db(), broadcast, mail_id)
    tested_url = url_for("broadcasts.tested", broadcast_id=broadcast.id, mail_id=mail.id)
    if request.headers.get("HX-Request"):
        answer = render_template("editor/_tested.html", mail=mail, tested_url=tested_url)
        return (answer, POLLING_ENDS) if mail.state in FINAL else answer
    return render_template("broadcasts/tested.html", broadcast=broadcast, mail=mail, tested_url=tested_url)


def _tested(broadcast: Broadcast) -> AnyResponse:
    affiliate = previews.find(db(), current_user, request.form.get("as", 0, type=int))
    to = request.form.get("to", current_user.id, type=int)
    mail = trying.send(db(), desk().config, desk().vault, current_user, broadcast, affiliate, to)
    return redirect(url_for("broadcasts.tested", broadcast_id=broadcast.id, mail_id=mail.id))


def _form() -> tuple[MessageForm, Broadcast | None]:
    """The form as it was posted, and the message it belongs to once that is stored."""
    number = request.form.get("message", type=int)
    broadcast = access.find_own(db(), current_user, number) if number else None
    return MessageForm.for_draft(db(), current_user, broadcast), broadcast
