"""P02: mails to addresses that do not exist, against mails sent. Judged after the first 200, so that one typo stops nothing."""

from webapp.guards.judgement import Judgement, percent
from webapp.verdict import Verdict

GOOD, WARN, FAIL = 2, 5, 10  # in a hundred
FIRST = 200  # mails that must have left
REMEDY = (
    "The list is old, bought or mistyped. Take out those who bounced (that is done by itself), ask where the others come"
    " from, send to those first who answered lately, and resume when the list is put right."
)


def judge(hard: int, sent: int, what: str) -> Judgement:
    """`hard` counts refusals at once and bounces later; `what` was judged: “this message”, “example.com in 7 days”."""
    verdict = _verdict(hard, sent)
    words = (
        f"{hard:,} of {sent:,} mails of {what} went to addresses that do not exist ({percent(hard, sent)})."
    )
    if verdict is Verdict.UNKNOWN:
        words += f" That is judged from {FIRST} mails on."
    elif verdict is Verdict.PASS and hard * 100 >= sent * GOOD:
        words += " Good lists stay below 2 %."
    return Judgement(
        "P02",
        "Bounces",
        verdict,
        words,
        REMEDY if verdict in (Verdict.WARN, Verdict.FAIL) else "",
        ("Good: below 2 %. A warning from 5 % on. From 10 % on sending is paused.",),
    )


def stops(hard: int, sent: int) -> bool:
    """Whether it is so bad that sending must stop."""
    return _verdict(hard, sent) is Verdict.FAIL


def _verdict(hard: int, sent: int) -> Verdict:
    if sent < FIRST:
        return Verdict.UNKNOWN
    if hard * 100 >= sent * FAIL:
        return Verdict.FAIL
    return Verdict.WARN if hard * 100 >= sent * WARN else Verdict.PASS
