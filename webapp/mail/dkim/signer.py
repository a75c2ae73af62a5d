"""Signs finished messages for one domain. What does not depend on the message is worked out once."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from webapp.mail.dkim.canonical import relaxed_body, relaxed_fields, single_blanks
from webapp.mail.dkim.keys import Algorithm, PrivateKey

SIGNED = tuple(
    b"from subject to cc reply-to sender in-reply-to references list-id list-unsubscribe list-unsubscribe-post"
    b" auto-submitted feedback-id mime-version content-type content-transfer-encoding".split()
)
"""The fields that are signed, all that occur of them. Not Date and Message-ID: Amazon SES writes both anew, by API and by
SMTP, and would break every signature over them. When the mail was signed stands in the signature, signed."""
OVERSIGNED = frozenset((b"from", b"subject"))
"""Named once more than they occur, so that nobody can add another one above ours without breaking the signature."""
_ORDER = {Algorithm.RSA: 0, Algorithm.ED25519: 1}  # what every receiver understands stands first
LINE = 76


class Signer:
    """Safe to share between threads. `keys` are selector and key; all of them sign, and no signature covers another."""

    def __init__(self, domain: str, keys: Sequence[tuple[str, PrivateKey]]) -> None:
        self._domain = domain.encode("ascii")
        ordered = sorted(keys, key=lambda one: _ORDER[one[1].algorithm])
        self._keys = [(self._beginning(selector, key), key) for selector, key in ordered]
        self._lists: dict[tuple[bytes, ...], bytes] = {}

    def sign(self, message: bytes, *, at: int, canonical: bytes | None = None) -> bytes:
        """The message with its signatures on top. `at` is the time in seconds since 1970. Lines end with CRLF.

        `canonical` is its body as `relaxed_body` would give it, for those who know it already.
        """
        head, _, body = message.partition(b"\r\n\r\n")
        names, signed = self._signed(relaxed_fields(head))
        hashed = relaxed_body(body) if canonical is None else canonical
        body_hash = b64encode(sha256(hashed).digest())
        ending = b"t=%d;\r\n h=%b;\r\n bh=%b;\r\n b=" % (at, names, body_hash)
        signatures = []
        for beginning, key in self._keys:
            unsigned = beginning + ending
            canonical = b"dkim-signature:" + single_blanks(unsigned.replace(b"\r\n", b""))
            signature = b64encode(key.sign(signed + canonical))
            signatures.append(b"DKIM-Signature: %b%b\r\n" % (unsigned, _folded(signature)))
        return b"".join((*signatures, message))

    def _beginning(self, selector: str, key: PrivateKey) -> bytes:
        tags = b"v=1; a=%b-sha256; c=relaxed/relaxed;\r\n d=%b; s=%b;\r\n "
        return tags % (key.algorithm.value.encode(), self._domain, selector.encode("ascii"))

    def _signed(self, fields: list[tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
        """The list for h=, and the canonical fields in its order. Of several of one name the lowest comes first."""
        bodies: dict[bytes, list[bytes]] = {}
        for name, body in fields:
            bodies.setdefault(name, []).append(body)
        found = [(name, body) for name in SIGNED for body in reversed(bodies.get(name, ()))]
        names = tuple([name for name, _ in found])
        listed = self._lists.get(names)
        if listed is None:
            listed = self._lists[names] = _listed(names)
        return listed, b"".join([b"%b:%b\r\n" % field for field in found])


def _listed(names: tuple[bytes, ...]) -> bytes:
    """The value of h=, folded behind colons. It is the same for all mails of a mailing."""
    lines, line = [], b"h="
    every = [*names, *sorted(OVERSIGNED)]
    for place, name in enumerate(every):
        unit = name + (b":" if place + 1 < len(every) else b"")
        if len(line) + len(unit) > LINE:
            lines.append(line)
            line = b""
        line += unit
    return b"\r\n ".join([*lines, line]).removeprefix(b"h=")


def _folded(signature: bytes) -> bytes:
    first = LINE - len("b=")
    rest = signature[first:]
    lines = [signature[:first], *(rest[at : at + LINE] for at in range(0, len(rest), LINE))]
    return b"\r\n ".join(lines)
