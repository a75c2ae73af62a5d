"""A server that says more than was asked for fills no memory here."""

import imaplib
import poplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from webapp.feedback.mailbox import wire
from webapp.feedback.mailbox.wire import Imap, Pop

Serve = Callable[[bytes, bytes, bytes], socket.socket]


@pytest.fixture
def chatting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """A line to a server that greets, answers the first command well, and the next one without end."""
    monkeypatch.setattr(wire, "LONGEST_ANSWER", 200_000)
    lines: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(greeting: bytes, first: bytes, endless: bytes) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.settimeout(10)

        def talk() -> None:
            with theirs, theirs.makefile("rb") as asked, suppress(OSError):
                theirs.sendall(greeting)
                if first:
                    tag = asked.readline().split()[0]
                    theirs.sendall(first.replace(b"TAG", tag))
                asked.readline()
                while True:
                    theirs.sendall(endless)

        lines.append(ours)
        threads.append(threading.Thread(target=talk))
        threads[-1].start()
        return ours

    yield serve
    for line in lines:
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
        line.close()
    for thread in threads:
        thread.join(10)


@pytest.mark.parametrize(
    "endless", [b"* OK more\r\n" * 100, b"* 1 FETCH (X {1000}\r\n" + b"x" * 1000 + b")\r\n"]
)
def test_an_answer_of_imap_has_an_end(chatting: Serve, endless: bytes) -> None:
    line = chatting(b"* OK here\r\n", b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n", endless)
    server = Imap(line, "localhost")
    with pytest.raises(imaplib.IMAP4.abort, match="more than was asked for"):
        server.noop()
    server.shutdown()


def test_a_list_of_pop3_has_an_end(chatting: Serve) -> None:
    server = Pop(chatting(b"+OK here\r\n", b"", b"+OK\r\n" + b"1 uid\r\n" * 100), "localhost")
    with pytest.raises(poplib.error_proto, match="more than was asked for"):
        server.enter("INBOX")
    server.close()
