"""The pipe between the parent and a child: whole JSON messages, nothing that could run as code."""

import json
import socket
import threading
from multiprocessing.connection import Connection
from typing import Any

Message = dict[str, Any]


class Pipe:
    """One end. Several threads may send; one reads. A closed other end raises `EOFError` or `OSError`."""

    def __init__(self, descriptor: int) -> None:
        self._connection = Connection(descriptor)
        self._lock = threading.Lock()

    def fileno(self) -> int:
        return self._connection.fileno()

    def send(self, op: str, **content: Any) -> None:
        packed = json.dumps({"op": op, **content}, separators=(",", ":")).encode()
        with self._lock:
            self._connection.send_bytes(packed)

    def receive(self) -> Message:
        message: Message = json.loads(self._connection.recv_bytes())
        return message

    def ready(self) -> bool:
        """Whether something can be read at once."""
        return self._connection.poll(0)

    def close(self) -> None:
        self._connection.close()


def pair() -> tuple[Pipe, int]:
    """The parent's end, and the descriptor of the child's."""
    ours, theirs = socket.socketpair()
    return Pipe(ours.detach()), theirs.detach()
