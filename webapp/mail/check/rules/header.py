"""M01 and M03: the header fields that a mail must have, and its Message-ID (RFC 5322 §3.6)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, seen
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule

NEEDED = ("From", "Date", "Message-ID")
ONCE = (*NEEDED, "To", "Cc", "Subject", "Reply-To", "Sender", "MIME-Version", "Content-Type")
CLOCK = timedelta(hours=1)
_ID = re.compile(r"<[^\s<>@\"]{1,200}@([A-Za-z0-9.-]{1,253})>")
_OURS = "This is a fault of ours or of what handled the mail in between. Do not send it; tell the operator."


@rule(
    "M01",
    "Header",
    "Every field that a mail needs is there once, and no other one.",
    must="It would be broken or forged.",
)
def header(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    """RFC 5322 §3.6, and that nothing has put a field of its own into a header that we made."""
    for name in NEEDED:
        if not mail.first(name):
            yield fails(f"There is no {name} field.", _OURS)
    for name in ONCE:
        if len(mail.named(name)) > 1:
            places = [seen("header", one.line, f"{name}: {one.raw}") for one in mail.named(name)]
            yield fails(f"There are {len(places)} {name} fields.", _OURS, *places)
    for one in mail.named(""):
        yield fails("A line of the header is no field.", _OURS, seen("header", one.line, one.raw))
    yield from _unplanned(mail, about)
    yield from _dated(mail, about.now)


def _unplanned(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    planned = {name.lower() for name in about.planned}
    if not planned:
        return
    for one in mail.fields:
        if one.name and one.name.lower() not in planned and one.name.lower() != "dkim-signature":
            yield fails(
                f"The field {one.name[:60]} was not planned.", _OURS, seen("header", one.line, one.raw)
            )
    missing = planned - {one.name.lower() for one in mail.fields}
    for name in sorted(missing - {field.lower() for field in NEEDED}):
        yield fails(f"The planned field {name} is missing.", _OURS)


def _dated(mail: Mail, now: datetime) -> Iterator[Finding]:
    field = mail.first("Date")
    if field is None:
        return
    at = seen("header", field.line, f"Date: {field.raw}")
    try:
        said = parsedate_to_datetime(field.raw[:100])
    except (ValueError, TypeError, IndexError):
        yield fails("The date can’t be read.", _OURS, at)
        return
    if said.tzinfo is None or abs(said - now) > CLOCK:
        words = "The date is more than an hour away from now."
        yield fails(words, "Set the clock of the machine that sends, by NTP.", at)


@rule("M03", "Message-ID", "Unique, and of the sending domain.")
def message_id(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    """Gmail slows mail whose Message-ID comes again; one of another domain looks forged."""
    field = mail.first("Message-ID")
    if field is None:
        yield fails("There is no Message-ID.", _OURS)
        return
    at = seen("header", field.line, f"Message-ID: {field.raw}")
    found = _ID.fullmatch(field.raw)
    if not found:
        yield fails("The Message-ID is not of the form <…@domain>.", _OURS, at)
    elif about.domains and not _within(found[1].lower(), about.domains):
        yield fails(f"The Message-ID is of {found[1]}, not of the sending domain.", _OURS, at)
    if field.raw in about.others:
        yield fails("Another mail has the same Message-ID.", _OURS, at)


def _within(domain: str, ours: tuple[str, ...]) -> bool:
    return any(domain == one or domain.endswith(f".{one}") or one.endswith(f".{domain}") for one in ours)
