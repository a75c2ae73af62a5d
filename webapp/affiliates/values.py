"""The token values of affiliates, read for a whole claim with one query."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.among import among

# Canonical token name in lower case → where its value lies. The order is that of the query's columns.
COLUMNS: dict[str, SQLCoreOperations[Any]] = {
    "affiliate.id": Affiliate.affiliate_id,
    "affiliate.firstname": Affiliate.first_name,
    "affiliate.lastname": Affiliate.last_name,
    "affiliate.companyname": Affiliate.company,
    "affiliate.groupname": AffiliateGroup.name,
    "affiliate.groupid": cast(AffiliateGroup.id, String),
    "affiliate.altid": Affiliate.alt_id,
    "affiliate.additionaldata1": Affiliate.additional_data1,
    "affiliate.additionaldata2": Affiliate.additional_data2,
    "affiliate.email": Affiliate.email,
    "affiliate.username": Affiliate.user_name,
    "affiliatemanager.firstname": User.first_name,
    "affiliatemanager.lastname": User.last_name,
    "affiliatemanager.email": User.email,
    "affiliatemanager.phone": User.phone,
    "affiliatemanager.im": User.im,
    "affiliatemanager.picture": User.picture,
}

_NAMES = tuple(COLUMNS)
QUERY: Select[*tuple[Any, ...]] = (
    select(Affiliate.id, *(func.coalesce(column, "") for column in COLUMNS.values()))
    .outerjoin(AffiliateGroup, AffiliateGroup.id == Affiliate.group_id)
    .outerjoin(User, User.id == Affiliate.manager_id)
)


class AffiliateValues:
    """Implements `webapp.mail.ports.RecipientValues`."""

    def load(
        self,
        session: Session,
        recipient_ids: Sequence[int],
        about: str = "",
        wanted: Container[str] = COLUMNS,
    ) -> dict[int, Mapping[str, str]]:
        """Values by affiliate. Who was deleted meanwhile is not in the answer; what is not known is an empty text."""
        return {row[0]: own_values(row) for row in rows_of(session, recipient_ids)}


def own_values(row: Sequence[Any]) -> dict[str, str]:
    """The affiliate's values in a row of `QUERY`, which may have further columns behind its own."""
    return dict(zip(_NAMES, row[1 : len(_NAMES) + 1], strict=True))


def rows_of(
    session: Session, recipient_ids: Sequence[int], query: Select[*tuple[Any, ...]] = QUERY
) -> Iterator[Sequence[Any]]:
    """The rows of these affiliates."""
    yield from session.connection().execute(query.where(among(Affiliate.id, recipient_ids)))
