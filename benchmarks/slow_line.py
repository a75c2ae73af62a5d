"""A line with delay: `python -m benchmarks.slow_line PORT TO_PORT SECONDS`. Every byte takes so long, in each direction.

Bytes on their way wait side by side, as in a real network; nothing else is held up by them. `select` and not `epoll` wakes
us, because epoll counts in whole milliseconds: every passage would be late, and connections that are apart would be
bunched together at each tick.
"""

import asyncio
import selectors
import sys
from collections.abc import Awaitable, Callable
from functools import partial


class Direction(asyncio.Protocol):
    """Writes what it reads to `other`, a little later."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.transport: asyncio.Transport | None = None
        self.other: Direction | None = None
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(self._seconds, self._pass_on, data)

    def connection_lost(self, _error: Exception | None) -> None:
        asyncio.get_running_loop().call_later(self._seconds, self._hang_up)

    def _pass_on(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self._early.append(data)
        elif not self.other.transport.is_closing():
            self.other.transport.write(b"".join((*self._early, data)))
            self._early.clear()

    def _hang_up(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class Entrance(Direction):
    """The side that listens; it opens the way on when somebody has come."""

    def __init__(self, seconds: float, onward: Callable[[Direction], Awaitable[None]]) -> None:
        super().__init__(seconds)
        self._onward = onward

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._task = asyncio.ensure_future(self._onward(self))


async def _open(to_port: int, seconds: float, entrance: Direction) -> None:
    exit_ = Direction(seconds)
    exit_.other, entrance.other = entrance, exit_
    await asyncio.get_running_loop().create_connection(lambda: exit_, "127.0.0.1", to_port)


async def serve(port: int, to_port: int, seconds: float) -> None:
    """Until the process is ended."""
    onward = partial(_open, to_port, seconds)
    server = await asyncio.get_running_loop().create_server(
        lambda: Entrance(seconds, onward), "127.0.0.1", port, backlog=256
    )
    await server.serve_forever()


if __name__ == "__main__":
    exact = asyncio.SelectorEventLoop(selectors.SelectSelector())
    exact.run_until_complete(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
