"""The signers of a sender child, by domain. Keys come as text through the pipe and are opened when they are first needed."""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from webapp.mail.compose import BadAddress, wire_domain

if TYPE_CHECKING:
    from webapp.mail.dkim.signer import Signer

PlainKeys = tuple[tuple[str, str, str], ...]
"""Domain, selector and private key; an empty private key for one that could not be opened."""


class Unsignable(Exception):
    """A domain signs its mail, and its key cannot be used: the mail must not leave without."""


class Signers:
    """In a child: a signer for each domain with keys, made when it is first needed."""

    def __init__(self, plain: Sequence[Sequence[str]] = ()) -> None:
        self._keys: dict[str, list[tuple[str, str]]] = {}
        self._made: dict[str, Signer] = {}
        for domain, selector, text in plain:
            self._keys.setdefault(domain, []).append((selector, text))

    def signs(self, from_address: str) -> bool:
        """Whether mail from this address is signed."""
        return bool(self._keys) and _domain_of(from_address) in self._keys

    def sign(self, message: bytes, from_address: str, *, canonical: bytes | None = None) -> bytes:
        """The message, signed if the domain of its from address has keys. Raises `Unsignable`.

        `canonical` is its body as DKIM hashes it, where the composer has told.
        """
        if not self.signs(from_address):
            return message
        domain = _domain_of(from_address)
        if domain not in self._made:
            self._made[domain] = self._signer(domain)
        return self._made[domain].sign(message, at=int(time.time()), canonical=canonical)

    def _signer(self, domain: str) -> "Signer":
        from webapp.mail.dkim.keys import BadKey, PrivateKey  # only those who sign pay for the library
        from webapp.mail.dkim.signer import Signer

        keys = []
        for selector, text in self._keys[domain]:
            try:
                keys.append((selector, PrivateKey.from_text(text)))
            except BadKey as error:
                words = f"The DKIM key {selector} of {domain} can't be opened. Put the saved key file back, or make"
                raise Unsignable(f"{words} another key: `offerpost dkim rotate {domain}`.") from error
        return Signer(domain, keys)


@lru_cache(maxsize=64)
def _domain_of(address: str) -> str:
    try:
        return wire_domain(address.rpartition("@")[2]).lower()
    except BadAddress:
        return ""  # the composer has refused it before
