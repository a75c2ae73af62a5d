"""The honest words: what a mail and a mailing can be. The values are what the command line, exports and the API print."""

from enum import StrEnum


class State(StrEnum):
    """What became of one mail."""

    QUEUED = "queued"  # not tried yet
    SENDING = "sending"  # claimed by a sender
    SENT = "sent"  # the next hop took it; that is not delivery
    DEFERRED = "deferred"  # refused for now, will be tried again
    FAILED = "failed"  # refused for good
    UNKNOWN = "unknown"  # may have gone; a person decides
    SUPPRESSED = "suppressed"  # not to be mailed, with a reason
    CANCELLED = "cancelled"  # stopped before it left


FINAL = frozenset({State.SENT, State.FAILED, State.UNKNOWN, State.SUPPRESSED, State.CANCELLED})
WAITING = frozenset({State.QUEUED, State.DEFERRED})


class MailingState(StrEnum):
    """Where a mailing stands. *Finished* is said only when every one of its mails is final."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FINISHED_WITH_FAILURES = "finished_with_failures"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """The two classes of mail: announcements can be left, operational mail overtakes them."""

    ANNOUNCEMENT = "announcement"
    OPERATIONAL = "operational"
