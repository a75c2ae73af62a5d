"""Marks what the short set leaves out."""

from collections.abc import Callable
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])


def only_long(test: Test) -> Test:
    """This scenario needs more time than the short set has."""
    test.only_long = True  # type: ignore[attr-defined]
    return test
