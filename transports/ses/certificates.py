"""The certificate with which Amazon SNS signs: fetched from Amazon's own host only, checked, and kept for a while.

Amazon's certificate list is not at hand here, so what can be known is checked: where the file lies (the pattern is matched
whole, so nothing can be hidden in it), that it came over verified TLS, whose name it bears, that it is valid today, and,
when the file brings the chain along, that each certificate was issued by the next.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from transports.deadline import Deadline
from transports.errors import MaybeSent, TemporaryError
from transports.events import ForgedRequest
from transports.net import HttpReply, Net
from transports.ses.checking import Topic

SECONDS = 5.0  # for one certificate
KEPT_FOR = 6 * 3600.0
MOST_KEPT = 16
LONGEST = 64 * 1024
SMALLEST_KEY = 2048
MOST_A_MINUTE = 10  # fetched, so that whoever knows the topic can't make us ask Amazon without end
_FILE = r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem"


class Signers:
    """Public keys by the address of their certificate."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, list[x509.Certificate]]] = {}
        self._asked: list[float] = []

    def key(self, net: Net, topic: Topic, url: str) -> RSAPublicKey:
        """The key behind that address; raises `ForgedRequest` for a wrong one, else what `Net.http` raises."""
        if not re.fullmatch(re.escape(f"https://{topic.host}") + _FILE, url, re.ASCII):
            raise ForgedRequest(
                "The certificate of the notice lies elsewhere than at Amazon SNS in the topic's region.",
                f"SigningCertURL {url[:200]!r}",
            )
        chain = self._known(url) or self._fetched(net, url)
        return _checked(chain, topic)

    def _known(self, url: str) -> list[x509.Certificate] | None:
        with self._lock:
            until, chain = self._kept.get(url, (0.0, []))
        return chain if until > time.monotonic() else None

    def _fetched(self, net: Net, url: str) -> list[x509.Certificate]:
        self._count()
        reply = get(net, url, SECONDS)
        if reply.status != 200 or len(reply.body) > LONGEST:
            raise ForgedRequest(
                "The certificate of the notice can't be fetched.", f"{reply.status} for {url}"
            )
        try:
            chain = x509.load_pem_x509_certificates(reply.body)
        except ValueError as error:
            raise ForgedRequest("The certificate of the notice can't be read.", str(error)) from None
        with self._lock:
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[url] = (time.monotonic() + KEPT_FOR, chain)
        return chain

    def _count(self) -> None:
        now = time.monotonic()
        with self._lock:
            self._asked = [at for at in self._asked if at > now - 60]
            if len(self._asked) >= MOST_A_MINUTE:
                raise TemporaryError("Too many unknown certificates in a minute.", retry_after=60)
            self._asked.append(now)


def get(net: Net, url: str, seconds: float) -> HttpReply:
    """One GET; whatever keeps the answer away is a `TransportError`, and the service may send its notice again."""
    try:
        return net.http("GET", url, deadline=Deadline(seconds))
    except MaybeSent as trouble:
        raise TemporaryError(f"No answer from {url.split('/')[2]}.", trouble.detail) from None


def _checked(chain: Sequence[x509.Certificate], topic: Topic) -> RSAPublicKey:
    now = datetime.now(UTC)
    for one in chain:
        if not one.not_valid_before_utc <= now <= one.not_valid_after_utc:
            raise ForgedRequest(
                "The certificate of the notice is not valid today.", one.subject.rfc4514_string()
            )
    for lower, upper in pairwise(chain):
        _issued(lower, upper)
    signer = chain[0]
    if not _names(signer) & {topic.host, f"sns.{topic.domain}"}:
        raise ForgedRequest(
            "The certificate of the notice is not that of Amazon SNS.", str(_names(signer))[:300]
        )
    key = signer.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < SMALLEST_KEY:
        raise ForgedRequest("The certificate of the notice has no sound RSA key.")
    return key


def _issued(lower: x509.Certificate, upper: x509.Certificate) -> None:
    try:
        lower.verify_directly_issued_by(upper)
        may_issue = upper.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as error:
        raise ForgedRequest("The certificate chain of the notice does not hold.", repr(error)) from None
    if not may_issue:
        raise ForgedRequest(
            "The certificate chain of the notice does not hold.", "the issuer is no authority"
        )


def _names(one: x509.Certificate) -> set[str]:
    """The host names that it is for; the common name counts only where there are none (RFC 6125 §6.4.4)."""
    try:
        found = one.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return {name.lower() for name in found.get_values_for_type(x509.DNSName)}
    except x509.ExtensionNotFound:
        common = one.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return {str(attribute.value).lower() for attribute in common}
