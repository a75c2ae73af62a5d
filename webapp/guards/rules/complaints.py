"""P01: complaints against delivered mails. Gmail and Yahoo ask for less than 0.1 % and act from 0.3 % on."""

from webapp.guards.judgement import Judgement, percent
from webapp.verdict import Verdict

WARN, FAIL = 1, 3  # in a thousand
FEWEST = 3  # complaints that stop anything: below a thousand mails one or two are an accident
REMEDY = (
    "Look whom these mails went to and why they were not expected. Write to those who asked for it, make the link to leave"
    " easy to see, and resume when the list is put right."
)


def judge(complained: int, delivered: int, what: str) -> Judgement:
    """`what` was judged: “this message”, “example.com today”."""
    verdict = _verdict(complained, delivered)
    words = f"{complained:,} of {delivered:,} delivered mails of {what} were called spam ({percent(complained, delivered)})."
    return Judgement(
        "P01",
        "Complaints",
        verdict,
        words if complained or delivered else f"Nothing was delivered of {what}.",
        REMEDY if verdict in (Verdict.WARN, Verdict.FAIL) else "",
        (f"Good: below 0.1 %. From 0.3 % on, and {FEWEST} complaints, sending is paused.",),
    )


def stops(complained: int, delivered: int) -> bool:
    """Whether it is so bad that sending must stop."""
    return complained >= FEWEST and complained * 1000 >= delivered * FAIL


def _verdict(complained: int, delivered: int) -> Verdict:
    if not delivered and not complained:
        return Verdict.UNKNOWN
    if complained * 1000 >= max(1, delivered) * FAIL:
        return Verdict.FAIL
    return Verdict.WARN if complained * 1000 >= delivered * WARN else Verdict.PASS
