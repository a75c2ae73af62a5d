"""Splits what a file, a folder or a pipe holds into mails: one mail, a mailbox file (RFC 4155), or a Maildir."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

# A blank line, then "From ", whoever it was, and a date: a sentence may begin with that word, too.
SEPARATOR = re.compile(rb"(?:\A|(?<=\n)\r?\n)From [^\r\n]{1,200} \d{4}(?: [+-]\d{4})?\r?\n")


def mails_of(content: bytes) -> list[bytes]:
    """The mails of a mailbox file, or the content itself when it is one mail."""
    if not content.startswith(b"From "):
        return [content]
    if not SEPARATOR.match(content):
        return [content]
    starts = [found.end() for found in SEPARATOR.finditer(content)]
    ends = [*(found.start() for found in SEPARATOR.finditer(content)), len(content)][1:]
    return [content[start:end] for start, end in zip(starts, ends, strict=True)]


def mails_in(paths: Sequence[Path], pipe: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Each mail with the name of its file, of folders all below it; those of `pipe`, named "-", when no path is given."""
    if not paths:
        yield from (("-", raw) for raw in mails_of(pipe.read()))
    for path in paths:
        for file in _files(path):
            yield from ((str(file), raw) for raw in mails_of(file.read_bytes()))


def _files(path: Path) -> Iterator[Path]:
    """What a mail server is still writing stands in `tmp`, and its own notes begin with a dot."""
    if not path.is_dir():
        yield path
        return
    for inner in sorted(path.iterdir()):
        if not inner.name.startswith(".") and not inner.is_symlink() and inner.name != "tmp":
            yield from _files(inner)
