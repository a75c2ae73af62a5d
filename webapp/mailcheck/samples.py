"""Whose mails are looked at: somebody with long values, somebody of whom much is missing, and the first one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, String, case, cast, func, literal, select
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate

_SAID = (
    *(Affiliate.first_name, Affiliate.last_name, Affiliate.company, Affiliate.alt_id),
    *(Affiliate.additional_data1, Affiliate.additional_data2),
)
EXAMPLE = "affiliate@example.com"


@dataclass(frozen=True)
class Sample:
    """A recipient; `affiliate` None stands for example values."""

    why: str
    affiliate: Affiliate | None

    @property
    def name(self) -> str:
        return self.affiliate.name if self.affiliate else "example values"

    @property
    def address(self) -> str:
        return self.affiliate.email if self.affiliate else EXAMPLE


def pick(session: Session, people: Select[Any]) -> list[Sample]:
    """At most three of the affiliates whose ids the query gives, each once; example values when there is nobody."""
    inside = Affiliate.id.in_(people)
    orders = {
        "the longest values": (_length().desc(), Affiliate.id),
        "the most values missing": (_gaps().desc(), Affiliate.id),
        "the first": (Affiliate.id,),
    }
    found: dict[int, Sample] = {}
    for why, order in orders.items():
        one = session.scalars(select(Affiliate).where(inside).order_by(*order).limit(1)).first()
        if one is not None:
            found.setdefault(one.id, Sample(why, one))
    return list(found.values()) or [Sample("nobody is there yet", None)]


def _length() -> ColumnElement[int]:
    lengths = (func.length(cast(func.coalesce(column, ""), String)) for column in _SAID)
    return sum(lengths, literal(0, Integer))


def _gaps() -> ColumnElement[int]:
    gaps = (case((func.coalesce(column, "") == "", 1), else_=0) for column in _SAID)
    return sum(gaps, literal(0, Integer))
