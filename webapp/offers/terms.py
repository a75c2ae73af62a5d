"""An offer's terms in words, as one affiliate has them."""

from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from webapp.offers.details import REVSHARE, type_label
from webapp.offers.links import filler
from webapp.offers.money import bare, written

APPROVED = "approved"


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


def fixed(offer: Any) -> dict[str, str]:
    """What is the same for every affiliate."""
    return {
        "offername": offer.title or offer.name,
        "cid": offer.cid,
        "offerdescription": offer.description,
        "offerenddate": shown_day(offer.end_date),
        "offertype": type_label(offer.type),
        "offerlogo": offer.logo_url,
        "offerspecialinstructions": offer.special_instructions,
        "offersuppressionlisturl": offer.suppression_list_url,
        "offerfromlines": offer.from_lines,
        "offersubjectlines": offer.subject_lines,
    }


class Terms:
    """What depends on the affiliate, with all that doesn't worked out once a claim."""

    def __init__(self, offer: Any) -> None:
        self._offer = offer
        self._link = filler(offer.tracking_url)
        self._payouts: dict[Decimal | None, tuple[str, str]] = {}

    def put(
        self, values: dict[str, str], state: str | None, payout: Decimal | None, link: str | None
    ) -> None:
        """Add an affiliate's own terms to his values; state, payout and link are those of his assignment, or None."""
        runs = state == APPROVED
        values["cid"] = self._offer.cid
        values["offerpayout"], values["offerpayoutnocurrencysymbol"] = self._payout(payout if runs else None)
        values["trackingurl"] = (link or self._link(values)) if runs else ""

    def _payout(self, own: Decimal | None) -> tuple[str, str]:
        if own not in self._payouts:
            self._payouts[own] = shown_payout(self._offer, own), bare_payout(self._offer, own)
        return self._payouts[own]


def _share(value: Decimal) -> str:
    return format(value.normalize(), "f")
