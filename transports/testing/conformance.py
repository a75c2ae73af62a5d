"""The conformance kit: inherit `TransportConformance`, name your harness, run pytest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import pytest

from transports.testing.harness import Arrived, Harness, Webhooks, closed_port
from transports.testing.needs import leave_out
from transports.testing.suite.declared import Declared
from transports.testing.suite.delivered import Delivered
from transports.testing.suite.discreet import Discreet
from transports.testing.suite.events import Events
from transports.testing.suite.failed import Failed

__all__ = ["Arrived", "Harness", "TransportConformance", "Webhooks", "closed_port"]


class TransportConformance(Declared, Delivered, Failed, Discreet, Events):
    """`class TestMine(TransportConformance): harness_class = MyHarness` makes the tests of a transport."""

    harness_class: ClassVar[type[Harness]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        leave_out(cls, cls.harness_class.cannot)

    @pytest.fixture
    def harness(self) -> Iterator[Harness]:
        harness = self.harness_class()
        try:
            with harness:
                yield harness
        finally:
            harness.finish()
