"""After a rest: the connection test asks a server whether it is well again. Only where that can't tell, one mail must show it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from transports.checks import Check, Step, Verdict

PASSED, AWAY, BUSY, UNCLEAR = "passed", "away", "busy", "unclear"
PATIENCE = 90.0  # seconds until an answer counts as unclear


@dataclass
class Asking:
    """Of one server: about which rest it was asked (its end names it), and what came of that."""

    about: datetime | None = None
    since: float = 0.0
    answer: str = ""

    def begin(self, about: datetime) -> None:
        self.about, self.since, self.answer = about, time.monotonic(), ""

    def waits(self, about: datetime) -> bool:
        """Whether the answer is still to come."""
        return self.about == about and not self.answer and time.monotonic() - self.since < PATIENCE


def ask(probe: Callable[[], Sequence[Check]]) -> tuple[str, str]:
    """The answer, and the words for a server that is still away. A fault of a plugin is unclear: its mail will tell."""
    try:
        return judged(probe())
    except Exception:
        return UNCLEAR, ""


def judged(checks: Sequence[Check]) -> tuple[str, str]:
    """Passed if a step passed and none failed. Away or busy only if it can't be reached: any other trouble may be for good, and a
    mail tells which it is (`trouble.trouble_of`).
    """
    failed = next((check for check in checks if check.verdict is Verdict.FAIL), None)
    if failed is None:
        passed = any(check.verdict is Verdict.PASS for check in checks)
        return (PASSED if passed else UNCLEAR), ""
    if failed.step is Step.CONNECT and not failed.said.startswith("5"):
        return (BUSY if failed.said.startswith("421") else AWAY), f"{failed.words} {failed.said}".strip()
    return UNCLEAR, ""
