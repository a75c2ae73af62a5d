"""Private keys for signing, as plain text for the vault and the pipe."""

from base64 import b64decode, b64encode
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

RSA_BITS = 2048  # RFC 8301 §3.2; longer keys do not fit everywhere and cost five times as much
_PADDING, _HASH = PKCS1v15(), SHA256()


class Algorithm(StrEnum):
    """As in the k= tag of a record. RSA is what every receiver knows; Ed25519 comes beside it."""

    RSA = "rsa"
    ED25519 = "ed25519"


class BadKey(ValueError):
    """The text is not a private key that may sign."""


class PrivateKey:
    """A key that signs. Never printed; `text` is for the vault and the pipe only."""

    def __init__(self, key: RSAPrivateKey | Ed25519PrivateKey) -> None:
        self._key = key
        self.algorithm = Algorithm.RSA if isinstance(key, RSAPrivateKey) else Algorithm.ED25519

    @classmethod
    def make(cls, algorithm: Algorithm) -> "PrivateKey":
        """A new key: RSA of 2048 bits, or Ed25519."""
        if algorithm is Algorithm.ED25519:
            return cls(Ed25519PrivateKey.generate())
        return cls(generate_private_key(65537, RSA_BITS))

    @classmethod
    def from_text(cls, text: str) -> "PrivateKey":
        """The key that `text` wrote; raises BadKey."""
        try:
            key = load_der_private_key(b64decode(text, validate=True), password=None)
        except (ValueError, TypeError) as error:
            raise BadKey("This is not a private key.") from error
        if isinstance(key, Ed25519PrivateKey) or (
            isinstance(key, RSAPrivateKey) and key.key_size >= RSA_BITS
        ):
            return cls(key)
        raise BadKey("A DKIM key is RSA of at least 2048 bits, or Ed25519.")

    @property
    def text(self) -> str:
        """The private key itself: PKCS #8 in base64."""
        der = self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return b64encode(der).decode("ascii")

    @cached_property
    def public(self) -> str:
        """What stands behind p= in the record: SubjectPublicKeyInfo for RSA, the 32 bytes themselves for Ed25519."""
        public = self._key.public_key()
        if self.algorithm is Algorithm.ED25519:
            raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            raw = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b64encode(raw).decode("ascii")

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`, for Ed25519 of its SHA-256 (RFC 8463 §3)."""
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(sha256(data).digest())
        return self._key.sign(data, _PADDING, _HASH)
