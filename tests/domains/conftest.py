"""A DNS server for the tests of this feature."""

from collections.abc import Iterator

import pytest

from tests.domains.zones import DnsServer


@pytest.fixture(scope="module")
def dns_server() -> Iterator[DnsServer]:
    server = DnsServer()
    yield server
    server.close()


@pytest.fixture
def zone(dns_server: DnsServer) -> DnsServer:
    """The server without any record."""
    dns_server.fresh()
    return dns_server
