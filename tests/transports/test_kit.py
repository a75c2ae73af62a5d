"""The conformance kit is worth something: each planted defect is caught, by the test that is meant for it."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transports import defects
from transports.contract import Capability
from transports.testing.conformance import Harness, TransportConformance
from transports.testing.needs import leave_out

EXAMPLE = Path(__file__).parents[2] / "docs" / "example-transport"


@pytest.fixture(scope="module")
def brevia() -> Iterator[tuple[type[Any], type[Harness]]]:
    """The example's transport and its harness, straight from the docs."""
    folders = [str(EXAMPLE), str(EXAMPLE / "tests")]
    sys.path[:0] = folders
    try:
        from brevia_harness import BreviaHarness  # type: ignore[import-not-found]

        yield BreviaHarness.transport, BreviaHarness
    finally:
        del sys.path[: len(folders)]


def run(
    name: str, transport: type[Any], harness_class: type[Harness], request: pytest.FixtureRequest
) -> None:
    """One test of the kit against this transport."""
    lent = {"caplog": "caplog", "capfd": "capfd"}
    harness = type("Planted", (harness_class,), {"transport": transport})()
    test = getattr(TransportConformance, name)
    wanted = test.__code__.co_varnames[: test.__code__.co_argcount]
    more = {name: request.getfixturevalue(name) for name in wanted if name in lent}
    logging.getLogger("offerpost").setLevel(logging.DEBUG)
    try:
        with harness:
            test(object.__new__(type("Suite", TransportConformance.__bases__, {})), harness=harness, **more)
    finally:
        harness.finish()


@pytest.mark.parametrize("defect", defects.DEFECTS, ids=lambda defect: defect.__name__)
def test_a_planted_defect_is_caught(defect: Any, brevia: Any, request: pytest.FixtureRequest):
    sound, harness_class = brevia
    run(defects.DEFECTS[defect], sound, harness_class, request)
    broken = type("Broken", (sound,), defect(sound))
    with pytest.raises((Exception, pytest.fail.Exception)) as caught:
        run(defects.DEFECTS[defect], broken, harness_class, request)
    assert not isinstance(caught.value, (AttributeError, NameError)), caught.value


def test_tests_are_left_out_only_for_what_the_harness_cannot():
    suite = type("Suite", TransportConformance.__bases__, {})
    before = [name for name in dir(suite) if name.startswith("test") and getattr(suite, name)]
    leave_out(suite, frozenset({"cut_line"}))
    after = [name for name in dir(suite) if name.startswith("test") and getattr(suite, name)]
    assert set(before) - set(after) == {
        "test_a_lost_line_is_never_reported_as_accepted",
        "test_sending_goes_on_after_a_lost_line",
    }


def test_only_webhooks_make_events_necessary(brevia: Any):
    assert Capability.EVENTS in brevia[0].capabilities
