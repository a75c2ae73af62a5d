"""P15: Gmail calls a domain that once sent about 5,000 mails in a day to it a bulk sender, for good, and asks more of it."""

from webapp.guards.judgement import Judgement
from webapp.verdict import Verdict

BULK = 5_000
NEAR = 4_000
DEMANDS = (
    "A bulk sender needs SPF and DKIM, a DMARC record with alignment, one-click unsubscribe and a visible link in"
    " announcements, and complaints below 0.1 %, never 0.3 %. The domain check and the guards above tell how you stand."
)


def judge(busiest: int, since: str) -> Judgement:
    """`busiest`: the most mails to Gmail in a day of the last 30; `since`: the first day with 5,000 or more, "" if none."""
    if since:
        return Judgement(
            "P15",
            "Gmail’s threshold",
            Verdict.PASS,
            f"Gmail counts you as a bulk sender for good since {since}; lately at most {busiest:,} a day went there.",
            DEMANDS,
        )
    near = busiest >= NEAR
    return Judgement(
        "P15",
        "Gmail’s threshold",
        Verdict.WARN if near else Verdict.PASS,
        f"At most {busiest:,} mails a day went to Gmail; from about {BULK:,} on a domain counts as a bulk sender, for good.",
        DEMANDS if near else "",
        ("Mails of every sub-domain are added up, as Gmail does.",),
    )
