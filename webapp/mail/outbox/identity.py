"""The Message-ID of a mail: the same on every attempt, never the same for two mails of any two instances."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from webapp.mail.compose import wire_domain

DEFAULT_DOMAIN = "offerpost.invalid"


def message_id(mail_id: int, key: str, created_at: datetime, domain: str) -> str:
    """Derived from what never changes in the row, so neither a new attempt nor a new key file alters it."""
    grain = sha256(f"{key}\0{_written(created_at)}".encode()).hexdigest()[:16]
    return f"<{mail_id}.{grain}@{domain}>"


@lru_cache(maxsize=64)  # the mails of a mailing share it
def _written(created_at: datetime) -> str:
    return created_at.isoformat()


def domain_of(draft: Mapping[str, Any]) -> str:
    """The domain of the Message-IDs of a frozen draft, as it is written on the wire."""
    wanted = draft.get("domain_for_message_ids") or str(draft.get("from_address", "")).rpartition("@")[2]
    try:
        return wire_domain(str(wanted))
    except ValueError:
        return DEFAULT_DOMAIN
