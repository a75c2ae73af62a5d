"""Session trouble: what a transport raises when nothing can be sent just now, or at all.

Trouble with one recipient is a `Delivery`, never one of these. Only the sender decides what an error means
for the queue; a transport reports.
"""

from __future__ import annotations

from transports.said import printable


class TransportError(Exception):
    """`reason` is a sentence for people, `detail` for the log, `hint` the remedy; none may hold a secret."""

    def __init__(self, reason: str, detail: str = "", hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = printable(detail)
        self.hint = hint


class TemporaryError(TransportError):
    """The service cannot work now; the mails go back, to be tried again after `retry_after` seconds."""

    def __init__(
        self, reason: str, detail: str = "", hint: str = "", *, retry_after: float | None = None
    ) -> None:
        super().__init__(reason, detail, hint)
        self.retry_after = retry_after


class RateLimited(TemporaryError):
    """The service says that we send too fast."""


class AuthError(TransportError):
    """The service refused the user name, password or key; a person must change a setting."""


class SettingsError(TransportError):
    """The settings cannot work as they are (unknown region, certificate that does not match, …)."""


class PermanentError(TransportError):
    """The service will take no mail from this account until a person acts (suspended, blocked, unpaid)."""


class Unsupported(TransportError):
    """The mail asks for something that this transport has not declared; raised before any network call."""


class MaybeSent(Exception):
    """The line broke after a request had begun: it may have been carried out. Report the mail as UNKNOWN."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("The connection broke before the answer came.")
        self.detail = printable(detail)
