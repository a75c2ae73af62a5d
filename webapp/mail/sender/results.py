"""What a child tells of one mail. It travels through the pipe and lies in the journal as JSON."""

import json
from dataclasses import dataclass
from typing import Any

ACCEPTED, DEFERRED, REJECTED, UNKNOWN = "accepted", "deferred", "rejected", "unknown"
BACK = "back"  # not begun: it may be claimed again as if nothing had been


@dataclass(frozen=True, slots=True)
class Result:
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

    def as_json(self) -> str:
        return _encode(self.as_plain())

    def as_plain(self) -> dict[str, Any]:
        """Without what is empty, as most of it is."""
        return {name: value for name in _NAMES if (value := getattr(self, name)) not in ("", None)}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Result":
        return cls(**plain)


# Both are asked once or twice for every mail: `asdict` copies deeply, `json.dumps` makes an encoder each time.
_NAMES = Result.__slots__
_encode = json.JSONEncoder(separators=(",", ":")).encode
