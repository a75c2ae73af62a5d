"""What a check is about: the domain, how its mail leaves, the addresses that the network uses, the keys that sign."""

from dataclasses import dataclass, field
from datetime import datetime

from transports.checks import DnsExpectation
from webapp.mail.dkim.records import Record


@dataclass(frozen=True)
class Way:
    """How mail leaves. `expects` is not empty for a known provider, from whose addresses mail then comes."""

    name: str = ""
    kind: str = ""
    host: str = ""
    port: int = 0
    security: str = ""
    ca_pem: str = ""
    helo: str = ""
    expects: tuple[DnsExpectation, ...] = ()

    @property
    def includes(self) -> tuple[str, ...]:
        """The domains that the SPF record has to include."""
        texts = [one.contains for one in self.expects if one.type == "TXT"]
        return tuple(text.removeprefix("include:") for text in texts if text.startswith("include:"))

    @property
    def provider(self) -> bool:
        """Whether mail comes from somebody else's addresses, whose names are his business."""
        return bool(self.expects)


@dataclass(frozen=True)
class Key:
    """A DKIM key of this instance, without its private part."""

    record: Record
    state: str
    created_at: datetime


@dataclass(frozen=True)
class Subject:
    """Domains are ASCII, lower case, without final dot. What is not set is empty."""

    domain: str
    bounce_domain: str = ""
    reply_domain: str = ""
    tracking_host: str = ""
    way: Way = field(default_factory=Way)
    keys: tuple[Key, ...] = ()
    loop: str = ""  # what the last live test said of DKIM: pass, or why not
    looped_at: datetime | None = None

    @property
    def envelope(self) -> str:
        """The domain that SPF is asked for."""
        return self.bounce_domain or self.domain
