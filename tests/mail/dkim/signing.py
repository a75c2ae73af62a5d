"""One key of each algorithm, and what the DNS would say of them."""

import os
import subprocess
from functools import cache
from pathlib import Path

import dkim

from webapp.mail.dkim.keys import Algorithm, PrivateKey
from webapp.mail.dkim.records import Record
from webapp.mail.dkim.signer import Signer

DOMAIN = "mail.network.example"
AT = 1_790_000_000
PERL = Path(__file__).with_name("perl_verifier.pl")


@cache
def keys() -> tuple[tuple[str, PrivateKey], ...]:
    return (("op1", PrivateKey.make(Algorithm.RSA)), ("op2", PrivateKey.make(Algorithm.ED25519)))


@cache
def dns() -> dict[str, str]:
    records = [Record(DOMAIN, selector, key.algorithm, key.public) for selector, key in keys()]
    return {record.name: record.value for record in records}


@cache
def signer() -> Signer:
    return Signer(DOMAIN, keys())


def signed(message: bytes) -> bytes:
    return signer().sign(message, at=AT)


def by_dkimpy(message: bytes, records: dict[str, str] | None = None) -> list[bool]:
    """What dkimpy says of each signature."""
    known = dns() if records is None else records

    def asked(name: bytes, timeout: int = 5) -> bytes:
        return known[name.decode().rstrip(".")].encode()

    def verify(place: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(idx=place, dnsfunc=asked))
        except dkim.ValidationError:  # says at once that the body was changed
            return False

    count = sum(name.lower() == b"dkim-signature" for name, _ in dkim.DKIM(message).headers)
    return [verify(place) for place in range(count)]


def by_perl(message: bytes) -> str:
    """What Mail::DKIM says: "op1=pass …"."""
    arguments = [part for pair in dns().items() for part in pair]
    environ = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        ["perl", str(PERL), *arguments], input=message, capture_output=True, check=True, env=environ
    ).stdout.decode()
