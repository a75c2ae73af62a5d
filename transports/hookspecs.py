"""The one hook. Hooks announce, classes behave."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from transports.contract import Transport

PROJECT = "offerpost"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_transports() -> Iterable[type[Transport]]:  # type: ignore[empty-body]
    """Return the transport classes that this plugin brings."""
