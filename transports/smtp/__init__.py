"""Any SMTP server: our own client, which always knows whether the final dot has left."""

from __future__ import annotations

from transports.contract import Transport
from transports.hookspecs import hookimpl


@hookimpl
def register_transports() -> list[type[Transport]]:
    from transports.smtp.transport import SmtpTransport

    return [SmtpTransport]
