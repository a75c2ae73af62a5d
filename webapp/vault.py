"""Encrypts secrets with a key that lies outside the database, and signs purpose-bound tokens.

A stored secret is bound to its place: the name of its row is sealed in with it, so that a ciphertext copied into another
row does not open. Rotation puts a new key in front; the old ones stay, for old tokens must go on working.
"""

import hmac
import json
import os
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from webapp.errors import DomainError

SIGNATURE_BYTES = 16  # 128 bits, T9
TAG_BYTES = 10  # 16 letters of base32 without padding, T13
KEY_ID_LETTERS = 12
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base32 (RFC 4648 §6), small
_PAIRS = [
    one + other for one in _LETTERS for other in _LETTERS
]  # ten bits each: three times faster than b32encode


class VaultError(DomainError):
    """A secret could not be opened, or the key file is missing or damaged."""


class Vault:
    """Opens and signs with the keys of one key file, newest first; notices by itself when the file was rotated."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._load()

    @classmethod
    def open(cls, path: Path, *, create: bool) -> "Vault":
        """Read the key file; with `create`, make it first (mode 0600) if it isn't there."""
        if create and not path.exists():
            _write_new(path, Fernet.generate_key() + b"\n")
        return cls(path)

    def encrypt(self, text: str, *, row: str) -> str:
        """Seal `text` together with the name of the row (and field) it will lie in."""
        return self._fernet.encrypt(json.dumps([row, text]).encode()).decode()

    def decrypt(self, token: str, *, row: str) -> str:
        """Open what `encrypt` sealed for the same row; `VaultError` for any other."""
        place, text = json.loads(self._opened(token.encode()))
        if place != row:
            raise VaultError("A stored secret lies in the wrong place and was not opened.")
        return str(text)

    def seal(self, content: bytes, *, row: str) -> bytes:
        """Seal a file together with the name of its row."""
        return self._fernet.encrypt(row.encode() + b"\0" + content)

    def unseal(self, sealed: bytes, *, row: str) -> bytes:
        """Open what `seal` sealed for the same row; `VaultError` for any other."""
        place, _, content = self._opened(sealed).partition(b"\0")
        if place != row.encode():
            raise VaultError("A stored file lies in the wrong place and was not opened.")
        return content

    def sign(self, purpose: str, payload: str) -> str:
        """URL-safe signature (22 characters) of `payload` for one purpose only."""
        return _signature(self._signing[0], purpose, payload)

    def signer(self, purpose: str) -> Callable[[str], str]:
        """`sign` for many payloads of one purpose: three times as fast, for the key is prepared once."""
        prepared = hmac.new(self._signing[0], purpose.encode() + b"\0", sha256)

        def sign(payload: str) -> str:
            one = prepared.copy()
            one.update(payload.encode())
            return _written(one.digest())

        return sign

    def verify(self, purpose: str, payload: str, signature: str) -> bool:
        """Whether any of the keys, old ones included, made this signature; constant time a key."""
        return self._made(purpose, payload, signature) or (
            self._reload() and self._made(purpose, payload, signature)
        )

    @property
    def key_id(self) -> str:
        """The name of the newest key, for what has to be signed the same way again later. It tells nothing of the key."""
        return next(iter(self._named))

    def tag(self, purpose: str, payload: str, key_id: str = "") -> str:
        """A signature of 80 bits in 16 small letters and digits, for places where capitals get lost.

        `key_id` names the key, old or new; the newest signs when that one is not (or no longer) in the file.
        """
        if key_id and key_id not in self._named:
            self._reload()
        return _tag(self._named.get(key_id, self._signing[0]), purpose, payload)

    def verify_tag(self, purpose: str, payload: str, tag: str) -> bool:
        """Whether any of the keys, old ones included, made this tag; constant time a key."""
        return self._tagged(purpose, payload, tag) or (self._reload() and self._tagged(purpose, payload, tag))

    def derived(self, purpose: str) -> bytes:
        """32 bytes for another component (the session cookie, a child process), stable until rotation."""
        return _derived(self._signing[0], purpose.encode())

    def _opened(self, token: bytes) -> bytes:
        try:
            return self._fernet.decrypt(token)
        except InvalidToken as error:
            if self._reload():
                return self._opened(token)
            raise VaultError("A stored secret can't be opened with the present key file.") from error

    def _made(self, purpose: str, payload: str, signature: str) -> bool:
        made = [_signature(key, purpose, payload) for key in self._signing]
        return sum(hmac.compare_digest(one.encode(), signature.encode()) for one in made) > 0

    def _tagged(self, purpose: str, payload: str, tag: str) -> bool:
        made = [_tag(key, purpose, payload) for key in self._signing]
        return sum(hmac.compare_digest(one.encode(), tag.encode()) for one in made) > 0

    def _load(self) -> None:
        try:
            self._keys = self._path.read_bytes().split()
            self._fernet = MultiFernet([Fernet(key) for key in self._keys])
        except FileNotFoundError as error:
            raise VaultError(
                f"The key file {self._path.name} is missing. Put the saved key file back."
            ) from error
        except ValueError as error:
            raise VaultError("The key file is empty or damaged. Put the saved key file back.") from error
        self._signing = [_derived(key, b"offerpost signing") for key in self._keys]
        self._named = {sha256(key).hexdigest()[:KEY_ID_LETTERS]: key for key in self._signing}

    def _reload(self) -> bool:
        """Another process may have rotated the keys: whether there are new ones now."""
        before = self._keys
        self._load()
        return self._keys != before


def rotate(path: Path) -> None:
    """Put a new key in front of the old ones; what was sealed before still opens."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    _write_new(fresh, Fernet.generate_key() + b"\n" + path.read_bytes())
    fresh.replace(path)


def _signature(key: bytes, purpose: str, payload: str) -> str:
    return _written(hmac.digest(key, f"{purpose}\0{payload}".encode(), sha256))


def _written(digest: bytes) -> str:
    return urlsafe_b64encode(digest[:SIGNATURE_BYTES]).rstrip(b"=").decode()


def _tag(key: bytes, purpose: str, payload: str) -> str:
    digest = hmac.digest(key, f"{purpose}\0{payload}".encode(), sha256)
    high, low = int.from_bytes(digest[:5]), int.from_bytes(digest[5:TAG_BYTES])
    return "".join([_PAIRS[part >> shift & 1023] for part in (high, low) for shift in (30, 20, 10, 0)])


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key)


def _write_new(path: Path, content: bytes) -> None:
    """Appears whole or not at all; when another process was first, its key stays."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()
