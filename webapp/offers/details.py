"""What is asked of the data of offers, creatives and assignments, whoever brings it."""

import re
from datetime import date
from functools import lru_cache, partial

from webapp.imports.cleaning import Cleaners, Refusal, day, line, text
from webapp.mail.compose.escaping import html_fragment
from webapp.offers.links import address, pattern
from webapp.offers.money import DIGITS, LARGEST, bare, read_amount

STATUSES = ("draft", "active", "paused", "ended")
STATES = ("requested", "approved", "denied", "blocked")
CREATIVES = ("banner", "link", "text", "mail")
LONGEST_HTML = 64 * 1024
TYPES = {
    "CPA": "Cost per action",
    "CPL": "Cost per lead",
    "CPS": "Cost per sale",
    "CPI": "Cost per install",
    "CPC": "Cost per click",
    "CPM": "Cost per 1,000 views",
    "RevShare": "Share of the revenue",
}
REVSHARE = "RevShare"

_TYPE_WORDS = {
    "": "CPA",
    "action": "CPA",
    "lead": "CPL",
    "sale": "CPS",
    "install": "CPI",
    "click": "CPC",
    "impression": "CPM",
    "revenueshare": REVSHARE,
    "share": REVSHARE,
} | {name.lower(): name for name in TYPES}
_STATUS_WORDS = {
    "": "active",
    "live": "active",
    "running": "active",
    "approved": "active",
    "enabled": "active",
    "open": "active",
    "pending": "draft",
    "new": "draft",
    "inactive": "paused",
    "suspended": "paused",
    "onhold": "paused",
    "expired": "ended",
    "closed": "ended",
    "archived": "ended",
    "deleted": "ended",
    "disabled": "ended",
}
_STATE_WORDS = {
    "": "approved",
    "active": "approved",
    "running": "approved",
    "accepted": "approved",
    "pending": "requested",
    "applied": "requested",
    "waiting": "requested",
    "declined": "denied",
    "rejected": "denied",
    "banned": "blocked",
    "removed": "blocked",
}


def offer_type(value: str) -> str:
    """A known code in its own spelling; whatever else a network calls its types stays as written."""
    value = line(value, most=40, what="type")
    return _TYPE_WORDS.get(re.sub(r"[\W_]|^costper|^per", "", value.lower()), value)


def html(value: str, *, what: str) -> str:
    """Harmless HTML only: what is not on the list of mail's own tags is taken out."""
    return html_fragment(text(value, most=LONGEST_HTML, what=what)).strip()


@lru_cache(maxsize=10_000)  # a list of a million assignments has a few hundred of them
def payout(value: str) -> str:
    """An amount in its shortest spelling, or ""."""
    try:
        amount = read_amount(value)
    except ValueError:
        words = f"“{value.strip()[:40]}” is no payout. Write a plain number such as 24.00, up to {LARGEST}, "
        raise Refusal(words + "without sign or thousands separator, with at most four decimals.") from None
    return "" if amount is None else bare(amount, "USD")


def currency(value: str) -> str:
    """A code of ISO 4217; nothing is US dollars."""
    value = value.strip().upper() or "USD"
    if value not in DIGITS:
        raise Refusal(f"“{value[:20]}” is no currency of ISO 4217. Use three letters such as USD or EUR.")
    return value


def cap(value: str) -> str:
    """A whole number of conversions, or "" for no cap."""
    value = value.strip()
    if value and not (value.isascii() and value.isdecimal() and 0 < int(value) <= 1_000_000_000):
        raise Refusal(f"“{value[:40]}” is no cap. Write a whole number above 0, or leave it empty.")
    return str(int(value)) if value else ""


def lines(value: str, *, what: str) -> str:
    """Several lines, none of them empty."""
    every = [one.strip() for one in text(value, most=5_000, what=what).split("\n")]
    return "\n".join(one for one in every if one)


def _one_of(value: str, words: dict[str, str], allowed: tuple[str, ...], what: str) -> str:
    word = re.sub(r"[\W_]", "", value.lower())
    word = words.get(word, word)
    if word not in allowed:
        raise Refusal(f"“{value.strip()[:40]}” is no {what}. Use {', '.join(allowed[:-1])} or {allowed[-1]}.")
    return word


def _cid(value: str) -> str:
    value = line(value, most=60, what="CID")
    if not value:
        raise Refusal("No CID, and an offer is found by it. Fill it in.")
    return value


def _name(value: str) -> str:
    value = line(value, most=200, what="name")
    if not value:
        raise Refusal("No name. Write what your team calls the offer.")
    return value


OFFER: Cleaners = {
    "cid": _cid,
    "name": _name,
    "title": partial(line, most=200, what="public title"),
    "description": partial(html, what="description"),
    "payout": payout,
    "currency": currency,
    "type": offer_type,
    "category": partial(line, most=100, what="category"),
    "status": lambda value: _one_of(value, _STATUS_WORDS, STATUSES, "status"),
    "start_date": partial(day, what="start"),
    "end_date": partial(day, what="end"),
    "tracking_url": partial(pattern, what="tracking URL"),
    "special_instructions": partial(html, what="text of the special instructions"),
    "from_lines": partial(lines, what="list of from lines"),
    "subject_lines": partial(lines, what="list of subject lines"),
    "suppression_list_url": partial(address, what="suppression list’s address"),
    "logo_url": partial(address, what="logo’s address"),
    "daily_cap": cap,
    "monthly_cap": cap,
    "total_cap": cap,
    "manager_email": lambda value: line(value, most=254, what="manager’s address").lower(),
}
ASSIGNMENT: Cleaners = {
    "affiliate_id": partial(line, most=60, what="affiliate ID"),
    "cid": _cid,
    "state": lru_cache(maxsize=1_000)(lambda value: _one_of(value, _STATE_WORDS, STATES, "state")),
    "payout": payout,
    "tracking_url": partial(address, what="tracking URL"),
    "cap": cap,
}
CREATIVE: Cleaners = {
    "name": _name,
    "kind": lambda value: _one_of(value, {"htmlmail": "mail"}, CREATIVES, "kind of creative"),
    "code": partial(text, most=LONGEST_HTML, what="code"),
}


def type_label(value: str) -> str:
    """“Cost per lead” for CPL; a type of the network's own as it is."""
    return TYPES.get(value, value)


def as_date(value: str) -> date | None:
    """What `day` cleaned, as a date."""
    return date.fromisoformat(value) if value else None


def in_order(values: dict[str, str]) -> dict[str, str]:
    """A problem for the end of an offer when it lies before its beginning; else nothing."""
    start, end = values.get("start_date", ""), values.get("end_date", "")
    if start and end and end < start:
        return {"end_date": f"The offer ends on {end}, before it starts on {start}. Correct one of the two."}
    return {}
