"""How long we wait: every figure is a total by the monotonic clock, which a trickling server cannot stretch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. The wait for the reply to the final dot is long because hurry there makes duplicates."""

    connect: float = 30.0
    handshake: float = 60.0
    greeting: float = 120.0
    command: float = 120.0
    data: float = 120.0
    body: float = 600.0
    dot: float = 600.0
    idle: float = 60.0  # a connection unused for longer is not trusted with a mail
    pauses: tuple[float, ...] = (0.2, 1.0, 3.0)  # before each further try to connect again


PROBING = Patience(connect=10, handshake=15, greeting=20, command=20)
