"""Whether a class that a plugin announces keeps the contract, as far as that can be seen without running it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

from transports import fields
from transports.contract import CONTRACT, Capability, Limits, Transport

Fault = tuple[str, str]
"""What is wrong, and the remedy."""


def fault_of(announced: object) -> Fault | None:
    """The first thing that is wrong with an announced class, or None."""
    if not (isinstance(announced, type) and issubclass(announced, Transport)):
        return (
            f"It announces {announced!r}, which is no Transport class.",
            "Derive it from transports.contract.Transport.",
        )
    for look in _LOOKS:
        fault = look(announced)
        if fault is not None:
            return f"{announced.__name__}: {fault[0]}", fault[1]
    return None


def _contract(transport: type[Transport]) -> Fault | None:
    if transport.contract == CONTRACT:
        return None
    remedy = f"This Offerpost speaks contract {CONTRACT}: use a release of the plugin that does too."
    return f"it is written for contract {transport.contract!r}.", remedy


def _names(transport: type[Transport]) -> Fault | None:
    kind = getattr(transport, "kind", None)
    if not isinstance(kind, str) or not re.fullmatch(r"[a-z][a-z0-9_-]{1,29}", kind):
        return f"its kind is {kind!r}.", "Give it a `kind` of 2 to 30 lower-case letters, digits, - and _."
    for name in ("label", "summary"):
        text = getattr(transport, name, None)
        if not isinstance(text, str) or not text.strip():
            return f"it has no {name}.", f"Give it a `{name}` that people can read."
    return None


def _methods(transport: type[Transport]) -> Fault | None:
    missing = sorted(transport.__abstractmethods__)
    if missing:
        return f"it leaves out: {', '.join(missing)}.", "Write these methods."
    if transport.send is Transport.send and transport.send_one is Transport.send_one:
        return "it has neither send_one() nor send().", "Write send_one()."
    for name in ("unavailable", "check", "dns"):
        if not isinstance(inspect.getattr_static(transport, name), (classmethod, staticmethod)):
            return (
                f"{name}() needs an object.",
                f"Write @classmethod above {name}: it is asked before there are settings.",
            )
    try:
        inspect.signature(transport).bind({}, net=None, log=None)
    except (TypeError, ValueError):
        return "its __init__ takes other arguments.", "Write `def __init__(self, settings, *, net, log)`."
    return None


def _fields(transport: type[Transport]) -> Fault | None:
    if not isinstance(transport.fields, tuple):
        return "its fields are no tuple.", "Write `fields = (Text(…), Secret(…))`."
    faults = fields.faults(transport.fields)
    if not faults:
        return None
    remedy = "A secret may have no default." if "secret" in faults[0] else "Correct the declared fields."
    return f"{faults[0]}.", remedy


def _abilities(transport: type[Transport]) -> Fault | None:
    if not all(isinstance(one, Capability) for one in transport.capabilities):
        return (
            "its capabilities are no set of Capability.",
            "Write `capabilities = frozenset({Capability.…})`.",
        )
    if Capability.EVENTS in transport.capabilities and transport.events is Transport.events:
        return "it declares EVENTS but has no events().", "Write events(), or do not declare it."
    limits = transport.limits
    if not isinstance(limits, Limits) or min(limits.batch, limits.connections, limits.window) < 1:
        return "its limits make no sense.", "Write `limits = Limits(…)` with numbers from 1."
    return None


_LOOKS: tuple[Callable[[type[Transport]], Fault | None], ...] = (
    _contract,
    _names,
    _methods,
    _fields,
    _abilities,
)
