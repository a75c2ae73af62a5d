"""What we say: the envelope's commands, and the message as it goes on the wire."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import idna

from transports.contract import Stage
from transports.smtp.features import Features

_LINE_END = re.compile(rb"\r\n|\r|\n")
# What may stand in a bare address without quoting; a quoted local part is rare, and a classic way to smuggle.
_LOCAL = re.compile(r"[^\x00-\x20\x7f-\xa0\"(),:;<>@\[\\\]\u2028\u2029]{1,64}")
_QUOTED = re.compile(r'"(?:[^\x00-\x1f\x7f-\x9f"\\\u2028\u2029]|\\[\x20-\x7e]){1,62}"')
_DOMAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9])?", re.IGNORECASE)
# Both together, as nearly all addresses are; what does not fit here is looked at more closely.
# No group in it, which would cost more than all the rest; dots side by side are looked for apart.
_USUAL = re.compile(r"[A-Za-z0-9+=_-][A-Za-z0-9+=_.-]*(?<!\.)@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]+")
_RCPT = Stage.RCPT
_LITERAL = re.compile(r"\[[0-9a-z.:]{2,60}\]", re.IGNORECASE)


class Unfit(Exception):
    """This mail cannot go over this connection; nothing was said to the server."""

    def __init__(self, stage: Stage, code: str, detail: str) -> None:
        super().__init__(detail)
        self.stage, self.code, self.detail = stage, code, detail


class Envelope(NamedTuple):
    """The two commands that open a transaction, each with its line end."""

    mail: bytes
    rcpt: bytes


def envelope(sender: str, recipient: str, message: bytes, features: Features) -> Envelope:
    """MAIL and RCPT for this message on a connection with these features; raises `Unfit`."""
    from_path, from_utf8 = _from(sender)
    to_path, to_utf8 = _path(recipient, _RCPT)
    if to_utf8 and not features.utf8:
        raise Unfit(Stage.RCPT, "5.6.7", "The server has no SMTPUTF8, and the recipient's address needs it.")
    if from_utf8 and not features.utf8:
        raise Unfit(Stage.MAIL, "5.6.7", "The server has no SMTPUTF8, and the sender's address needs it.")
    options = _options(message, features, utf8=from_utf8 or to_utf8)
    return Envelope(b"MAIL FROM:<%s>%s\r\n" % (from_path, options), b"RCPT TO:<%s>\r\n" % to_path)


def ascii_sender(address: str) -> str:
    """The bare address with an ASCII domain; raises `Unfit` if it needs more than ASCII, or is none."""
    return _ascii(address, Stage.MAIL)


def ascii_recipient(address: str) -> str:
    """The bare address with an ASCII domain; raises `Unfit` if it needs more than ASCII, or is none."""
    return _ascii(address, Stage.RCPT)


def body(message: bytes, *, ready: bool = False) -> bytes:
    """The message as DATA sends it: CRLF line ends only, dots stuffed, and the final dot.

    A `ready` one is that already, and walking through it three times would cost a sixth of sending it.
    """
    if ready and message.endswith(b"\r\n"):
        return message + b".\r\n"
    clean = on_the_wire(message)
    if b"\r\n." in clean:
        clean = clean.replace(b"\r\n.", b"\r\n..")
    if clean.startswith(b"."):
        clean = b"." + clean
    return clean + (b".\r\n" if clean.endswith(b"\r\n") else b"\r\n.\r\n")


def chunk(message: bytes, *, ready: bool = False) -> bytes:
    """The message as BDAT sends it: CRLF line ends only, also at its end, and dots as they are (RFC 3030 §2)."""
    clean = message if ready else on_the_wire(message)
    return clean if clean.endswith(b"\r\n") else clean + b"\r\n"


def on_the_wire(message: bytes) -> bytes:
    """The message with CRLF line ends only: a lone CR or LF is how one message becomes two."""
    rest = message.replace(b"\r\n", b"")
    if b"\n" not in rest and b"\r" not in rest:
        return message
    return _LINE_END.sub(b"\r\n", message)


def _options(message: bytes, features: Features, *, utf8: bool) -> bytes:
    if b"\0" in message:
        raise Unfit(Stage.DATA, "5.6.0", "The message holds a NUL byte, which no mail server takes.")
    if 0 < features.size < len(message):
        sizes = f"{_megabytes(len(message))}, and the server takes at most {_megabytes(features.size)}"
        raise Unfit(Stage.DATA, "5.3.4", f"The message is too big: it has {sizes}.")
    options = b" SIZE=%d" % len(message) if features.size else b""
    if not message.isascii():
        utf8 = _head_needs_utf8(message, features) or utf8
        options += b" BODY=8BITMIME"
    return options + b" SMTPUTF8" if utf8 else options


def _head_needs_utf8(message: bytes, features: Features) -> bool:
    if not features.eight_bit:
        raise Unfit(Stage.DATA, "5.6.3", "The message has 8-bit text, and the server has no 8BITMIME.")
    if message.partition(b"\r\n\r\n")[0].isascii():
        return False
    if not features.utf8:
        raise Unfit(Stage.DATA, "5.6.7", "A header has raw UTF-8 text, and the server has no SMTPUTF8.")
    return True


@lru_cache(maxsize=8)  # often it is the same for every mail
def _from(sender: str) -> tuple[bytes, bool]:
    return _path(sender, Stage.MAIL)


def _path(address: str, stage: Stage) -> tuple[bytes, bool]:
    """The address as a path, and whether it needs SMTPUTF8. An empty sender is the null path."""
    odd = ".." in address or ".-" in address or "-." in address
    if not odd and len(address) <= 254 and address.find("@") <= 64 and _USUAL.fullmatch(address):
        return address.encode(), False
    if not address and stage is Stage.MAIL:
        return b"", False
    local, at, domain = address.rpartition("@")
    if not at or len(address) > 254 or not (_LOCAL.fullmatch(local) or _QUOTED.fullmatch(local)):
        raise _malformed(stage)
    domain = _ascii_domain(domain, stage)
    if not (_DOMAIN.fullmatch(domain) and ".." not in domain) and not _LITERAL.fullmatch(domain):
        raise _malformed(stage)
    try:
        return f"{local}@{domain}".encode(), not local.isascii()
    except UnicodeEncodeError:
        raise _malformed(stage) from None


def _ascii(address: str, stage: Stage) -> str:
    path, needs_utf8 = _path(address, stage)
    if needs_utf8:
        raise Unfit(stage, "5.6.7", "The address has letters that only SMTPUTF8 can carry.")
    return path.decode()


def _ascii_domain(domain: str, stage: Stage) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise _malformed(stage) from None


def _malformed(stage: Stage) -> Unfit:
    if stage is Stage.MAIL:
        return Unfit(stage, "5.1.7", "The sender's address is not one that a mail server takes.")
    return Unfit(stage, "5.1.3", "The recipient's address is not one that a mail server takes.")


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size} bytes"
