"""What a setting may be. Each check takes a text that is not empty and returns it as it is stored, or says what is wrong."""

import difflib
import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from email_validator import EmailNotValidError, validate_email

Check = Callable[[str], str]

HEADER_LENGTH = 64
ADDRESS_LENGTH = 254
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")

_PAGE = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?([/?#][!#-;=?-\[\]_a-~]*)?")


class Wrong(ValueError):
    """A sentence for people, with the remedy in it."""


def header_text(text: str) -> str:
    """Text that may stand in a header line of a mail."""
    _no_controls(text)
    if len(text) > HEADER_LENGTH:
        raise Wrong(
            f"This is longer than {HEADER_LENGTH} characters. Shorten it: mail programs cut long names."
        )
    if "=?" in text:
        raise Wrong("“=?” begins a coded word in a mail's header. Write the name as people read it.")
    return text


def plain_text(text: str) -> str:
    """Text of one or more lines, joined to one."""
    text = ", ".join(line.strip().rstrip(",") for line in text.splitlines() if line.strip())
    _no_controls(text)
    if len(text) > 300:
        raise Wrong("This is longer than 300 characters. Street, town and country are enough.")
    return text


def lines(most: int) -> Check:
    """Text of several lines that are kept."""

    def checked(text: str) -> str:
        kept = "\n".join(line.rstrip() for line in text.splitlines())
        _no_controls(kept.replace("\n", " "))
        if len(kept) > most:
            raise Wrong(f"This is longer than {most:,} characters. Shorten it.")
        return kept

    return checked


def one_of(*known: str) -> Check:
    """One of a few words."""

    def checked(text: str) -> str:
        if text not in known:
            raise Wrong(f"{_shown(text)} is none of {', '.join(known)}. Write one of these.")
        return text

    return checked


def web_page(text: str) -> str:
    """The https address of a page, with whatever path."""
    if len(text) > 500 or not _PAGE.fullmatch(text):
        raise Wrong(f"{_shown(text)} is no web address. Write it like https://forms.example.com/w9.")
    return text


def days(least: int, empty: str = "to keep it for ever") -> Check:
    """A number of days, not fewer than `least` and not more than a hundred years; `empty` says what no number means."""

    def checked(text: str) -> str:
        if not text.isdecimal() or not least <= int(text) <= 36_500:
            raise Wrong(f"Write a number of days from {least} to 36500, or leave it empty {empty}.")
        return str(int(text))

    return checked


def count(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def checked(text: str) -> str:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise Wrong(f"Write a whole number from {least} to {most}, or leave it empty.")
        return str(int(text))

    return checked


def address(text: str) -> str:
    """An e-mail address, in the form that a mail server takes."""
    if len(text) > ADDRESS_LENGTH:
        raise Wrong(f"An address has at most {ADDRESS_LENGTH} characters. Check what you pasted.")
    try:
        found = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            test_environment=True,
            globally_deliverable=False,
        )
    except EmailNotValidError as error:
        raise Wrong(
            f"{_shown(text)} is no e-mail address. {error} It looks like partners@mail.example.com."
        ) from None
    return found.ascii_email or found.normalized


def origin(text: str) -> str:
    """The address of a web site without a path: `https://mail.example.com`, perhaps with a port."""
    _no_controls(text)
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        raise Wrong(f"{_shown(text)} is no web address. Write it like https://mail.example.com.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Wrong(f"{_shown(text)} is no web address. Write it like https://mail.example.com.")
    if parts.username is not None or parts.password is not None:
        raise Wrong("A web address here has no user name. Remove everything up to the @.")
    if parts.path not in ("", "/") or "?" in text or "#" in text:
        raise Wrong(
            f"Only the host is wanted, without anything behind it. Did you mean {parts.scheme}://{host}?"
        )
    if not _HOST.fullmatch(host) and not re.fullmatch(r"[0-9a-f:.]+", host):
        raise Wrong(f"{_shown(host)} is no host name. Write it like https://mail.example.com.")
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def timezone(text: str) -> str:
    """A zone of the tz database, such as Europe/Stockholm."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest(text.replace(" ", "_"), available_timezones())
        raise Wrong(
            f"There is no time zone {_shown(text)}. {near or 'Write it like Europe/Stockholm or UTC.'}"
        ) from None


def nearest(text: str, known: Iterable[str]) -> str:
    """“Did you mean …?”, or nothing if nothing is near."""
    by_lower = {name.lower(): name for name in known} | {name.lower().rsplit("/")[-1]: name for name in known}
    found = difflib.get_close_matches(text.lower(), by_lower, n=1, cutoff=0.75)
    return f"Did you mean {by_lower[found[0]]}?" if found else ""


def _no_controls(text: str) -> None:
    if any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029" for char in text):
        raise Wrong("There is a line break or another control character in it. Type it again by hand.")


def _shown(text: str) -> str:
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
