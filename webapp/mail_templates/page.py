"""What stands beside the editor of a template: preview, tokens, problems. Event tokens show example values."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.access import sees_details, visible
from webapp.affiliates.models import Affiliate
from webapp.config import Config
from webapp.mail.compose import Draft
from webapp.mail.tokens.catalogue import OFFER_DIGEST, example_values
from webapp.mail.tokens.lists import example_lists
from webapp.mail_templates import letterhead
from webapp.mail_templates.looking import Look, network_values, offered, values_of
from webapp.mail_templates.texts import Text, problems_of

CHOICE = 50


def look_at(
    session: Session, config: Config, user: User, text: Text, kind: str, context: str, chosen: int | None
) -> Look:
    """The text as one affiliate would see it, or with example values when nobody is chosen."""
    draft = letterhead.draft(session, config, text, kind)
    look = Look(draft, [one for one in problems_of(text, context) if _is_written(text, one.field)])
    look.candidates = candidates(session, user, chosen)
    look.affiliate = next((one for one in look.candidates if one.id == chosen), None)
    values = values_for(session, draft, context, look.affiliate)
    look.tokens = offered(values, context)
    look.fill(values, context)
    return look


def candidates(session: Session, user: User, chosen: int | None) -> list[Affiliate]:
    """As whom the user may look at a mail: those whose details he sees."""
    if not sees_details(user):
        return []
    seen = select(Affiliate).where(visible(user)).order_by(Affiliate.id)
    found = list(session.scalars(seen.limit(CHOICE)))
    if chosen is not None and chosen not in [one.id for one in found]:
        found = [*session.scalars(seen.where(Affiliate.id == chosen)), *found]
    return found


def values_for(session: Session, draft: Draft, context: str, affiliate: Affiliate | None) -> dict[str, str]:
    """The affiliate's and the network's own values; whatever an event or an offer would bring is an example."""
    own = values_of(session, draft, affiliate) if affiliate else network_values(draft)
    known = own if affiliate else {key: value for key, value in own.items() if value}
    examples = {**example_values(context), **example_lists(context)}
    if context == OFFER_DIGEST:  # those that he runs are the very ones that are not in it
        known = {key: value for key, value in known.items() if key != "offers"}
    return {**examples, **known}


def _is_written(text: Text, field: str) -> bool:
    """A field that is still empty is no problem while somebody writes."""
    return bool(str(getattr(text, field, "x")).strip())
