"""M09: List-Id wherever a list can be left (RFC 2919), and Gmail’s Feedback-ID."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, not_needed, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule

_LIST = re.compile(r"[^<>]{0,500}<[A-Za-z0-9._-]{1,255}>")


@rule("M09", "List-Id", "Named as a list, so that filters know it for one.")
def list_fields(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    leaves, named = mail.first("List-Unsubscribe"), mail.first("List-Id")
    feedback = mail.first("Feedback-ID")
    if not about.announces and not leaves and not feedback:
        yield not_needed("This is not mail to a list.")
        return
    if leaves and not named:
        yield warns(
            "There is List-Unsubscribe but no List-Id, which SpamAssassin counts against it.", "Add it."
        )
    elif named and not _LIST.fullmatch(named.raw):
        yield warns("The List-Id can’t be read.", "Correct it.", seen("header", named.line, named.raw))
    if feedback and len(feedback.raw.split(":")) > 4:
        at = seen("header", feedback.line, feedback.raw)
        yield warns("Feedback-ID has more than four parts; Gmail ignores it.", "Shorten it.", at)
