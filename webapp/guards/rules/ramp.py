"""P08: a domain that suddenly sends much more than before looks stolen. Advice only: it stops nothing."""

from webapp.guards.judgement import Judgement
from webapp.verdict import Verdict

WARN, FAIL = 2, 5  # times the busiest of the last seven days
START = 500  # a day that nobody minds of a new domain


def judge(today: int, busiest: int) -> Judgement:
    """`busiest` is the largest of the last seven days before today."""
    usual = max(busiest, START // WARN)
    factor = FAIL if today > FAIL * usual else WARN if today > WARN * usual else 1
    result = {FAIL: Verdict.FAIL, WARN: Verdict.WARN}.get(factor, Verdict.PASS)
    most = max(WARN * busiest, START)
    return Judgement(
        "P08",
        "Growth",
        result,
        f"{today:,} mails today; the busiest of the last seven days had {busiest:,}.",
        ""
        if result is Verdict.PASS
        else f"Send at most {most:,} a day for now and double that from day to day. A warm-up plan of the mail server does it.",
        (f"Up to {most:,} today would be fine: twice the busiest day, and {START} for a new domain.",),
    )
