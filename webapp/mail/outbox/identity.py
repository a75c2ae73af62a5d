"""The Message-ID of a mail: the same on every attempt, never the same for two mails of any two instances."""

from datetime import datetime
from hashlib import sha256

DEFAULT_DOMAIN = "offerpost.invalid"


def message_id(mail_id: int, key: str, created_at: datetime, from_address: str) -> str:
    """Derived from what never changes in the row, so neither a new attempt nor a new key file alters it."""
    grain = sha256(f"{key}\0{created_at.isoformat()}".encode()).hexdigest()[:16]
    domain = from_address.rpartition("@")[2].strip(" >") or DEFAULT_DOMAIN
    return f"<{mail_id}.{grain}@{domain}>"
