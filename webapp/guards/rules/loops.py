"""P11: receivers tell of complaints only to those who enrolled. A person does that, and ticks it here."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from webapp.guards.judgement import Judgement
from webapp.verdict import Verdict

LOOPS = {
    "yahoo": ("Yahoo Complaint Feedback Loop", "https://senders.yahooinc.com/complaint-feedback-loop/"),
    "microsoft": ("Microsoft JMRP and SNDS", "https://sendersupport.olc.protection.outlook.com/snds/"),
    "gmail": ("Gmail Postmaster Tools", "https://postmaster.google.com/"),
}
OLD = timedelta(days=365)


def judge(done: Mapping[str, datetime], now: datetime) -> Judgement:
    """`done`: when somebody last said so."""
    missing = [label for name, (label, _) in LOOPS.items() if name not in done]
    old = [label for name, (label, _) in LOOPS.items() if name in done and now - done[name] > OLD]
    if missing:
        words, remedy = (
            f"Not enrolled: {', '.join(missing)}.",
            "Enrol below; it takes minutes and costs nothing.",
        )
    elif old:
        words, remedy = f"Looked at more than a year ago: {', '.join(old)}.", "See whether they still work."
    else:
        words, remedy = "Enrolled everywhere.", ""
    result = Verdict.PASS if not (missing or old) else Verdict.WARN
    return Judgement("P11", "Feedback loops", result, words, remedy)
