"""The token values of affiliates, read for a whole claim with one query."""

from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.among import among_numbers

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
_ADDRESSING = frozenset(("affiliate.email", "affiliate.firstname", "affiliate.lastname"))  # of the To field


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
        names = tuple([name for name in _NAMES if name in wanted or name in _ADDRESSING])
        rows = rows_of(session, recipient_ids, query_of(names))
        return {number: dict(zip(names, values, strict=True)) for number, *values in rows}


def own_values(row: Sequence[Any]) -> dict[str, str]:
    """The affiliate's values in a row of `QUERY`, which may have further columns behind its own."""
    return dict(zip(_NAMES, row[1 : len(_NAMES) + 1], strict=True))


@lru_cache(maxsize=64)
def query_of(names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    """The affiliates' ids and their values of these names, in this order."""
    return (
        select(Affiliate.id, *(func.coalesce(COLUMNS[name], "") for name in names))
        .outerjoin(AffiliateGroup, AffiliateGroup.id == Affiliate.group_id)
        .outerjoin(User, User.id == Affiliate.manager_id)
    )


QUERY = query_of(_NAMES)


def rows_of(
    session: Session, recipient_ids: Sequence[int], query: Select[*tuple[Any, ...]] = QUERY
) -> Sequence[Sequence[Any]]:
    """The rows of these affiliates."""
    return session.connection().execute(_of_some(query), {"ids": list(recipient_ids)}).all()


@lru_cache(maxsize=64)
def _of_some(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.where(among_numbers(Affiliate.id, "ids"))
