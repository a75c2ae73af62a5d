"""M10: a text part before the HTML that says the same."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding, fails, seen, warns
from webapp.mail.check.mail import Mail, attached
from webapp.mail.check.table import rule

OVERLAP = 0.6
_WORD = re.compile(r"[^\W_]{3,}")
_ADDRESS = re.compile(r"https?://\S+")
_WRITTEN = "Take the text part out that was written by hand: then we make it from the HTML."


@rule("M10", "Text part", "There is a text part, and it says what the HTML says.")
def text_part(mail: Mail, _about: Circumstances) -> Iterator[Finding]:
    """SpamAssassin gives an unrelated text part 2.2 points and more."""
    kinds = [part.type for part in mail.parts if not attached(part) and part.type.startswith("text/")]
    if "text/html" not in kinds:
        if not mail.text.strip():
            yield fails("The mail says nothing.", "Write a text.")
        return
    if "text/plain" not in kinds:
        yield warns("There is no text part, which filters count against it.", "Add one.")
        return
    if not mail.text.strip():
        yield fails("The text part is empty.", _WRITTEN)
        return
    if kinds.index("text/plain") > kinds.index("text/html"):
        yield warns("The text part stands behind the HTML; mail programs show the last one.", "Put it first.")
    shared = _overlap(mail.shown.words, mail.text)
    if shared < OVERLAP:
        words = f"Only {shared:.0%} of the words of the HTML stand in the text part, too."
        yield warns(words, _WRITTEN, seen("text", 1, mail.text))


def _overlap(html: str, text: str) -> float:
    wanted, there = _words(html), _words(text)
    return len(wanted & there) / len(wanted) if wanted else 1.0


def _words(text: str) -> set[str]:
    return set(_WORD.findall(_ADDRESS.sub(" ", text).lower()))
