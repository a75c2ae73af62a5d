"""Leaves out the tests about things that a transport has no way of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])


def needs(what: str) -> Callable[[Test], Test]:
    """Marks a test of the kit that needs this ability of the harness."""

    def mark(test: Test) -> Test:
        test.needs = what  # type: ignore[attr-defined]
        return test

    return mark


def leave_out(suite: type, cannot: frozenset[str]) -> None:
    """Hide the tests of `suite` that need what the harness cannot do."""
    for name in dir(suite):
        if getattr(getattr(suite, name), "needs", None) in cannot:
            setattr(suite, name, None)
