"""What a rule says: the verdict, why, and what to do. Rules are pure; what they judge is read elsewhere."""

from dataclasses import dataclass

from webapp.verdict import Verdict


@dataclass(frozen=True)
class Judgement:
    """`rule` is its id, as in docs/guards.md; `words` are a sentence with the figures."""

    rule: str
    title: str
    verdict: Verdict
    words: str
    remedy: str = ""
    evidence: tuple[str, ...] = ()


def percent(part: int, whole: int) -> str:
    """Two decimals, cut and never rounded up: what is shown must not reach a threshold that was not reached."""
    return f"{int(10_000 * part / whole) / 100:.2f} %" if whole else "no mail"
