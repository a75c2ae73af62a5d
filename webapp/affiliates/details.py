"""What is asked of an affiliate's data, whoever brings it: a form, a file or the command line."""

import re
from collections.abc import Mapping
from functools import partial

from email_validator import EmailNotValidError, validate_email

from webapp.affiliates.countries import country_code
from webapp.imports import cleaning
from webapp.imports.cleaning import LONGEST_CELL, Cleaners, Refusal, day, line, text

STATUSES = ("active", "pending", "paused", "closed")

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


def clean(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they are stored; only the fields that were given. Raises `Invalid` with every problem at once."""
    return cleaning.clean(values, CLEANERS)


def tidy(values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The same for those who go on in spite of problems: what is fine, and the sentence for each field that isn't."""
    return cleaning.tidy(values, CLEANERS)


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
    return line(",".join(tags), most=500, what="list of tags")


CLEANERS: Cleaners = {
    "affiliate_id": partial(line, most=60, what="affiliate ID"),
    "email": _email,
    "first_name": partial(line, most=100, what="first name"),
    "last_name": partial(line, most=100, what="last name"),
    "company": partial(line, most=200, what="company"),
    "group": partial(line, most=100, what="group"),
    "manager_email": lambda value: line(value, most=254, what="manager's address").lower(),
    "status": _status,
    "alt_id": partial(line, most=100, what="alternative ID"),
    "additional_data1": partial(text, most=LONGEST_CELL, what="text"),
    "additional_data2": partial(text, most=LONGEST_CELL, what="text"),
    "tags": _tags,
    "country": _country,
    "language": _language,
    "user_name": partial(line, most=100, what="user name"),
    "tax_form_on": partial(day, what="tax form"),
}
FIELDS = tuple(CLEANERS)  # in the order of our own export
