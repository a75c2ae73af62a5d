"""Header fields as bytes. User text is always encoded, never parsed, so that it can neither end a line nor start a field."""

import re
from base64 import b64encode
from datetime import UTC, datetime
from functools import lru_cache

LINE = 78
WORD = 75
LONGEST_TEXT = 600
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q_UNITS = ["_" if byte == 32 else chr(byte) if byte in _Q_SAFE else f"={byte:02X}" for byte in range(256)]
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def one_line(text: str) -> str:
    """`text` without line breaks, controls and half characters; blanks of any kind become one space."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    flat = " ".join(text.split())
    return "".join(
        c if c.isprintable() or c in "\u200c\u200d" else "" for c in flat if not "\ud800" <= c <= "\udfff"
    )


def unstructured(name: str, text: str) -> bytes:
    """The field's body for text of people, such as a subject: readable as it is, or in encoded words. Folded."""
    text = _cut(one_line(text))
    first = LINE - len(name) - 2
    if len(text) <= first and _PLAIN.fullmatch(text) and "=?" not in text:
        return text.encode("ascii")
    if not text:
        return b""
    folded = _folded(text, first) if _PLAIN.fullmatch(text) and "=?" not in text else None
    return folded or encoded_words(text, first)


def mailbox(name: str, display: str, address: str) -> bytes:
    """`display <address>` for an address that `addresses.wire_address` has passed; only the address without a name."""
    if (
        len(name) + len(display) + len(address) + 5 <= LINE
        and _ATOMS.fullmatch(display)
        and "=?" not in display
    ):
        return f"{display} <{address}>".encode()  # most names: on one line, and nothing to quote
    display = _cut(one_line(display), 120)
    if not display:
        return address.encode()
    phrase = _phrase(display, LINE - len(name) - 2)
    tail = f"<{address}>".encode()
    last = len(phrase.rpartition(b"\r\n")[2])
    start = 0 if b"\r\n" in phrase else len(name) + 2
    gap = b" " if start + last + 1 + len(tail) <= LINE else b"\r\n "
    return phrase + gap + tail


def encoded_words(text: str, first: int) -> bytes:
    """`text` as RFC 2047 encoded words of whole characters, one a line; the first line has room for `first` bytes."""
    raw = text.encode("utf-8")
    quoted = "".join(map(_Q_UNITS.__getitem__, raw))
    q = len(quoted) <= (len(raw) + 2) // 3 * 4
    room = min(WORD, first) - len("=?utf-8?q??=")
    if q and len(quoted) <= room:
        return f"=?utf-8?q?{quoted}?=".encode("ascii")
    if not q and (len(raw) + 2) // 3 * 4 <= room:
        return _word(raw, q)
    words: list[bytes] = []
    current, size = bytearray(), 0
    for character in text:
        data = character.encode("utf-8")
        cost = sum(len(_Q_UNITS[byte]) for byte in data) if q else len(data)
        full = size + cost > room if q else (size + cost + 2) // 3 * 4 > room
        if full and current:
            words.append(_word(bytes(current), q))
            current, size = bytearray(), 0
            room = WORD - len("=?utf-8?q??=")
        current += data
        size += cost
    words.append(_word(bytes(current), q))
    return b"\r\n ".join(words)


def _word(raw: bytes, q: bool) -> bytes:
    if not q:
        return b"=?utf-8?b?" + b64encode(raw) + b"?="
    return f"=?utf-8?q?{''.join(map(_Q_UNITS.__getitem__, raw))}?=".encode("ascii")


def _phrase(display: str, first: int) -> bytes:
    if len(display) <= first - 4 and "=?" not in display and display.isascii():
        if _ATOMS.fullmatch(display):
            return display.encode("ascii")
        quoted = display.replace("\\", "\\\\").replace('"', '\\"')
        if len(quoted) <= first - 4:
            return f'"{quoted}"'.encode("ascii")
    return encoded_words(display, first)


def _folded(text: str, first: int) -> bytes | None:
    lines: list[str] = []
    line, room = "", first
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, LINE - 1
        else:
            line = f"{line} {word}" if line else word
        if len(line) > room:
            return None  # a word that no line can hold: encoded words can be cut, this cannot
    return "\r\n ".join([*lines, line]).encode("ascii")


def _cut(text: str, limit: int = LONGEST_TEXT) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


@lru_cache(maxsize=16)
def date_field(moment: datetime) -> bytes:
    """The Date field's body, in UTC. `moment` must know its zone."""
    if moment.tzinfo is None:
        raise ValueError("a mail's date must carry its time zone")
    utc = moment.astimezone(UTC)
    clock = f"{utc.hour:02}:{utc.minute:02}:{utc.second:02}"
    return (
        f"{_DAYS[utc.weekday()]}, {utc.day:02} {_MONTHS[utc.month - 1]} {utc.year:04} {clock} +0000".encode(
            "ascii"
        )
    )
