"""What the editor's page shows beside the form: audience, preview, tokens, problems."""

from dataclasses import astuple, dataclass

from flask import render_template, request
from flask_login import current_user

from webapp.accounts.models import User
from webapp.broadcasts import access, previews
from webapp.broadcasts.content import context_of, draft_from, scopes_of
from webapp.broadcasts.drafts import author_of, problems_of
from webapp.broadcasts.forms import MessageForm
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reach import Reach, Someone, left_out, names_of, needed, reach
from webapp.errors import Invalid
from webapp.mail.compose import Draft
from webapp.mail_templates.looking import Look, offered, values_of
from webapp.mail_templates.queries import templates
from webapp.mail_templates.texts import Text
from webapp.web.session import db, desk


@dataclass(frozen=True)
class Counted:
    """The audience in numbers, or why it can't be counted."""

    reach: Reach | None
    names: list[Someone]
    lacks: list[str]
    refusal: str = ""


def editor(form: MessageForm, broadcast: Broadcast | None, error: Invalid | None = None) -> str:
    """The page; after a refusal with everything that was typed still in it."""
    if error is not None:
        form.refuse(error)
    return render_template(
        "broadcasts/edit.html",
        form=form,
        broadcast=broadcast,
        look=look_at(form, broadcast),
        counted=count(form, broadcast),
        refused=error is not None,
        templates=templates(db()) if broadcast is None else [],
    )


def look_at(form: MessageForm, broadcast: Broadcast | None) -> Look:
    draft = typed(form)
    offer = offer_of(form)
    look = Look(draft, problems_of(draft, offer))
    chosen = request.values.get("as", type=int)
    people = previews.candidates(db(), current_user, _expression(form), drafts_author(broadcast), chosen)
    look.choose(people, chosen)
    values = values_of(db(), draft, look.affiliate, offer) if look.affiliate else {}
    look.tokens = offered(values, context_of(offer))
    if look.affiliate:
        look.fill(values, context_of(offer))
    return look


def count(form: MessageForm, broadcast: Broadcast | None) -> Counted:
    keys = needed(db(), *astuple(_text(form)), offer=offer_of(form))
    try:
        expression = form.expression()
        access.check_audience(db(), current_user, expression)
        asked = (
            db(),
            expression,
            drafts_author(broadcast),
            scopes_of(form.kind.data or "", offer_of(form)),
            keys,
        )
        return Counted(reach(*asked), left_out(*asked, "names")[:3], names_of(keys))
    except Invalid as error:
        return Counted(None, [], [], " ".join(error.problems.values()))


def typed(form: MessageForm) -> Draft:
    """The draft as it stands in the form, saved or not."""
    number = form.sender.data or ""
    sender = db().get(User, int(number)) if number and number in (form.sender.choices or ()) else None
    return draft_from(db(), desk().config, _text(form), form.kind.data or "announcement", sender)


def offer_of(form: MessageForm) -> str:
    """The CID of the offer that is chosen in the form; one that the user may not see counts as none."""
    chosen = form.offer.data or ""
    return chosen if chosen in (form.offer.choices or ()) else ""


def _text(form: MessageForm) -> Text:
    return Text(
        subject=form.subject.data or "",
        html=(form.html.data or "").replace("\r\n", "\n"),
        preheader=form.preheader.data or "",
        text=(form.text.data or "").replace("\r\n", "\n"),
    )


def drafts_author(broadcast: Broadcast | None) -> User | None:
    """Whose affiliates “my affiliates” are: the author of a stored message, or else the present user."""
    return author_of(db(), broadcast) if broadcast else db().get(User, current_user.id)


def _expression(form: MessageForm) -> str:
    try:
        return form.expression()
    except Invalid:
        return "my"
