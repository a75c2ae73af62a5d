from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme

from transports.net import Net
from transports.smtp.patience import Patience
from transports.smtp.transport import SmtpTransport

SHORT = Patience(
    connect=5, handshake=1, greeting=1, command=1, data=1, body=1.5, dot=1, idle=60, pauses=(0.05, 0.05)
)


class HastySmtp(SmtpTransport):
    """The real one with short deadlines."""

    patience = SHORT
    patience_of_probe = SHORT


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


@pytest.fixture(scope="session")
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    return context_for(authority.issue_cert("localhost", "127.0.0.1"))


def context_for(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


MakeTransport = Callable[..., SmtpTransport]


@pytest.fixture
def smtp() -> Iterator[MakeTransport]:
    """Makes transports that may reach a port of this machine; closes them in the end."""
    made: list[SmtpTransport] = []

    def make(port: int, *, connections: int = 1, token_port: int = 0, **settings: Any) -> SmtpTransport:
        chosen = {"host": "127.0.0.1", "port": port, "security": "none", **settings}
        net = Net(
            [f"{host}:{one}" for host in ("127.0.0.1", "localhost") for one in (port, token_port or port)],
            floor=0,
        )
        transport = HastySmtp(chosen, net=net, log=logging.getLogger("offerpost.test"))
        transport.open(connections)
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()
        transport.net.close()
