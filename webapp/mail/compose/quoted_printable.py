"""Quoted-printable that can be concatenated: literals encoded once, values that fit wherever their slot stands.

Every line ends at 76 columns at the latest, whatever the values are, because a slot begins at column ROOM at the latest, a
value that is longer than SLOT begins with a soft break, and what follows a slot begins with a break. A block begins and ends
at column 0, so that it can be there once, often or not at all. No line begins with a dot or with "From ", so that neither
SMTP nor a mailbox file has to change a byte.
"""

import re
from binascii import b2a_qp

ROOM = 34
SLOT = 39
CHUNK = 72
SOFT = b"=\r\n"
_LIMIT = 73  # leaves room to write a blank at the end of a line as =20
_UNITS = [
    bytes([byte]) if 32 <= byte < 127 and byte != 61 else f"={byte:02X}".encode() for byte in range(256)
]
_FIRST, _OTHER = r"[A-EG-Za-z0-9_,:;@/(*+?&#!$~-]", r"[A-Za-z0-9_,:;@/()*+?&#!$~.-]"
_PLAIN = re.compile(
    r"[A-EG-Za-z0-9_,:;@/(*+-](?:[A-Za-z0-9_,:;@/()*+. -]{0,37}[A-Za-z0-9_,:;@/()*+.-])?"
).fullmatch
_is_short = re.compile(r"(?!\.|From )[ -<>-~]{1,38}[!-<>-~]").fullmatch
is_plain_link = re.compile(r"https?://[A-Za-z0-9_,:;@/()*+?#!$~.-]{33,64}").fullmatch
"""Whether a link means the same in text and in HTML, fits into a line and is longer than a slot."""
_is_plain_line = re.compile(rf"{_FIRST}{_OTHER}{{0,{CHUNK - 1}}}").fullmatch


def is_plain(value: str) -> bool:
    """Whether a value means the same in text, in HTML and in quoted-printable, and fits into any slot."""
    if value.isalnum() and len(value) <= SLOT:
        return value.isascii()
    return _PLAIN(value) is not None and "  " not in value


def encode_value(text: str) -> bytes:
    """One value for any slot. Lines in it are divided by "\\n" and are not blank at their ends."""
    if text.isascii():
        if is_plain(text):
            return text.encode("ascii")
        if _is_plain_line(text):  # most links
            return SOFT + text.encode("ascii")
    return b"\r\n".join([_encode_line(line) for line in text.split("\n")])


def _encode_line(line: str) -> bytes:
    if _is_short(line) and "  " not in line:
        return line.encode("ascii")
    raw = b2a_qp(line.encode("utf-8"), istext=False).replace(b"=\n", b"")
    if b"  " in raw:
        raw = raw.replace(b"  ", b" =20")  # single blanks are what DKIM hashes
    if raw[:1] == b"." or raw[:5] == b"From ":
        raw = _UNITS_ESCAPED[raw[0]] + raw[1:]
    if len(raw) <= SLOT:
        return raw
    chunks = []
    while len(raw) > CHUNK:
        cut = CHUNK
        if raw[cut - 1] == 61:
            cut -= 1
        elif raw[cut - 2] == 61:
            cut -= 2
        chunks.append(raw[:cut])
        raw = raw[cut:]
        if raw[:1] in (b".", b"F"):
            raw = _UNITS_ESCAPED[raw[0]] + raw[1:]
    return SOFT + SOFT.join([*chunks, raw])


_UNITS_ESCAPED = {ord("."): b"=2E", ord("F"): b"=46"}


class Writer:
    """Collects the literals and slots of a body or of a block: literal, slot, literal, slot, …, literal."""

    def __init__(self, *, of_block: bool = False) -> None:
        self.literals: list[bytes] = []
        self.slots: list[int] = []
        self._out = bytearray()
        self._column = 0
        self._after_slot = False
        self._after_block = False
        self._broken = of_block  # what stands before is no line's beginning of ours

    def text(self, text: str) -> None:
        """Write text that is the same for everybody."""
        if not text:
            return
        if self._after_slot:
            self._after_slot = False
            if text[0] != "\n":
                self._soft_break()
        for number, line in enumerate(text.split("\n")):
            if number:
                self._hard_break()
            self._line(line.encode("utf-8"))

    def slot(self, number: int) -> None:
        """Leave room for the value of that number."""
        if self._after_slot or self._column > ROOM:
            self._soft_break()
        self._seal_blank()
        self.literals.append(bytes(self._out))
        self.slots.append(number)
        self._out.clear()
        self._after_slot = True
        self._after_block = self._broken = False

    def block(self, number: int) -> None:
        """Leave room for the block of that number."""
        self._to_column_zero()
        self.literals.append(bytes(self._out))
        self.slots.append(number)
        self._out.clear()
        self._after_slot = False
        self._after_block = self._broken = True

    def finish_block(self) -> list[bytes]:
        """The literals of a block."""
        self._to_column_zero()
        return [*self.literals, bytes(self._out)]

    def finish(self) -> list[bytes]:
        """The literals: one more than slots. The body ends with a line break."""
        if self._after_slot or self._column or self._after_block:
            self._hard_break()
        return [*self.literals, bytes(self._out)]

    def _line(self, raw: bytes) -> None:
        if raw[:1] == b"." or raw[:5] == b"From ":
            self._put(_UNITS_ESCAPED[raw[0]])
            raw = raw[1:]
        for byte in raw:
            self._put(_UNITS[byte])

    def _put(self, unit: bytes) -> None:
        if self._column + len(unit) > _LIMIT:
            self._soft_break()
        if self._column == 0 and unit in (b".", b"F") and (self._out.endswith(SOFT) or self._broken):
            unit = _UNITS_ESCAPED[unit[0]]
        self._after_block = self._broken = False
        self._out += unit
        self._column += len(unit)

    def _to_column_zero(self) -> None:
        if self._after_slot or self._column:
            self._soft_break()

    def _soft_break(self) -> None:
        self._out += SOFT
        self._column = 0

    def _hard_break(self) -> None:
        self._after_slot = self._after_block = self._broken = False
        self._seal_blank()
        self._out += b"\r\n"
        self._column = 0

    def _seal_blank(self) -> None:
        if self._out[-1:] == b" ":
            self._out[-1:] = b"=20"
            self._column += 2
