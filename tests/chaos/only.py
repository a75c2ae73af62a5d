"""What the short set leaves out. It runs with all tests; OFFERPOST_CHAOS=long takes everything."""

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

LONG = os.environ.get("OFFERPOST_CHAOS") == "long"
Test = TypeVar("Test", bound=Callable[..., Any])
Value = TypeVar("Value")


def only_long(test: Test) -> Test:
    """This scenario needs more time than the short set has."""
    test.only_long = True  # type: ignore[attr-defined]
    return test


def some(values: Sequence[Value], *short: Value) -> Sequence[Value]:
    """All of these values, or in the short set only those."""
    return values if LONG else short
