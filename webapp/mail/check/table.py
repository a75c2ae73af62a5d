"""The table of rules about a finished mail. Each is a function in `rules` that yields what is to be said; silence is a pass."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Finding
from webapp.mail.check.mail import Mail

Examine = Callable[[Mail, Circumstances], Iterator[Finding]]


@dataclass(frozen=True)
class Rule:
    """`passes` are the words of a pass. `must` says why a fail can't be overruled by a person; "": it can."""

    id: str
    title: str
    passes: str
    examine: Examine
    must: str = ""


RULES: dict[str, Rule] = {}


def rule(number: str, title: str, passes: str, *, must: str = "") -> Callable[[Examine], Examine]:
    """Put a function into the table."""

    def register(examine: Examine) -> Examine:
        RULES[number] = Rule(number, title, passes, examine, must)
        return examine

    return register
