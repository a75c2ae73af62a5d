"""Between the texts of forms and files and the columns of the tables."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from webapp.offers.details import OFFER, as_date
from webapp.offers.money import bare, read_amount

_WHOLE = ("daily_cap", "monthly_cap", "total_cap", "cap")


def typed(values: Mapping[str, str]) -> dict[str, Any]:
    """Cleaned texts as what the columns hold."""
    found: dict[str, Any] = dict(values)
    for name, value in values.items():
        if name == "payout":
            found[name] = read_amount(value)
        elif name in ("start_date", "end_date"):
            found[name] = as_date(value)
        elif name in _WHOLE:
            found[name] = int(value) if value else None
    return found


def as_text(value: object) -> str:
    """What a column holds, as the cleaners would write it."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return bare(value, "USD")
    return value.isoformat() if isinstance(value, date) else str(value)


def stored_values(offer: Any, manager_email: str) -> dict[str, str]:
    """An offer (or a row of its table) as texts by field."""
    values = {name: as_text(getattr(offer, name)) for name in OFFER if name != "manager_email"}
    return {**values, "manager_email": manager_email}
