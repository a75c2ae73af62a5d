"""Why mails failed: the server's words sorted into reasons that people know, each with what to do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.mail.models import OutboxMail
from webapp.mail.states import State

MOST = 5_000


@dataclass(frozen=True)
class Known:
    """A reason: recognised by its words or its enhanced code."""

    title: str
    remedy: str
    words: re.Pattern[str]


def _known(title: str, remedy: str, words: str) -> Known:
    return Known(title, remedy, re.compile(words, re.IGNORECASE))


# In this order: the first that fits. Each pattern is a plain list of words, so that no reply can make it slow.
KNOWN = (
    _known(
        "Your domain is not authenticated",
        "Set up SPF, DKIM and DMARC for the sending domain, then re-send.",
        r"5\.7\.515|5\.7\.26|5\.7\.30|dmarc|\bspf\b|\bdkim\b|unauthenticated",
    ),
    _known(
        "The address doesn’t exist",
        "Ask their manager for a new address.",
        r"5\.1\.1\b|5\.1\.10|no such user|user unknown|unknown user|does not exist|no such recipient|invalid recipient|"
        r"mailbox unavailable|recipient address rejected|user not found|no mailbox",
    ),
    _known(
        "The domain takes no mail",
        "Check the part behind the @, then correct the affiliate.",
        r"5\.1\.2\b|5\.4\.4|domain not found|host not found|no mx|domain does not exist|null mx",
    ),
    _known(
        "The mailbox is full",
        "Re-send in a few days.",
        r"[45]\.2\.2\b|mailbox full|over quota|quota exceeded|out of storage",
    ),
    _known(
        "The mail is too large",
        "Shorten it or use smaller pictures.",
        r"[45]\.3\.4|5\.2\.3|message size|too large|exceeds (?:size|the maximum)",
    ),
    _known(
        "The sender was not accepted",
        "See whether the server may send for your from address.",
        r"5\.1\.7|5\.1\.8|5\.7\.60|sender (?:address )?rejected|not owned by|not authorized to send|relay",
    ),
    _known(
        "Blocked by their policy",
        "Write to them from your own mailbox, and read the words: they often hold a link.",
        r"5\.7\.\d|blocked|blacklist|blocklist|spam|policy|reputation|denied|listed",
    ),
    _known(
        "Nobody answered in time",
        "Re-send later. If it stays so, check the address’s domain.",
        r"timed? ?out|connection refused|unreachable|gave up|too many tries|expired",
    ),
)
OTHER = Known("Refused", "Read the server’s words.", re.compile(""))


@dataclass
class Reason:
    """So many mails failed for one reason; `said` is the first of the replies."""

    title: str
    remedy: str
    said: str
    count: int = 0
    domains: set[str] = field(default_factory=set)

    @property
    def where(self) -> str:
        """The domain, or how many there are."""
        return next(iter(self.domains)) if len(self.domains) == 1 else f"{len(self.domains):,} domains"


def reasons(session: Session, mailing_id: int) -> list[Reason]:
    """The failed mails of a mailing by reason, the most frequent first."""
    rows = (
        select(OutboxMail.address, OutboxMail.code, OutboxMail.detail)
        .where(OutboxMail.mailing_id == mailing_id, OutboxMail.state == State.FAILED.value)
        .order_by(OutboxMail.id)
        .limit(MOST)
    )
    return group(session.execute(rows))


def group(failures: Iterable[tuple[str, str, str]]) -> list[Reason]:
    """The same for (address, code, words)."""
    return gather((address.rpartition("@")[2].lower(), code, words, 1) for address, code, words in failures)


def gather(failures: Iterable[tuple[str, str, str, int]]) -> list[Reason]:
    """The same for (domain, code, words, how many)."""
    found: dict[str, Reason] = {}
    for domain, code, words, count in failures:
        kind = classify(code, words)
        title = _title(kind, code)
        reason = found.setdefault(title, Reason(title, kind.remedy, words))
        reason.count += count
        reason.domains.add(domain)
    return sorted(found.values(), key=lambda reason: -reason.count)


def title_of(code: str, words: str) -> str:
    """What the reason is called that a reply stands for."""
    return _title(classify(code, words), code)


def _title(kind: Known, code: str) -> str:
    return kind.title if kind is not OTHER or not code else f"Refused with {code}"


@lru_cache(maxsize=1024)  # a server says the same to many
def classify(code: str, words: str) -> Known:
    """The reason that a reply stands for."""
    reply = f"{code} {words[:500]}"
    return next((known for known in KNOWN if known.words.search(reply)), OTHER)
