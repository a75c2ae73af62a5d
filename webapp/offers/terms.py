"""An offer's terms in words, as one affiliate has them."""

from datetime import date
from decimal import Decimal
from typing import Protocol

from webapp.offers.details import REVSHARE
from webapp.offers.money import bare, written


class Paying(Protocol):
    """An offer, or a row of its table."""

    @property
    def type(self) -> str: ...
    @property
    def payout(self) -> Decimal | None: ...
    @property
    def currency(self) -> str: ...


def shown_payout(offer: Paying, own: Decimal | None) -> str:
    """ "$24.00", or "40 %" of the revenue; the affiliate's own payout where there is one; "" when nothing is set."""
    value = offer.payout if own is None else own
    if value is None:
        return ""
    return f"{_share(value)} %" if offer.type == REVSHARE else written(value, offer.currency)


def bare_payout(offer: Paying, own: Decimal | None) -> str:
    """The same as a number alone: "24.00"."""
    value = offer.payout if own is None else own
    if value is None:
        return ""
    return _share(value) if offer.type == REVSHARE else bare(value, offer.currency)


def shown_day(day: date | None) -> str:
    """ "31 December 2026", or ""."""
    return f"{day.day} {day:%B %Y}" if day else ""


def _share(value: Decimal) -> str:
    return format(value.normalize(), "f")
