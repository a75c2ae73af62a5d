"""Amazon SES by its API, version 2, and every service that speaks it."""

from __future__ import annotations

from transports.contract import Transport
from transports.hookspecs import hookimpl


@hookimpl
def register_transports() -> list[type[Transport]]:
    from transports.ses.transport import SesTransport

    return [SesTransport]
