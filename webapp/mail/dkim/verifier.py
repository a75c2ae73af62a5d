"""Verifies the signatures of a mail as a receiver does (RFC 6376 §6, 8301, 8463), and says which part of it was changed.

The record of the key is whatever `lookup` finds; nothing here asks anybody. Time and memory grow with the mail's length only.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from time import time

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from webapp.mail.dkim.canonical import relaxed_body, relaxed_fields
from webapp.mail.dkim.records import allows, tags_of

MOST = 8  # signatures that are looked at
MOST_SIGNED = 200  # names in h=
FEWEST_BITS = 1024  # RFC 8301 §3.2
NEEDED = ("v", "a", "b", "bh", "d", "h", "s")
_OWN = re.compile(rb"(^|;)(\s*b\s*=)[^;]*")

Lookup = Callable[[str], Sequence[str]]
"""The TXT records of a name, none if there are none; raises LookupError with a sentence when nobody could say."""


@dataclass(frozen=True)
class Verified:
    """`result` is pass, fail, permerror or temperror; `reason` a sentence. `changed` is body or header, where that is why.

    `signed` are the names in h=, `partly` says that l= leaves the end of the body unsigned.
    """

    domain: str
    selector: str
    result: str
    reason: str = ""
    changed: str = ""
    signed: tuple[str, ...] = ()
    partly: bool = False


class Refused(Exception):
    """A signature that counts for nothing; `result` as in `Verified`."""

    def __init__(self, result: str, reason: str, changed: str = "") -> None:
        super().__init__(reason)
        self.result, self.changed = result, changed


def verify(message: bytes, lookup: Lookup, *, whole: bool = True, now: float | None = None) -> list[Verified]:
    """One result a signature, in the order of the mail. Lines end with CRLF. Without `whole` only the header is judged."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = _fields(head)
    found = [number for number, (name, _) in enumerate(fields) if name == b"dkim-signature"][:MOST]
    return [_verified(fields, number, body if whole else None, lookup, now or time()) for number in found]


def _verified(
    fields: list[tuple[bytes, bytes]], number: int, body: bytes | None, lookup: Lookup, now: float
) -> Verified:
    tags: dict[str, str] = {}
    try:
        tags = _tags(fields[number][1], now)
        if body is not None:
            _check_body(tags, body)
        _check_header(tags, fields, number, lookup)
        result = ("pass", "", "")
    except Refused as refusal:
        result = (refusal.result, str(refusal), refusal.changed)
    names = tuple(tags.get("h", "").lower().split(":"))
    return Verified(tags.get("d", "").lower(), tags.get("s", ""), *result, names, "l" in tags)


def _tags(field: bytes, now: float) -> dict[str, str]:
    try:
        tags = tags_of(field.partition(b":")[2].decode("utf-8", "replace"))
    except ValueError:
        raise Refused("permerror", "The signature is not a list of tags.") from None
    missing = [name for name in NEEDED if not tags.get(name)]
    if missing or tags["v"] != "1":
        raise Refused("permerror", f"The signature lacks {', '.join(missing) or 'v=1'}.")
    if tags["a"] not in ("rsa-sha256", "ed25519-sha256"):
        raise Refused("permerror", f"Receivers do not take the algorithm {tags['a'][:40]}.")
    if "from" not in tags["h"].lower().split(":"):
        raise Refused("permerror", "The signature does not cover From.")
    if not _is_below(tags.get("i", "").rpartition("@")[2] or tags["d"], tags["d"]):
        raise Refused("permerror", "i= and d= name different domains.")
    if tags.get("x", "").isdecimal() and int(tags["x"][:15]) < now:
        raise Refused("fail", "The signature has expired (x=).")
    return tags


def _is_below(name: str, domain: str) -> bool:
    return f".{name}".lower().endswith(f".{domain}".lower())


def _check_body(tags: dict[str, str], body: bytes) -> None:
    canonical = relaxed_body(body) if _how(tags)[1] == "relaxed" else _simple_body(body)
    if tags.get("l", "").isdecimal():
        canonical = canonical[: int(tags["l"][:15])]
    if sha256(canonical).digest() != _decoded(tags["bh"]):
        raise Refused("fail", "The body was changed after it was signed.", "body")


