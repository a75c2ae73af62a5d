"""P09: receivers that ask us to slow down are left alone for a while. The sender does it; this only tells."""

from collections.abc import Sequence

from webapp.guards.judgement import Judgement
from webapp.verdict import Verdict


def judge(resting: Sequence[str]) -> Judgement:
    """`resting`: who asked, and in which words."""
    if not resting:
        return Judgement("P09", "Asked to slow down", Verdict.PASS, "No receiver has asked us to slow down.")
    return Judgement(
        "P09",
        "Asked to slow down",
        Verdict.WARN,
        f"{len(resting)} receivers or mail servers asked us to slow down; they are left alone, then tried with one mail."
        if len(resting) > 1
        else "One receiver or mail server asked us to slow down; it is left alone, then tried with one mail.",
        "Lower the limits of the mail server for these domains if it comes again every day.",
        tuple(resting[:20]),
    )
