"""What ended a session with a mail server, as a child tells it to its parent."""

from traceback import format_tb

import msgspec

from transports import errors
from transports.registry import UnknownTransport
from webapp.mail.sender.printer import Unprintable

LATER, BUSY = "later", "busy"  # try again; the server itself asked us to slow down
PAUSE, UNSUPPORTED, CONTENT, FAULT = "pause", "unsupported", "content", "fault"


class Trouble(msgspec.Struct, frozen=True, omit_defaults=True):
    """`mail_ids` are the mails that were at hand when it happened."""

    server_id: int
    what: str
    reason: str
    detail: str = ""
    hint: str = ""
    retry_after: float | None = None
    mail_ids: list[int] = []


def words_of(error: Exception, kind: str) -> str:
    """What may be said of an exception. The text of a plugin's fault may hold what it was given, secrets included."""
    if isinstance(error, Unprintable | UnknownTransport | errors.TransportError):
        return str(error)
    return f"Fault in the plugin {kind}: {type(error).__name__}."


def place_of(error: Exception) -> str:
    """Where it happened, for the log: the lines of code, none of the values."""
    return "".join(format_tb(error.__traceback__))


def trouble_of(error: Exception, server_id: int, kind: str, mail_ids: list[int]) -> Trouble:
    """What this exception means; the one place where exceptions are told apart."""
    if isinstance(error, Unprintable):
        return Trouble(server_id, CONTENT, str(error), mail_ids=mail_ids)
    if not isinstance(error, errors.TransportError):
        return Trouble(
            server_id,
            FAULT,
            words_of(error, kind),
            hint="Tell its author; the log has the details. Then resume this mail server.",
            mail_ids=mail_ids,
        )
    what, retry_after = PAUSE, None
    if isinstance(error, errors.Unsupported):
        what = UNSUPPORTED
    elif isinstance(error, errors.TemporaryError):
        busy = isinstance(error, errors.RateLimited) or error.detail.startswith("421")
        what, retry_after = BUSY if busy else LATER, error.retry_after
    return Trouble(server_id, what, error.reason, error.detail, error.hint, retry_after, mail_ids)
