"""A message as one real affiliate would get it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.audience import audience_query
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.access import ALL
from webapp.broadcasts.content import context_of
from webapp.errors import Invalid, NotFound
from webapp.mail.compose import CompiledMessage, Draft, compile_message
from webapp.mail.compose.compiled import Preview
from webapp.mail.tokens import TokenSpec, available
from webapp.offers.values import OfferValues

CHOICE = 50
CLIPPED = 102 * 1024  # the large providers show no more of a mail than this


@dataclass(frozen=True)
class Seen:
    """What an affiliate would see, and which of the values it lacks."""

    affiliate: Affiliate
    preview: Preview
    missing: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Offered:
    """A token of the picker with its value for the previewed affiliate."""

    spec: TokenSpec
    value: str


def allowed(user: User) -> ColumnElement[bool]:
    """The affiliates as whom this user may look at a mail: those to whom he may write."""
    return true() if user.may(ALL) else Affiliate.manager_id == user.id


def find(session: Session, user: User, affiliate_id: int) -> Affiliate:
    query = select(Affiliate).where(Affiliate.id == affiliate_id, allowed(user))
    affiliate = session.scalars(query).one_or_none()
    if affiliate is None:
        raise NotFound("There is no such affiliate among those to whom you may write.")
    return affiliate


def candidates(
    session: Session, user: User, expression: str, author: User | None, chosen: int | None
) -> Sequence[Affiliate]:
    """The first of the audience, and whoever is being looked at; with an empty audience any whom the user may reach."""
    try:
        inside = audience_query(session, expression, author).subquery()
    except Invalid:
        inside = None
    reachable = select(Affiliate).where(allowed(user)).order_by(Affiliate.id)
    found: list[Affiliate] = []
    if inside is not None:
        found = list(session.scalars(reachable.where(Affiliate.id.in_(select(inside.c.id))).limit(CHOICE)))
    found = found or list(session.scalars(reachable.limit(CHOICE)))
    if chosen is not None and chosen not in [one.id for one in found]:
        found = [*session.scalars(reachable.where(Affiliate.id == chosen)), *found]
    return found


def values_of(session: Session, draft: Draft, affiliate: Affiliate, offer: str = "") -> dict[str, str]:
    """Token values of the affiliate, of the network, and of the offer (by CID) as this affiliate has it."""
    own = OfferValues().load(session, [affiliate.id], offer).get(affiliate.id, {})
    return {**_network(draft), **own}


def seen_by(session: Session, draft: Draft, affiliate: Affiliate, offer: str = "") -> Seen:
    """The filled mail; `TokenProblems` when the draft can't be compiled."""
    compiled = compile_message(draft, context=context_of(offer))
    return look(compiled, values_of(session, draft, affiliate, offer), affiliate)


def look(compiled: CompiledMessage, values: Mapping[str, str], affiliate: Affiliate) -> Seen:
    preview = compiled.preview(values)
    return Seen(affiliate, preview, compiled.missing(values), len(preview.html.encode()))


def offered(values: Mapping[str, str], offer: str = "") -> list[tuple[str, list[Offered]]]:
    """The tokens of a message by group, with the values that they have."""
    groups: dict[str, list[Offered]] = {}
    for spec in available(context_of(offer)):
        groups.setdefault(spec.group, []).append(Offered(spec, values.get(spec.key, "")))
    return list(groups.items())


def _network(draft: Draft) -> dict[str, str]:
    return {
        "network.name": draft.network_name,
        "network.address": draft.postal_address,
        "network.loginurl": draft.public_url,
        "sender.name": draft.from_name,
        "sender.email": draft.from_address,
    }
