"""M15: the subject. A false “Re:” deceives, which CAN-SPAM forbids and filters know."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule

LONGEST = 998
CUT = 120
_REPLY = re.compile(r"\s*(re|fwd?|aw|wg|sv|tr)\s*(\[\d+\])?\s*:", re.IGNORECASE)
_LOUD = re.compile(r"[^\W\d_]")


@rule("M15", "Subject", "It says something, and does not shout.")
def subject(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    field = mail.first("Subject")
    text = field.text.strip() if field else ""
    if field is None or not text:
        yield fails("There is no subject.", "Write one.")
        return
    at = seen("header", field.line, f"Subject: {text}")
    if _REPLY.match(text) and not (mail.first("In-Reply-To") or mail.first("References")):
        yield fails(
            "The subject pretends to be an answer, which is a deception.", "Take “Re:” or “Fwd:” out.", at
        )
    if len(text) > CUT:
        yield warns(f"The subject has {len(text)} characters; inboxes show about 60.", "Shorten it.", at)
    letters = "".join(_LOUD.findall(text))
    if len(letters) > 8 and letters.isupper():
        yield warns("The subject is all capitals.", "Write it like a sentence.", at)
    if text.count("!") > 1:
        yield warns("The subject has more than one exclamation mark.", "One is enough.", at)
