"""What the editor's page shows beside the form: audience, preview, tokens, problems."""

from dataclasses import dataclass, field

from flask import render_template, request
from flask_login import current_user

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate
from webapp.broadcasts import access, previews
from webapp.broadcasts.content import draft_from
from webapp.broadcasts.drafts import author_of, problems_of
from webapp.broadcasts.forms import MessageForm
from webapp.broadcasts.models import Broadcast
from webapp.broadcasts.reach import Reach, Someone, left_out, names_of, needed, reach
from webapp.errors import Invalid
from webapp.mail.compose import Draft, TokenProblems
from webapp.mail.compose.draft import Class
from webapp.mail.tokens import Problem, suggested
from webapp.web.session import db, desk


@dataclass
class Look:
    """The draft seen as one affiliate: `seen` is None while it can't be compiled."""

    draft: Draft
    problems: list[Problem]
    candidates: list[Affiliate] = field(default_factory=list)
    affiliate: Affiliate | None = None
    seen: previews.Seen | None = None
    tokens: list[tuple[str, list[previews.Offered]]] = field(default_factory=list)

    def beside(self, step: int) -> Affiliate | None:
        """The affiliate before or after this one in the choice."""
        ids = [one.id for one in self.candidates]
        place = ids.index(self.affiliate.id) + step if self.affiliate else -1
        return self.candidates[place] if 0 <= place < len(ids) else None


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
    )


def look_at(form: MessageForm, broadcast: Broadcast | None) -> Look:
    draft = typed(form)
    offer = offer_of(form)
    look = Look(draft, problems_of(draft, offer))
    chosen = request.values.get("as", type=int)
    look.candidates = list(
        previews.candidates(db(), current_user, _expression(form), drafts_author(broadcast), chosen)
    )
    look.affiliate = next((one for one in look.candidates if one.id == chosen), None)
    look.affiliate = look.affiliate or next(iter(look.candidates), None)
    values = previews.values_of(db(), draft, look.affiliate, offer) if look.affiliate else {}
    look.tokens = previews.offered(values, offer)
    if look.affiliate and not look.problems:
        try:
            look.seen = previews.seen_by(db(), draft, look.affiliate, offer)
        except TokenProblems:
            look.seen = None  # the identity or an empty field is missing; the page says so where it is
    return look


def count(form: MessageForm, broadcast: Broadcast | None) -> Counted:
    keys = needed(db(), form.subject.data or "", form.html.data or "", offer_of(form))
    try:
        expression = form.expression()
        access.check_audience(db(), current_user, expression)
        asked = (db(), expression, drafts_author(broadcast), form.kind.data or "", keys)
        return Counted(reach(*asked), left_out(*asked, "names")[:3], names_of(keys))
    except Invalid as error:
        return Counted(None, [], [], " ".join(error.problems.values()))


def typed(form: MessageForm) -> Draft:
    """The draft as it stands in the form, saved or not."""
    kind: Class = "operational" if form.kind.data == "operational" else "announcement"
    number = form.sender.data or ""
    sender = db().get(User, int(number)) if number and number in (form.sender.choices or ()) else None
    html = (form.html.data or "").replace("\r\n", "\n")
    return draft_from(db(), desk().config, form.subject.data or "", html, kind, sender)


def offer_of(form: MessageForm) -> str:
    """The CID of the offer that is chosen in the form; one that the user may not see counts as none."""
    chosen = form.offer.data or ""
    return chosen if chosen in (form.offer.choices or ()) else ""


def replacement(problem: Problem) -> str:
    """The token that a lint line offers to put in place of the wrong one, or ""."""
    name = problem.token.strip("[=]").partition("|")[0].strip()
    return suggested(name) if problem.token.startswith("[=") and "Did you mean" in problem.suggestion else ""


def drafts_author(broadcast: Broadcast | None) -> User | None:
    """Whose affiliates “my affiliates” are: the author of a stored message, or else the present user."""
    return author_of(db(), broadcast) if broadcast else db().get(User, current_user.id)


def _expression(form: MessageForm) -> str:
    try:
        return form.expression()
    except Invalid:
        return "my"
