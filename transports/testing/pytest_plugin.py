"""Loaded by pytest wherever Offerpost is installed: explains failed assertions of the kit, and lends servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from transports.testing.servers import SmtpServer

pytest.register_assert_rewrite("transports.testing.suite", "transports.testing.harness")


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """A well-behaved SMTP server on loopback, until it is told otherwise."""
    from transports.testing.servers import SmtpServer

    with SmtpServer() as server:
        yield server
