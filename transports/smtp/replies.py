"""What an SMTP server says: bytes in, whole replies out. No socket; strict, and bounded in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from transports.said import printable

LINE_CAP = 2_048
REPLY_CAP = 64 * 1024
LINES_CAP = 200

_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")


class BadReply(Exception):
    """The server said something that is not an SMTP reply, or more than anybody needs to hear."""


class Reply(msgspec.Struct, frozen=True):
    """One complete reply; `lines` are its texts without the code."""

    code: int
    lines: tuple[str, ...] = ("",)

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 300

    @property
    def for_now(self) -> bool:
        return 400 <= self.code < 500

    @property
    def for_good(self) -> bool:
        return self.code >= 500

    @property
    def enhanced(self) -> str:
        """The enhanced status code (RFC 3463), such as "5.1.1", if it fits the basic code; else an empty text."""
        found = _ENHANCED.match(self.lines[-1]) or _ENHANCED.match(self.lines[0])
        return found[1] if found and found[1][0] == str(self.code)[0] else ""

    @property
    def codes(self) -> str:
        """Both codes, as a `Delivery` carries them: "550 5.1.1", or "550"."""
        return f"{self.code} {self.enhanced}".rstrip()

    @property
    def words(self) -> str:
        """The whole reply on one line, printable and cut: "550 5.1.1 No such user here"."""
        return printable(f"{self.code} {' '.join(self.lines)}".rstrip())


class ReplyParser:
    """Feed it what the socket gave; it yields the replies that are complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._code = 0
        self._lines: list[str] = []
        self._size = 0

    @property
    def mid_reply(self) -> bool:
        """Whether something was heard that is not a whole reply yet."""
        return bool(self._rest or self._lines)

    def feed(self, data: bytes) -> Iterator[Reply]:
        """The replies that are complete now. Raises `BadReply` in its turn; nothing after that can be trusted."""
        if not self._rest and not self._lines and data.endswith(b"\n"):
            try:
                replies = [_whole(line) for line in data[:-1].split(b"\n")]
            except BadReply:  # met again by the other way, behind what was said before it
                return self._fed(data)
            if None not in replies:
                return iter(replies)  # type: ignore[arg-type]
        return self._fed(data)

    def _fed(self, data: bytes) -> Iterator[Reply]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            reply = self._line(line) if self._lines else _whole(line) or self._line(line)
            if reply is not None:
                yield reply
        if len(self._rest) > LINE_CAP:
            raise BadReply(f"a reply line is longer than {LINE_CAP} bytes")

    def _line(self, line: bytes) -> Reply | None:
        code, goes_on, text = _parts(line)
        if self._lines and code != self._code:
            raise BadReply(f"a reply that began with {self._code} goes on with {code}")
        self._keep(code, text)
        if goes_on:
            return None
        reply = Reply(code, tuple(self._lines))
        self._lines, self._size = [], 0
        return reply

    def _keep(self, code: int, text: str) -> None:
        self._code = code
        self._size += len(text)
        self._lines.append(text)
        if self._size > REPLY_CAP or len(self._lines) > LINES_CAP:
            raise BadReply(f"a reply is longer than {LINES_CAP} lines or {REPLY_CAP} bytes")


@lru_cache(maxsize=64)  # a server says the same few lines for mail after mail
def _whole(line: bytes) -> Reply | None:
    """The reply that is this one line; None if another line follows. Raises `BadReply`."""
    code, goes_on, text = _parts(line)
    return None if goes_on else Reply(code, (text,))


def _parts(line: bytes) -> tuple[int, bool, str]:
    """Code, whether another line follows, and the words. Raises `BadReply`."""
    text = line.removesuffix(b"\r")
    found = _LINE.fullmatch(text)
    if len(text) > LINE_CAP:
        raise BadReply(f"a reply line is longer than {LINE_CAP} bytes")
    if not found:
        raise BadReply(f"not an SMTP reply: {printable(text[:200].decode('utf-8', 'replace'))}")
    return int(found[1]), found[2] == b"-", (found[3] or b"").decode("utf-8", "replace")
