"""A second verifier, written straight from RFC 6376 §3 and §6 and RFC 8463. Slow, strict, and shares nothing with the signer."""

import re
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key


def verdicts(message: bytes, dns: Mapping[str, str]) -> dict[str, str]:
    """For each signature, by selector: "pass", or why not. `dns` holds the TXT records by name."""
    fields, body = parts(message)
    return dict(_verdict(fields, place, body, dns) for place in places(fields))


def tags_of(message: bytes) -> list[dict[str, str]]:
    fields, _ = parts(message)
    return [_tags(fields[place][1].decode()) for place in places(fields)]


def parts(message: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Fields with their folded bodies in order, and the body."""
    head, _, body = message.partition(b"\r\n\r\n")
    lines = re.split(rb"\r\n(?![ \t])", head)
    return [tuple(line.split(b":", 1)) for line in lines], body  # type: ignore[misc]


def places(fields: list[tuple[bytes, bytes]]) -> list[int]:
    return [place for place, (name, _) in enumerate(fields) if name.lower() == b"dkim-signature"]


def _verdict(
    fields: list[tuple[bytes, bytes]], place: int, body: bytes, dns: Mapping[str, str]
) -> tuple[str, str]:
    tags = _tags(fields[place][1].decode("ascii"))
    selector = tags["s"]
    if tags["v"] != "1" or tags["c"] != "relaxed/relaxed" or "l" in tags:
        return selector, "another kind of signature"
    if b64decode(tags["bh"]) != sha256(_body(body)).digest():
        return selector, "the body was changed"
    data = b"".join(_chosen(fields, place, tags["h"].split(":")))
    unsigned = re.sub(rb"(;[ \t\r\n]*b[ \t\r\n]*=)[^;]*", rb"\1", fields[place][1])
    data += _field(fields[place][0], unsigned).removesuffix(b"\r\n")
    record = _tags(dns[f"{selector}._domainkey.{tags['d']}"])
    assert tags["a"] == f"{record['k']}-sha256"
    try:
        _check(record, b64decode(tags["b"]), data)
    except InvalidSignature:
        return selector, "the signature does not fit"
    return selector, "pass"


def _check(record: dict[str, str], signature: bytes, data: bytes) -> None:
    raw = b64decode(record["p"])
    if record["k"] == "ed25519":
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, sha256(data).digest())
        return
    key = load_der_public_key(raw)
    assert isinstance(key, RSAPublicKey)
    assert key.key_size >= 2048
    key.verify(signature, data, PKCS1v15(), SHA256())


def _chosen(fields: list[tuple[bytes, bytes]], place: int, names: list[str]) -> list[bytes]:
    """The fields that h= names, each name taking the lowest that is left; one that isn't there is nothing (§5.4.2)."""
    left = [field for number, field in enumerate(fields) if number != place]
    found = []
    for name in names:
        for number in range(len(left) - 1, -1, -1):
            if left[number][0].decode().strip().lower() == name.lower():
                found.append(_field(*left.pop(number)))
                break
    return found


def _field(name: bytes, body: bytes) -> bytes:
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", body)
    return name.strip().lower() + b":" + re.sub(rb"[ \t]+", b" ", unfolded).strip(b" \t") + b"\r\n"


def _body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _tags(text: str) -> dict[str, str]:
    pairs = [part.split("=", 1) for part in text.split(";") if part.strip()]
    tags = {name.strip(): re.sub(r"\s+", "", value) for name, value in pairs}
    assert len(tags) == len(pairs), "a tag stands twice"
    return tags
