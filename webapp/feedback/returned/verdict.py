"""Hard or soft? The code is asked first, then the words; what stays in doubt is never called hard."""

import re
from dataclasses import dataclass

from webapp.feedback.returned import wording
from webapp.feedback.returned.reading import Severity

LONGEST = 4_000  # characters of words that are looked at
ENHANCED = re.compile(
    r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)"
)  # RFC 3463; not a piece of an IP address
REPLY = re.compile(r"(?<![\d.\w:/-])([45]\d\d)(?=[ \-\])#:]|$)")
ADDRESS_CODES = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
URL = re.compile(r"https?://\S{1,300}")
SUBJECT = re.compile(r"(?im)^[ >]*subject:.*$")


@dataclass(frozen=True, slots=True)
class Verdict:
    severity: Severity
    status: str


def judge(status: str, words: str, *, delayed: bool = False) -> Verdict:
    """`status`: the code of a report, if there is one; `words`: what the server said, or what the bounce tells."""
    code = _code(status, words)
    if delayed or code.startswith("4"):
        return Verdict(Severity.SOFT, code)
    said = " ".join(SUBJECT.sub(" ", URL.sub(" ", words[:LONGEST].lower())).split())
    return Verdict(_severity(code, said), code)


def _severity(code: str, said: str) -> Severity:
    if code in ADDRESS_CODES:
        return Severity.SOFT if _excused(said) else Severity.HARD
    if wording.not_the_address(said):
        return Severity.SOFT
    if wording.no_such_address(said) and not (code.startswith("5.2.") and "unavailable" in said):
        return Severity.HARD
    if wording.is_asleep(said):
        return Severity.SOFT
    if code.count(".") == 2 and not code.startswith(("5.0.", "5.1.", "2.")):
        return Severity.SOFT
    return Severity.SOFT if wording.not_now(said) or code == "552" else Severity.UNKNOWN


def _excused(said: str) -> bool:
    """An address code beside words that blame something else, and do not say that the address is wrong, too."""
    blames = wording.not_the_address(said) or wording.is_asleep(said)
    return bool(blames) and not wording.no_such_address(said)


def _code(status: str, words: str) -> str:
    """The most telling code: that of the report, unless it says nothing and the words hold a better one."""
    own = next(iter(ENHANCED.findall(status)), "")
    inside = ENHANCED.findall(words[:LONGEST])
    if own and not own.endswith(".0.0"):
        return own
    better = next((code for code in inside if not code.endswith(".0.0") and code[0] != "2"), "")
    if better and (not own or better[0] == own[0]):
        return better
    reply = REPLY.search(words[:LONGEST])
    return own or next((code for code in inside if code[0] != "2"), "") or (reply[1] if reply else "")
