"""M02: who the mail says it is from. Gmail's rules for names of senders, and RFC 5322 §3.6.2."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, seen, unknown, warns
from webapp.mail.check.mail import Field, Mail
from webapp.mail.check.table import rule
from webapp.mail.mime import decoded

LONGEST = 64
_MAILBOX = re.compile(
    r'\s*(?P<name>"(?:[^"\\]|\\.){0,500}"|[^"<>,]{0,500})\s*<(?P<address>[^<>\s,]{3,320})>\s*'
)
_BARE = re.compile(r"\s*(?P<address>[^<>\s,\"]{1,320}@[^<>\s,\"]{1,255})\s*")
_PICTURE = re.compile("[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]")
_REPLY = re.compile(r"\s*(re|fwd?|aw|wg)\s*:", re.IGNORECASE)
_COUNT = re.compile(r"\(\d{1,3}\)")
_PAGE = "Change the from name under Email Settings."


@rule("M02", "From name", "One sender with a name that receivers trust.")
def sender(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    field = mail.first("From")
    if field is None:
        yield unknown("There is no From field to judge.")
        return
    at = seen("header", field.line, f"From: {field.text}")
    name = name_of(field)
    if name is None:
        words = "The From field does not hold one address."
        yield fails(words, "Correct the from address under Email Settings.", at)
        return
    if "@" in name:
        yield fails("The from name has an “@” in it: mail programs take it for a forgery.", _PAGE, at)
    for reason in _doubts(name, about):
        yield warns(reason, _PAGE, at)


def name_of(field: Field) -> str | None:
    """The display name, "" without one; None when there is not exactly one mailbox."""
    found = _MAILBOX.fullmatch(field.raw) or _BARE.fullmatch(field.raw)
    if not found:
        return None
    name = (found.groupdict().get("name") or "").strip()
    if name.startswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return decoded(name).strip()


def _doubts(name: str, about: Circumstances) -> Iterator[str]:
    if not name:
        yield "There is no from name: inboxes show the bare address."
    if len(name) > LONGEST:
        yield f"The from name has {len(name)} characters; inboxes cut it after about 25."
    if _PICTURE.search(name):
        yield "The from name holds a picture, which Gmail’s rules forbid."
    if _REPLY.match(name) or _COUNT.search(name):
        yield "The from name imitates a conversation, which Gmail’s rules forbid."
    if any(one and one.lower() in name.lower().split() for one in about.names if len(one) > 2):
        yield "The from name holds the name of the recipient, which Gmail’s rules forbid."
