"""What a rule says: the result, why, and what to do. Rules are pure; what they judge is read elsewhere."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "n/a"


ORDER = (Result.FAIL, Result.WARN, Result.UNKNOWN, Result.PASS, Result.NOT_APPLICABLE)


@dataclass(frozen=True)
class Verdict:
    """`rule` is the id in docs/guards.md; `words` one sentence with the figures."""

    rule: str
    title: str
    result: Result
    words: str
    remedy: str = ""
    evidence: tuple[str, ...] = ()


def percent(part: int, whole: int) -> str:
    """Two decimals, cut and never rounded up: what is shown must not reach a threshold that was not reached."""
    return f"{int(10_000 * part / whole) / 100:.2f} %" if whole else "no mail"
