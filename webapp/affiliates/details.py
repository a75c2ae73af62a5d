"""What is asked of an affiliate's data, whoever brings it: a form, a file or the command line."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial

from email_validator import EmailNotValidError, validate_email

from webapp.affiliates.countries import country_code
from webapp.errors import Invalid

STATUSES = ("active", "pending", "paused", "closed")
LONGEST_CELL = 10_000

_STATUS_WORDS = {
    "": "active",
    "approved": "active",
    "enabled": "active",
    "waiting": "pending",
    "suspended": "paused",
    "inactive": "paused",
    "denied": "closed",
    "disabled": "closed",
    "terminated": "closed",
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,6})?")

Clean = Callable[[str], str]


class Refusal(ValueError):
    """One value that can't be taken; the text says why and what to do."""


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they are stored; only the fields that were given. Raises `Invalid` with every problem at once."""
    cleaned, problems = tidy(values)
    if problems:
        raise Invalid(problems)
    return cleaned


def tidy(values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The same for those who go on in spite of problems: what is fine, and the sentence for each field that isn't."""
    cleaned: dict[str, str] = {}
    problems: dict[str, str] = {}
    for field, value in values.items():
        try:
            cleaned[field] = CLEANERS[field](value)
        except Refusal as refusal:
            problems[field] = str(refusal)
    return cleaned, problems


def _line(value: str, *, most: int, what: str) -> str:
    value = value.strip()
    if len(value) > most:
        raise Refusal(f"The {what} has {len(value):,} characters. Shorten it to {most}.")
    if not value.isprintable() and any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in value):
        raise Refusal(f"The {what} contains a line break or control character. Type it again on one line.")
    return value


def _text(value: str, *, most: int, what: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(value) > most:
        raise Refusal(f"The {what} has {len(value):,} characters. Shorten it to {most:,}.")
    if not value.isprintable() and any(
        unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in value
    ):
        raise Refusal(f"The {what} contains a control character. Type it again.")
    return value


def _email(value: str) -> str:
    value = value.strip()
    if not value:
        raise Refusal("No address, and an affiliate needs one. Fill it in.")
    if value.count("@") != 1:
        words = "There is no @ sign." if "@" not in value else "There are several @ signs."
        raise Refusal(f"{words} Write one address like name@example.com.")
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refusal(f"{str(error).rstrip('.')}. Write one address like name@example.com.") from error
    return value


def _status(value: str) -> str:
    word = value.strip().lower()
    word = _STATUS_WORDS.get(word, word)
    if word not in STATUSES:
        raise Refusal(
            f"“{value.strip()[:40]}” is no status. Use {', '.join(STATUSES[:-1])} or {STATUSES[-1]}."
        )
    return word


def _country(value: str) -> str:
    code = country_code(value.strip())
    if code is None:
        raise Refusal(
            f"“{value.strip()[:40]}” is no country we know. Use two letters such as GB, or leave it empty."
        )
    return code


def _language(value: str) -> str:
    value = value.strip().replace("_", "-")
    if value and not _LANGUAGE.fullmatch(value):
        raise Refusal(f"“{value[:40]}” is no language code. Use one such as en or pt-BR, or leave it empty.")
    return value


def _tags(value: str) -> str:
    tags = sorted({tag.strip() for tag in value.replace(";", ",").split(",") if tag.strip()})
    return _line(",".join(tags), most=500, what="list of tags")


CLEANERS: dict[str, Clean] = {
    "affiliate_id": partial(_line, most=60, what="affiliate ID"),
    "email": _email,
    "first_name": partial(_line, most=100, what="first name"),
    "last_name": partial(_line, most=100, what="last name"),
    "company": partial(_line, most=200, what="company"),
    "group": partial(_line, most=100, what="group"),
    "manager_email": lambda value: _line(value, most=254, what="manager's address").lower(),
    "status": _status,
    "alt_id": partial(_line, most=100, what="alternative ID"),
    "additional_data1": partial(_text, most=LONGEST_CELL, what="text"),
    "additional_data2": partial(_text, most=LONGEST_CELL, what="text"),
    "tags": _tags,
    "country": _country,
    "language": _language,
    "user_name": partial(_line, most=100, what="user name"),
}
FIELDS = tuple(CLEANERS)  # in the order of our own export
