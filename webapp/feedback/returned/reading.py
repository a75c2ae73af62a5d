"""What a returned mail says, as the rest of the program reads it."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.feedback.returned.answer import Answer

NO_ANSWER = Answer()
WORDS = 500  # characters of a server's words that are kept


class Kind(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    OTHER = "other"  # a reply, a receipt, or nothing that we understand


class Severity(StrEnum):
    """Hard: the address is no good. Soft: this mail did not go now, for whatever other reason."""

    HARD = "hard"
    SOFT = "soft"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a mail came back, as far as its server tells."""

    NO_SUCH_ADDRESS = "no_such_address"
    MAILBOX_FULL = "mailbox_full"
    INACTIVE = "inactive"  # an account that may wake up again
    REFUSED = "refused"  # this mail, its sender, its size or its way
    NOT_NOW = "not_now"  # a server in trouble, or a mail that waits
    UNTOLD = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address that the mail is about. `status` is the enhanced code (RFC 3463) or the three digits, `reply` the words."""

    address: str
    severity: Severity = Severity.UNKNOWN
    status: str = ""
    reply: str = ""
    reason: Reason = Reason.UNTOLD


def brief(words: str) -> str:
    """A server's words as they are kept: one line, its beginning."""
    return " ".join(words[: 8 * WORDS].split())[:WORDS]


@dataclass(frozen=True, slots=True)
class Reading:
    """`sent_to`: every address that this mail was sent to, envelope included. `message_ids`: of the mails it is about.

    `personal`: neither a machine nor a mailing list wrote it; only then it has an `answer`.
    """

    kind: Kind
    recipients: tuple[Recipient, ...] = ()
    sender: str = ""
    subject: str = ""
    message_id: str = ""
    sent_to: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    text: str = ""
    personal: bool = False
    answer: Answer = NO_ANSWER
