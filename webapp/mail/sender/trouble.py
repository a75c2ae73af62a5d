"""What ended a session with a mail server, as a child tells it to its parent."""

from traceback import format_tb

import msgspec

from transports import errors
from transports.registry import UnknownTransport
from webapp.mail.sender.printer import Unprintable

LATER, BUSY = "later", "busy"  # try again; the server itself asked us to slow down
NO_THREAD = "can't start new thread"  # what Python says
WANT = "This machine has no memory left, or no threads; sending goes on by itself when it has."
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
    if is_want(error):
        return WANT
    return f"Fault in the plugin {kind}: {type(error).__name__}."


def is_want(error: Exception) -> bool:
    """Whether this machine has no memory or no thread left: then nobody's plugin, server or mail is at fault."""
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and NO_THREAD in str(error))


def place_of(error: Exception) -> str:
    """Where it happened, for the log: the lines of code, none of the values."""
    return "".join(format_tb(error.__traceback__))


def trouble_of(error: Exception, server_id: int, kind: str, mail_ids: list[int]) -> Trouble:
    """What this exception means; the one place where exceptions are told apart."""
    if isinstance(error, Unprintable):
        return Trouble(server_id, CONTENT, str(error), mail_ids=mail_ids)
    if is_want(error):
        return Trouble(
            server_id, LATER, WANT, hint="Give it more, or let this mail server have fewer connections."
        )
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
