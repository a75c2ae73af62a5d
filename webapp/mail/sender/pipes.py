"""The pipe between the parent and a child: whole JSON messages, nothing that could run as code."""

import socket
import threading
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

import msgspec

from webapp.mail.sender.messages import ToChild, ToParent

Said = TypeVar("Said")
Heard = TypeVar("Heard")


class Pipe(Generic[Said, Heard]):
    """One end. Several threads may send; one reads. A closed other end raises `EOFError` or `OSError`."""

    def __init__(self, descriptor: int, heard: msgspec.json.Decoder[Heard]) -> None:
        self._connection = Connection(descriptor)
        self._lock = threading.Lock()
        self._encode, self._decode = msgspec.json.Encoder().encode, heard.decode

    def fileno(self) -> int:
        return self._connection.fileno()

    def send(self, message: Said) -> None:
        packed = self._encode(message)
        with self._lock:
            self._connection.send_bytes(packed)

    def receive(self) -> Heard:
        return self._decode(self._connection.recv_bytes())

    def ready(self) -> bool:
        """Whether something can be read at once."""
        return self._connection.poll(0)

    def close(self) -> None:
        self._connection.close()


ParentsEnd = Pipe[ToChild, ToParent]
ChildsEnd = Pipe[ToParent, ToChild]


def pair() -> tuple[ParentsEnd, int]:
    """The parent's end, and the descriptor of the child's."""
    ours, theirs = socket.socketpair()
    return Pipe(ours.detach(), msgspec.json.Decoder(ToParent)), theirs.detach()


def childs_end(descriptor: int) -> ChildsEnd:
    """The child's end, of a descriptor that it was handed at its start."""
    return Pipe(descriptor, msgspec.json.Decoder(ToChild))
