"""A mail that arrived, beside what is known of it here: what every rule of the loop test looks at."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import getaddresses
from functools import cached_property

from webapp.domains.case import registrable
from webapp.domains.dmarc.walk import Walk, walk
from webapp.domains.lookup.answers import Found
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.loop.authres import Result
from webapp.domains.loop.trace import Trace, trace
from webapp.domains.spf.evaluate import Outcome, check_host
from webapp.errors import Invalid
from webapp.mail.check import Mail
from webapp.mail.dkim.verifier import Verified, verify

NO_FROM = "There is no From header with an address. Copy the headers from the first line on."


@dataclass(frozen=True)
class Sent:
    """What left. `is_ours` knows the envelope senders under which this mail may have gone; `raw` is it before its signatures."""

    message_id: str
    accepted_at: datetime
    announces: bool
    raw: bytes
    is_ours: Callable[[str], bool] = field(default=lambda _: False)


class Arrived:
    """`whole`: the body is there too. `exact`: no byte was changed by whoever brought it here (a pasted text may be).

    Raises `Invalid` for what has no From.
    """

    def __init__(
        self,
        raw: bytes,
        resolver: Resolver,
        *,
        sent: Sent | None = None,
        receiver: str = "",
        exact: bool = True,
    ) -> None:
        lines = raw.lstrip().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self.raw = lines.replace(b"\n", b"\r\n")
        self.mail, self.resolver, self.sent, self.exact = Mail(self.raw), resolver, sent, exact
        self.body = self.raw.partition(b"\r\n\r\n")[2]
        self.whole = exact or bool(self.body.strip())
        self.domain = self._from_domain()
        self.trace: Trace = trace(self.mail, self.domain, receiver)

    def first(self, name: str) -> str:
        one = self.mail.first(name)
        return one.raw[:2_000] if one else ""

    @cached_property
    def envelope(self) -> str:
        """The envelope sender that the receiver wrote down, in lower case; "" if it is empty or not told."""
        return self.first("Return-Path").strip("<> ").lower()

    def said(self, method: str) -> list[Result]:
        """What the receiver says of this method."""
        return [one for said in self.trace.believed for one in said.results if one.method == method]

    @cached_property
    def verified(self) -> list[Verified]:
        """The signatures, verified here over the bytes that arrived with keys that we looked up ourselves."""
        return verify(self.raw, self._key, whole=self.whole)

    @cached_property
    def spf(self) -> Outcome | None:
        """What we find for the address from which the receiver got the mail; None if it is not told."""
        border = self.trace.border
        domain = self.envelope.rpartition("@")[2] or (border.helo if border else "")
        if border is None or not border.address or "." not in domain:
            return None
        return check_host(self.resolver, border.address, domain, self.envelope, border.helo)

    @cached_property
    def dmarc(self) -> Walk:
        return walk(self.resolver, self.domain)

    def near(self, domain: str, *, tag: str = "") -> bool:
        """Whether this domain may speak for the From domain; `tag` is adkim or aspf (RFC 9989 §4.4)."""
        record = self.dmarc.record
        if not domain or (tag and record is not None and record.strict(tag)):
            return domain == self.domain
        return registrable(domain) == registrable(self.domain)

    def _key(self, name: str) -> list[str]:
        answer = self.resolver.ask(name, "TXT")
        if answer.found is Found.UNKNOWN:
            raise LookupError(f"The DNS could not say whether there is a key at {name}: {answer.why}.")
        return list(answer.values)

    def _from_domain(self) -> str:
        addresses = getaddresses([one.raw[:2_000] for one in self.mail.named("From")[:1]])
        domain = addresses[0][1].rpartition("@")[2].lower() if addresses else ""
        if not re.fullmatch(r"[a-z0-9.-]{1,240}\.[a-z0-9-]{1,63}", domain):
            raise Invalid({"source": NO_FROM})
        return domain
