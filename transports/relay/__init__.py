"""The platform's own mail server, which the operator sets for everybody on this installation."""

from __future__ import annotations

from transports.contract import Transport
from transports.hookspecs import hookimpl


@hookimpl
def register_transports() -> list[type[Transport]]:
    from transports.relay.transport import RelayTransport

    return [RelayTransport]
