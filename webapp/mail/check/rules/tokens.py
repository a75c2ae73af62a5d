"""M18: nothing that should have been filled in is left over."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Evidence, Finding, fails, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule

_LEFT = re.compile(r"\[=[^\n]{0,80}|%5B=|%5B%3D|\{\{[^\n{}]{0,80}\}\}", re.IGNORECASE)
_OTHER = re.compile(r"\*\|[A-Z0-9_:]{1,40}\|\*|%%[a-z_]{2,40}%%|\$\{[a-z_.]{2,40}\}", re.IGNORECASE)
_NOBODY = re.compile(r"\b(?:hi|hello|dear|hey|hallo|bonjour)[ \t]+[,!:]", re.IGNORECASE)
_NOTHING = re.compile(r"\b(?:None|null|undefined|NaN)\b(?! of\b)")


@rule("M18", "Tokens", "Every token was filled.", must="A token would be mailed raw.")
def tokens(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    field = mail.first("Subject")
    subject = field.text if field else ""
    for part, text in (("header", subject), ("text", mail.text), ("HTML", mail.html)):
        if found := _LEFT.search(text):
            at = _place(part, text, found)
            yield fails(
                "A token was not filled.", "Correct its name, or give it a default: [=Name|default=].", at
            )
        if found := _OTHER.search(text):
            at = _place(part, text, found)
            yield warns("There is something like a token of another product.", "Use ours: [=Name=].", at)
    for part, text in (("header", subject), ("text", mail.text), ("HTML", mail.shown.words)):
        yield from _gaps(part, text)


def _gaps(part: str, text: str) -> Iterator[Finding]:
    if found := _NOBODY.search(text):
        remedy = "Give the name a default: [=Affiliate.FirstName|there=]."
        yield warns("The greeting has no name.", remedy, _place(part, text, found))
    if found := _NOTHING.search(text):
        words = f"It says “{found.group()}”, which may be a missing value."
        yield warns(words, "Give the token a default.", _place(part, text, found))


def _place(part: str, text: str, found: re.Match[str]) -> Evidence:
    line = 0 if part == "header" else text.count("\n", 0, found.start()) + 1
    start = text.rfind("\n", 0, found.start()) + 1
    return seen(part, line, text[max(start, found.start() - 40) : found.end() + 40])
