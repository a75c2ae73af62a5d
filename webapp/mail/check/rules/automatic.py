"""M20: mail that a program sends says so, and no vacation notice answers it (RFC 3834 §5)."""

from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, not_needed, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule


@rule("M20", "Automatic mail", "Marked as sent by a program.")
def automatic(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    path = mail.first("Return-Path")
    if path and path.raw.strip() == "<>":
        at = seen("header", path.line, "Return-Path: <>")
        yield warns("The envelope sender is empty, which only bounces have.", "Set a bounce address.", at)
    if about.announces:
        if not path:
            yield not_needed("It goes to a list, which its List-Id says.")
        return
    field = mail.first("Auto-Submitted")
    if field is None or field.raw.strip().lower().partition(";")[0] not in ("auto-generated", "auto-replied"):
        words = "Auto-Submitted: auto-generated is missing, so vacation notices answer it."
        yield warns(words, "Add the field.", *([seen("header", field.line, field.raw)] if field else []))
