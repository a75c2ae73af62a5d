"""What a sender remembers of a mail between its claim and its outcome."""

from datetime import datetime

import msgspec


class Held(msgspec.Struct, frozen=True):
    """A mail under our lease. `attempts` are those before this one."""

    lease: int
    server_id: int
    mailing_id: int | None
    claimed_at: datetime
    attempts: int
