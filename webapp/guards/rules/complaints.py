"""P01: complaints against delivered mails. Gmail and Yahoo ask for less than 0.1 % and act from 0.3 % on."""

from webapp.guards.verdict import Result, Verdict, percent

WARN, FAIL = 1, 3  # in a thousand
FEWEST = 3  # complaints that stop anything: below a thousand mails one or two are an accident
REMEDY = (
    "Look whom these mails went to and why they were not expected. Write to those who asked for it, make the link to leave"
    " easy to see, and resume when the list is put right."
)


def judge(complained: int, delivered: int, what: str) -> Verdict:
    """`what` was judged: “this message”, “example.com today”."""
    return Verdict(
        "P01",
        "Complaints",
        _result(complained, delivered),
        f"{complained:,} of {delivered:,} delivered mails of {what} were called spam ({percent(complained, delivered)})."
        if delivered
        else f"Nothing was delivered of {what}.",
        "" if _result(complained, delivered) is Result.PASS else REMEDY,
        ("Good: below 0.1 %. From 0.3 % on, and three complaints, sending is paused.",),
    )


def stops(complained: int, delivered: int) -> bool:
    """Whether it is so bad that sending must stop."""
    return complained >= FEWEST and complained * 1000 >= delivered * FAIL


def _result(complained: int, delivered: int) -> Result:
    if not delivered and not complained:
        return Result.UNKNOWN
    if complained * 1000 >= max(1, delivered) * FAIL:
        return Result.FAIL
    return Result.WARN if complained * 1000 >= delivered * WARN else Result.PASS
