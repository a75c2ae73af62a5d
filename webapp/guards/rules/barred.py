"""P03 and P04: whoever bounced, complained or left is not mailed again, from that moment on."""

from webapp.guards.judgement import Judgement
from webapp.verdict import Verdict

GRACE = 60  # seconds: a mail whose body was on the line when somebody left arrives after that


def judge(looked_at: int, mailed: int) -> Judgement:
    """`mailed` of the newest `looked_at` suppressed addresses got a mail that their suppression forbids."""
    if not looked_at:
        return Judgement(
            "P03", "Opt-outs honoured", Verdict.UNKNOWN, "Nobody has left, bounced or complained yet."
        )
    if mailed:
        return Judgement(
            "P03",
            "Opt-outs honoured",
            Verdict.FAIL,
            f"{mailed:,} of the newest {looked_at:,} suppressed addresses were mailed more than {GRACE} seconds later.",
            "That must not happen. Pause what is being sent, and report it with the outcome of these addresses.",
        )
    return Judgement(
        "P03",
        "Opt-outs honoured",
        Verdict.PASS,
        f"None of the newest {looked_at:,} suppressed addresses was mailed afterwards.",
    )
