"""Refusals that features raise and the edges (web, command line) turn into words. None of them is a fault."""

from collections.abc import Mapping


class DomainError(Exception):
    """Something was refused; `str()` is a sentence for people."""


class Invalid(DomainError):
    """Input was refused. `problems` maps each field's name to a sentence with reason and remedy."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(f"{field}: {reason}" for field, reason in self.problems.items()))


class NotFound(DomainError):
    """The thing that was asked for is not there (or not for this person to know of)."""


class Conflict(DomainError):
    """The request was fine but came at the wrong moment: somebody else changed the thing first."""


class NotAllowed(DomainError):
    """The person lacks a right. `right` is its slug."""

    def __init__(self, right: str) -> None:
        self.right = right
        super().__init__(f"You need the right “{right.replace('_', ' ')}”.")
