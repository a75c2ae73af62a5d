"""What a mail does not say about itself but its judge must know."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Circumstances:
    """`announces`: an announcement, which everybody can leave; otherwise operational mail.

    `planned` are the names of its header fields if we composed it. `domains` are the domains that are ours, `others` the
    Message-IDs of other mails of the same message, `names` the values that are this recipient's own. `largest` is what the
    mail server takes, in bytes. `now` knows its zone. What is empty or None is not known.
    """

    announces: bool
    now: datetime
    postal_address: str = ""
    planned: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    largest: int | None = None
    eight_bit: bool = False
