"""What is asked of an application."""

from functools import partial
from urllib.parse import urlsplit

from webapp.affiliates.details import CLEANERS
from webapp.imports.cleaning import Cleaners, Refusal, line, text

LONGEST = 2_000


def _website(value: str) -> str:
    value = line(value, most=500, what="address of the website")
    if not value:
        return ""
    whole = value if "://" in value else f"https://{value}"
    parts = urlsplit(whole)
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or " " in whole:
        raise Refusal(f"“{value[:60]}” is no web address. Write one like https://example.com.")
    return whole


def _needed(what: str, most: int) -> partial[str]:
    return partial(_named, what=what, most=most)


def _named(value: str, *, what: str, most: int) -> str:
    value = line(value, most=most, what=what)
    if not value:
        raise Refusal(f"The {what} is missing. Fill it in.")
    return value


APPLICATION: Cleaners = {
    "first_name": _needed("first name", 100),
    "last_name": _needed("last name", 100),
    "email": CLEANERS["email"],
    "company": CLEANERS["company"],
    "country": CLEANERS["country"],
    "website": _website,
    "traffic": partial(text, most=LONGEST, what="text"),
}
