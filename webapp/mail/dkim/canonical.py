"""The canonical form "relaxed" of RFC 6376 §3.4, for bytes whose lines end with CRLF.

Every step is a search or a replacement over the whole text: a loop over the lines of 10 KB would cost more than hashing them.
"""

import re

_CRLF = b"\r\n"
_runs = re.compile(rb"  +").sub


def relaxed_body(body: bytes) -> bytes:
    """The body as it is hashed: single blanks, none at the ends of lines, no empty lines at the end."""
    text = single_blanks(body)
    if b" \r" in text:
        text = text.replace(b" \r\n", _CRLF)
    end = len(text) - text.endswith(b" ")
    while text[end - 2 : end] == _CRLF:
        end -= 2
    return text[:end] + _CRLF if end else b""


def relaxed_fields(head: bytes) -> list[tuple[bytes, bytes]]:
    """Name and body of each field of a header in order, unfolded: names in lower case, single blanks, none around."""
    flat = single_blanks(head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" "))
    parts = (line.partition(b":") for line in flat.split(_CRLF) if line)
    return [(name.rstrip(b" ").lower(), body.strip(b" ")) for name, _, body in parts]


def single_blanks(text: bytes) -> bytes:
    """With one space for every run of spaces and tabs."""
    if b"\t" in text:
        text = text.replace(b"\t", b" ")
    return _runs(b" ", text) if b"  " in text else text
