"""What a child tells of one mail. It travels through the pipe and lies in the journal as JSON."""

import msgspec

ACCEPTED, DEFERRED, REJECTED, UNKNOWN = "accepted", "deferred", "rejected", "unknown"
BACK = "back"  # not begun: it may be claimed again as if nothing had been


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """The outcome of one try under one lease. All but `BACK` is evidence and is kept."""

    mail_id: int
    lease: int
    status: str
    server_id: int | None = None
    stage: str = ""
    code: str = ""
    detail: str = ""
    provider_id: str = ""
    peer: str = ""
    tls: str = ""
    retry_after: float | None = None
    took_ms: int = 0

    @property
    def enhanced(self) -> str:
        """The enhanced status code (RFC 3463) in `code`, such as "5.1.1", or an empty text."""
        for part in self.code.split():
            if part.count(".") == 2 and part[:2] in ("2.", "4.", "5.") and part.replace(".", "").isdigit():
                return part
        return ""
