"""What `offerpost doctor` says about one thing that it has looked at."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    check: str
    verdict: Literal["pass", "warn", "fail"]
    said: str
    remedy: str = ""
