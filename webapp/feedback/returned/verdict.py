"""Hard or soft? The code is asked first, then the words; what stays in doubt is never called hard."""

import re
from dataclasses import dataclass

from webapp.feedback.returned import addresses, wording
from webapp.feedback.returned.reading import Reason, Severity

LONGEST = 4_000  # characters of words that are looked at
ENHANCED = re.compile(
    r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)"
)  # RFC 3463; not a piece of an IP address
REPLY = re.compile(r"(?<![\d.\w:/-])([45]\d\d)(?=[ \-\])#:]|$)")
ADDRESS_CODES = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
SENDER_CODES = frozenset({"5.1.7", "5.1.8", "5.1.9"})
FORMULA = "unknown address error"  # what one firewall calls every refusal
DIRECTORY_CODE = "5.4.1"  # Exchange Online, for an address that its tenant does not have
VAGUE = frozenset({"5.1.0", "5.2.0", "5.3.0", "5.4.0", "5.5.0", "5.6.0", "5.7.0"})
URL = re.compile(r"https?://\S{1,300}")
HOST = re.compile(r"(?<![\w.-])(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,4}\b(?![\w-])")
QUOTED = re.compile(
    r"(?im)^[ >]*(?:subject|mail from|from|sender|date|sent date)[ \t]*:.*$"
)  # of the mail itself


@dataclass(frozen=True, slots=True)
class Verdict:
    """`told`: an address code or the words say so. Else it follows from the class of the code, or is unknown."""

    severity: Severity
    status: str
    reason: Reason = Reason.UNTOLD
    told: bool = True


def judge(status: str, words: str, *, delayed: bool = False) -> Verdict:
    """`status`: the code of a report, if there is one; `words`: what the server said, or what the bounce tells."""
    code = _code(status, words)
    reason = _reason(code, _plain(words))
    if delayed or code.startswith("4") or code in SENDER_CODES:
        return Verdict(
            Severity.SOFT, code, reason if reason is not Reason.NO_SUCH_ADDRESS else Reason.NOT_NOW
        )
    if reason is not Reason.UNTOLD:
        severity = Severity.HARD if reason is Reason.NO_SUCH_ADDRESS else Severity.SOFT
        return Verdict(severity, code, reason)
    if code.count(".") == 2 and not code.startswith(("5.0.", "5.1.", "2.")):
        return Verdict(Severity.SOFT, code, told=code not in VAGUE)
    return Verdict(Severity.UNKNOWN, code, told=False)


def _reason(code: str, said: str) -> Reason:
    if wording.never_hard(said):
        return Reason.MAILBOX_FULL if wording.is_full(said) else Reason.NOT_NOW
    absent = wording.no_such_address(said)
    blamed = _blamed(code, said)
    if code in ADDRESS_CODES:
        return blamed if blamed and not absent else Reason.NO_SUCH_ADDRESS
    if code == DIRECTORY_CODE and "recipient address rejected" in said:
        return Reason.NO_SUCH_ADDRESS
    if absent and blamed is not Reason.REFUSED and not (code.startswith("5.2.") and "unavailable" in said):
        return Reason.NO_SUCH_ADDRESS
    return Reason.MAILBOX_FULL if code == "552" and not blamed else blamed


def _blamed(code: str, said: str) -> Reason:
    """What the words blame apart from the address. Vague words count only where no code says more."""
    if wording.is_refusal(said):
        return Reason.REFUSED
    if wording.is_asleep(said):
        return Reason.INACTIVE
    vague = code.count(".") < 2 or code in VAGUE or code.endswith(".0.0")
    return Reason.NOT_NOW if vague and wording.not_now(said) else Reason.UNTOLD


def _plain(words: str) -> str:
    """Lower case, blanks single, and without names of hosts and people, which may hold any word."""
    said = QUOTED.sub(" ", URL.sub(" ", words[:LONGEST].lower())).replace(FORMULA, " ")
    return " ".join(HOST.sub(" ", addresses.ADDRESS.sub(" x ", said)).split())


def _code(status: str, words: str) -> str:
    """The most telling code: that of the report, unless it says nothing and the words hold a better one."""
    own = next(iter(ENHANCED.findall(status)), "")
    inside = ENHANCED.findall(words[:LONGEST])
    if own and not own.endswith(".0.0"):
        return own
    telling = [code for code in inside if not code.endswith(".0.0") and code[0] != "2"]
    better = min(telling, key=lambda code: code.endswith(".0"), default="")
    if better and (not own or better[0] == own[0] or all(code[0] == "4" for code in telling)):
        return better
    reply = REPLY.search(words[:LONGEST])
    return own or next((code for code in inside if code[0] != "2"), "") or (reply[1] if reply else "")
