"""What programs may read and write as lists: affiliates, offers, assignments. One more list is one more row of `RESOURCES`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates.details import CLEANERS, STATUSES
from webapp.api import changing, reading
from webapp.api.fields import Field, fields_of
from webapp.api.reading import Asked, Found
from webapp.imports.cleaning import Cleaners
from webapp.imports.kinds import Kind, kind_of
from webapp.imports.plan import Importer
from webapp.offers.details import ASSIGNMENT, OFFER, STATES, TYPES
from webapp.offers.details import STATUSES as OFFER_STATUSES


@dataclass(frozen=True)
class Resource:
    """`keys` find one item; `filters` narrow the list by exact values; `example` is an item as somebody would send it."""

    slug: str
    keys: tuple[str, ...]
    filters: tuple[str, ...]
    cleaners: Cleaners
    values: Mapping[str, tuple[str, ...]]
    read: Callable[[Session, User, Asked], Found]
    change: Callable[[Session, User, Mapping[str, str], Mapping[str, str]], None]
    unchangeable: tuple[str, ...]
    example: Mapping[str, object]

    @property
    def kind(self) -> Kind:
        return kind_of(self.slug)

    def importer(self, user: User) -> Importer:
        """What this user may do by a list: no more than by a file."""
        return replace(self.kind.importer(user), counted="Item")

    @property
    def place(self) -> str:
        """The address of one item, behind that of the list."""
        return "".join(f"/<{name}>" for name in self.keys)

    @cached_property
    def fields(self) -> dict[str, Field]:
        return fields_of(self.kind.columns.labels, self.cleaners, self.example, self.values)

    @property
    def changeable(self) -> dict[str, Field]:
        """The fields that PATCH takes."""
        return {name: field for name, field in self.fields.items() if name not in self.unchangeable}


AFFILIATES = Resource(
    slug="affiliates",
    keys=("affiliate_id",),
    filters=("affiliate_id", "email", "status"),
    cleaners=CLEANERS,
    values={"status": STATUSES},
    read=reading.affiliates,
    change=changing.affiliate,
    unchangeable=(),
    example={
        "affiliate_id": "10021",
        "email": "ana@brightpath.example",
        "first_name": "Ana",
        "last_name": "Reyes",
        "company": "Brightpath",
        "group": "Solar",
        "status": "active",
        "tags": ["email", "seo"],
        "country": "GB",
        "language": "en",
    },
)
OFFERS = Resource(
    slug="offers",
    keys=("cid",),
    filters=("cid", "status"),
    cleaners=OFFER,
    values={"status": OFFER_STATUSES, "type": tuple(TYPES)},
    read=reading.offers,
    change=changing.offer,
    unchangeable=("cid",),
    example={
        "cid": "3071",
        "name": "Solara Home DE",
        "title": "Solara Home",
        "description": "<p>Solar panels on a lease.</p>",
        "payout": "24.00",
        "currency": "EUR",
        "type": "CPL",
        "status": "active",
        "end_date": "2031-12-31",
        "tracking_url": "https://track.northlight.example/c/[=CID=]?a=[=Affiliate.ID=]",
        "subject_lines": ["Sun on your roof", "A roof that pays"],
        "monthly_cap": 500,
    },
)
ASSIGNMENTS = Resource(
    slug="assignments",
    keys=("cid", "affiliate_id"),
    filters=("cid", "affiliate_id", "state"),
    cleaners=ASSIGNMENT,
    values={"state": STATES},
    read=reading.assignments,
    change=changing.assignment,
    unchangeable=("cid", "affiliate_id"),
    example={
        "affiliate_id": "10021",
        "cid": "3071",
        "state": "approved",
        "payout": "26.50",
        "tracking_url": "https://track.northlight.example/c/3071?a=10021&s=1",
        "cap": 50,
    },
)
RESOURCES = (AFFILIATES, OFFERS, ASSIGNMENTS)