def _simple_body(body: bytes) -> bytes:
    end = len(body)
    while body[end - 2 : end] == b"\r\n":
        end -= 2
    return body[:end] + b"\r\n"


def _how(tags: dict[str, str]) -> tuple[str, str]:
    """The canonical forms of header and body (§3.4)."""
    head, _, body = tags.get("c", "simple/simple").partition("/")
    return head, body or "simple"


def _check_header(
    tags: dict[str, str], fields: list[tuple[bytes, bytes]], number: int, lookup: Lookup
) -> None:
    form = _relaxed if _how(tags)[0] == "relaxed" else _as_it_is
    waiting: dict[bytes, list[bytes]] = {}
    for name, field in fields:
        waiting.setdefault(name, []).append(field)
    signed = []
    for listed in tags["h"].lower().split(":")[:MOST_SIGNED]:
        lying = waiting.get(listed.encode())
        if lying:  # of several of one name the lowest comes first; one that is not there counts as empty
            signed.append(form(lying.pop()) + b"\r\n")
    name, _, value = fields[number][1].partition(b":")
    own = form(name + b":" + _OWN.sub(rb"\1\2", value, count=1))
    try:
        records = lookup(f"{tags['s']}._domainkey.{tags['d']}".lower())
    except LookupError as error:
        raise Refused("temperror", str(error.args[0])) from None
    check = _checker(tags, records)
    try:
        check(_decoded(tags["b"]), b"".join(signed) + own)
    except InvalidSignature:
        words = "A signed header field was changed, or the published key is not the one that signed."
        raise Refused("fail", words, "header") from None


def _checker(tags: dict[str, str], records: Sequence[str]) -> Callable[[bytes, bytes], None]:
    name = f"{tags['s']}._domainkey.{tags['d']}"
    if not records:
        raise Refused("permerror", f"There is no key at {name}.")
    if len(records) > 1:
        raise Refused("permerror", f"There are {len(records)} records at {name}; receivers take none.")
    try:
        key = tags_of(records[0])
    except ValueError:
        raise Refused("permerror", f"The record at {name} is no DKIM key.") from None
    kind = tags["a"].partition("-")[0]
    if key.get("v", "DKIM1") != "DKIM1" or key.get("k", "rsa") != kind:
        raise Refused("permerror", f"The record at {name} is not for {kind} signatures.")
    if not key.get("p"):
        raise Refused("permerror", f"The key at {name} is revoked (p= is empty).")
    if not allows(key.get("h", "*"), "sha256") or not allows(key.get("s", "*"), "email"):
        raise Refused("permerror", f"The record at {name} does not allow these signatures.")
    return _public(kind, key["p"], name)


def _public(kind: str, text: str, name: str) -> Callable[[bytes, bytes], None]:
    broken = Refused("permerror", f"The key at {name} can’t be read.")
    try:
        if kind == "ed25519":
            short = Ed25519PublicKey.from_public_bytes(_decoded(text))
            return lambda signature, data: short.verify(signature, sha256(data).digest())
        public = load_der_public_key(_decoded(text))
    except (ValueError, UnsupportedAlgorithm):
        raise broken from None
    if not isinstance(public, RSAPublicKey):
        raise broken
    if public.key_size < FEWEST_BITS:
        raise Refused("permerror", f"The key at {name} has only {public.key_size} bits.")
    return lambda signature, data: public.verify(signature, data, PKCS1v15(), SHA256())


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return b""


def _fields(head: bytes) -> list[tuple[bytes, bytes]]:
    """Name in lower case and the whole field, folded as it came, without its last line end."""
    joined: list[list[bytes]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and joined:
            joined[-1].append(line)
        else:
            joined.append([line])
    whole = [b"\r\n".join(lines) for lines in joined]
    return [(field.partition(b":")[0].rstrip(b" \t").lower(), field) for field in whole if b":" in field]


def _relaxed(field: bytes) -> bytes:
    (name, body), *_ = relaxed_fields(field)
    return b"%b:%b" % (name, body)


def _as_it_is(field: bytes) -> bytes:
    return field
