"""The values of a digest's tokens, read for a whole claim at once."""

from collections.abc import Container, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.affiliates.values import AffiliateValues
from webapp.digests import news
from webapp.digests.models import DigestEdition, EditionOffer
from webapp.mail.tokens import TOKENS
from webapp.mail.tokens.catalogue import OFFER_DIGEST
from webapp.mail.tokens.lists import LISTS
from webapp.offers.values import OfferValues

EVERYTHING = frozenset((*TOKENS, *LISTS))


class DigestValues(OfferValues):
    """Implements `webapp.mail.ports.RecipientValues` for digests and for any other mail."""

    def load(
        self,
        session: Session,
        recipient_ids: Sequence[int],
        about: str = "",
        wanted: Container[str] = EVERYTHING,
    ) -> dict[int, Mapping[str, str]]:
        """The values of the affiliates; in a digest the list `offers` holds what is new for each of them."""
        kind, _, content = about.partition(":")
        if kind != OFFER_DIGEST:
            return super().load(session, recipient_ids, about, wanted)
        edition = _edition(session, content)
        people = AffiliateValues().load(session, recipient_ids, wanted=TOKENS)
        offers = session.scalars(
            select(EditionOffer.offer_id).where(EditionOffer.edition_id == edition)
        ).all()
        lists = news.lists(session, people, offers, wanted, edition=edition)
        return {number: {**values, "offers": lists[number]} for number, values in people.items()}


def _edition(session: Session, content: str) -> int | None:
    if not (content.isascii() and content.isdecimal()):
        return None
    return session.scalar(select(DigestEdition.id).where(DigestEdition.content_id == int(content)))
