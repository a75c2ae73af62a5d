"""What a server offers: the lines of its answer to EHLO."""

from __future__ import annotations

from dataclasses import dataclass

from transports.smtp.replies import Reply


@dataclass(frozen=True, slots=True)
class Features:
    """The extensions that matter to us. `size` 0: no limit was named."""

    starttls: bool = False
    auth: frozenset[str] = frozenset()
    size: int = 0
    eight_bit: bool = False
    utf8: bool = False
    pipelining: bool = False
    chunking: bool = False


def features_of(ehlo: Reply) -> Features:
    """Read the answer to EHLO; its first line is a greeting. Unknown extensions are none of our business."""
    offered: dict[str, str] = {}
    auth: set[str] = set()
    for line in ehlo.lines[1:]:
        word, _, rest = line.strip().replace("=", " ", 1).partition(" ")  # "AUTH=PLAIN" is an old spelling
        offered[word.upper()] = rest.strip()
        if word.upper() == "AUTH":
            auth.update(rest.upper().split())
    size = offered.get("SIZE", "")
    return Features(
        starttls="STARTTLS" in offered,
        auth=frozenset(auth),
        size=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0,
        eight_bit="8BITMIME" in offered,
        utf8="SMTPUTF8" in offered,
        pipelining="PIPELINING" in offered,
        chunking="CHUNKING" in offered,
    )
