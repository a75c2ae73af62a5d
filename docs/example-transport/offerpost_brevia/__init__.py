"""Sends mail through the Brevia API."""

from offerpost_brevia.transport import Brevia
from transports.hookspecs import hookimpl


@hookimpl
def register_transports() -> list[type[Brevia]]:
    return [Brevia]
