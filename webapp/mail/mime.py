"""Takes a mail apart, whatever it is like: broken, hostile or huge. Time and memory grow with its length only.

Own code, because the standard parser has no limit to nesting and gives up on reports whose boundaries are damaged.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header

LONGEST = 1_000_000  # bytes that are read of a mail
HEADER = 256 * 1024
DEPTH = 20
PARTS = 100
VALUE = 2_000  # characters that are read of one header

PARAMETER = re.compile(r"(?:boundary|charset|report-type)[ \t]*=", re.IGNORECASE)
FIELD = re.compile(r"([!-9;-~]{1,76})[ \t]*:[ \t]*(.*)")
BOUNDARY = re.compile(r'boundary[ \t]*=[ \t]*(?:"([^"\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
SHIFTED = b"\x1b$"  # Japanese in seven bits (RFC 1468), which servers often send undeclared
UNDECLARED = re.compile(rb"^--(\S{1,200})[ \t]*\n(?=Content-[A-Za-z-]{1,40}:)", re.IGNORECASE | re.MULTILINE)
CHARSET = re.compile(r"charset[ \t]*=[ \t]*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
WHOLE_MAIL = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "message/partial",
)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf: its type, its headers and its text. `original` is True inside of a mail that was enclosed."""

    type: str
    headers: Headers
    text: str
    original: bool = False

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


def take_apart(raw: bytes) -> tuple[Headers, list[Part]]:
    """The headers of the mail and its leaves in their order; at most `PARTS` of them."""
    plain = raw[:LONGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"").lstrip(b"\n ")
    if plain.startswith((b"From ", b">From ")):  # the line with which a mailbox file separates mails
        plain = plain.partition(b"\n")[2]
    headers, body = _head(plain)
    found: list[Part] = []
    for part in _leaves(headers, body, 0, original=False):
        found.append(part)
        if len(found) >= PARTS:
            break
    return headers, found


def decoded(value: str) -> str:
    """A header with its encoded words (RFC 2047) read; as it stands when they are damaged."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value[:VALUE])
    except (ValueError, LookupError, HeaderParseError):
        return value
    return "".join(
        piece if isinstance(piece, str) else _characters(piece, charset or "") for piece, charset in pieces
    )


def fields(text: str) -> Headers:
    """The lines `Name: value` at the beginning of a text, unfolded, names in lower case."""
    return _head(text.encode("utf-8", "surrogateescape"))[0]


def _head(block: bytes) -> tuple[Headers, bytes]:
    end = block.find(b"\n\n", 0, HEADER)
    if block.startswith(b"\n"):
        return (), block[1:]
    end = min(len(block), HEADER) if end < 0 else end
    lines: list[list[str]] = []
    place = 0
    for line in block[:end].split(b"\n"):
        text = _characters(line, "")
        if lines and (text[:1] in (" ", "\t") or _goes_on(lines[-1][-1], text)):
            if len(lines[-1]) < 50:
                lines[-1].append(text.strip())
        elif found := FIELD.match(text):
            lines.append([found[1].lower(), found[2]])
        elif text.strip():
            return _joined(lines), block[place:]  # no header line any more: the blank line is missing
        place += len(line) + 1
    return _joined(lines), block[end:].lstrip(b"\n")


def _goes_on(before: str, line: str) -> bool:
    """A parameter whose line somebody forgot to set in."""
    return before.rstrip().endswith(";") and bool(PARAMETER.match(line))


def _joined(lines: list[list[str]]) -> Headers:
    return tuple((name, " ".join(pieces)[:VALUE].strip()) for name, *pieces in lines)


def _leaves(headers: Headers, body: bytes, depth: int, *, original: bool) -> Iterator[Part]:
    declared = next((value for key, value in headers if key == "content-type"), "")
    kind = declared.partition(";")[0].strip().lower() or "text/plain"
    if depth < DEPTH and kind.startswith("multipart/"):
        pieces = _pieces(declared, body)
        if pieces:
            for piece in pieces:
                inner, rest = _head(piece)
                enclosed = original or any(key == "received" for key, _ in inner)
                yield from _leaves(inner, rest, depth + 1, original=enclosed)
            return
        kind = "text/plain"  # there is no boundary in it
    content = _content(headers, body)
    if depth < DEPTH and kind in WHOLE_MAIL:
        inner, rest = _head(content.lstrip(b"\n"))
        yield Part("message/rfc822", inner, "", original=original)
        yield from _leaves(inner, rest, depth + 1, original=True)
        return
    charset = CHARSET.search(declared)
    yield Part(kind, headers, _characters(content, charset[1] if charset else ""), original)


def _pieces(declared: str, body: bytes) -> list[bytes]:
    found = BOUNDARY.search(declared)
    undeclared = UNDECLARED.search(body)
    candidates = [(found[1] or found[2]).encode("utf-8", "surrogateescape")] if found else []
    candidates += [undeclared[1]] if undeclared else []
    for boundary in candidates:
        line = re.compile(rb"^--" + re.escape(boundary) + rb"(?:--)?[ \t]*$\n?", re.MULTILINE)
        pieces = [piece for piece in line.split(body, maxsplit=PARTS)[1:] if piece.strip()]
        if pieces:
            return pieces
    return []


def _content(headers: Headers, body: bytes) -> bytes:
    encoding = next((value for key, value in headers if key == "content-transfer-encoding"), "").lower()
    if "base64" in encoding:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _rest(letters))
    return quopri.decodestring(body) if "quoted-printable" in encoding else body


def _rest(letters: bytes) -> bytes:
    """The last, incomplete group of base64, padded; a single letter says nothing."""
    rest = letters[len(letters) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _characters(content: bytes, charset: str) -> str:
    for name in ("iso-2022-jp" if SHIFTED in content else "", charset, "utf-8"):
        try:
            if name:
                return content.decode(name).replace("\r\n", "\n").replace("\r", "\n")
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return content.decode("latin-1").replace("\r", "\n")
