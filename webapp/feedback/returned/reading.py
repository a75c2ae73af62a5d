"""What a returned mail says, as the rest of the program reads it."""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address that the mail is about. `status` is the enhanced code (RFC 3463) or the three digits, `reply` the words."""

    address: str
    severity: Severity = Severity.UNKNOWN
    status: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`sent_to`: every address that this mail was sent to, envelope included. `message_ids`: of the mails it is about."""

    kind: Kind
    recipients: tuple[Recipient, ...] = ()
    sender: str = ""
    subject: str = ""
    message_id: str = ""
    sent_to: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    text: str = ""
