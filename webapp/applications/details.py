"""What is asked of an application."""

import re
from functools import partial
from urllib.parse import urlsplit

from webapp.affiliates.details import CLEANERS
from webapp.imports.cleaning import Cleaners, Refusal, line, text

LONGEST = 2_000
_LINK = re.compile(r"://|@|www\.|\.[a-z]{2}|\.[A-Z]{2}")  # “J. R.” and “St.John” are names


def _website(value: str) -> str:
    value = line(value, most=500, what="address of the website")
    if not value:
        return ""
    whole = value if "://" in value else f"https://{value}"
    parts = urlsplit(whole)
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or " " in whole:
        raise Refusal(f"“{value[:60]}” is no web address. Write one like https://example.com.")
    return whole


def _without_link(value: str, what: str) -> str:
    """The first mail goes to an address that nobody has confirmed yet: it must carry no stranger's advertisement (T30)."""
    if _LINK.search(value):
        raise Refusal(f"The {what} looks like a web address. Write only the {what}.")
    return value


def _company(value: str) -> str:
    value = CLEANERS["company"](value)
    if "://" in value or "www." in value.lower():
        raise Refusal("The company looks like a web address. Write its name, and the address below.")
    return value


def _needed(what: str, most: int) -> partial[str]:
    return partial(_named, what=what, most=most)


def _named(value: str, *, what: str, most: int) -> str:
    value = line(value, most=most, what=what)
    if not value:
        raise Refusal(f"The {what} is missing. Fill it in.")
    return _without_link(value, what)


APPLICATION: Cleaners = {
    "first_name": _needed("first name", 100),
    "last_name": _needed("last name", 100),
    "email": CLEANERS["email"],
    "company": _company,
    "country": CLEANERS["country"],
    "website": _website,
    "traffic": partial(text, most=LONGEST, what="text"),
}
