"""P12: announcements and operational mail from different domains, so that complaints about news hold no password back."""

from collections.abc import Collection

from webapp.guards.judgement import Judgement
from webapp.verdict import Verdict


def judge(announcements: Collection[str], operational: Collection[str]) -> Judgement:
    """The domains from which each kind of mail was sent in the last 30 days."""
    shared = sorted(set(announcements) & set(operational))
    if not announcements or not operational:
        return Judgement(
            "P12", "Streams", Verdict.UNKNOWN, "Only one kind of mail was sent in the last 30 days."
        )
    if not shared:
        return Judgement(
            "P12", "Streams", Verdict.PASS, "Announcements and operational mail come from different domains."
        )
    return Judgement(
        "P12",
        "Streams",
        Verdict.WARN,
        f"Announcements and operational mail both come from {', '.join(shared)}.",
        "Send announcements from a sub-domain of their own, such as news.example.com: then their complaints do not hold back"
        " links for new passwords.",
    )
