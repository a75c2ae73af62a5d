"""Splits what a file or a pipe holds into mails: one mail, or a mailbox file (RFC 4155)."""

import re

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
