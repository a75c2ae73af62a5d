"""From when on an address is not mailed any more because of what came back."""

from sqlalchemy.orm import Session

from webapp.mail import suppressions
from webapp.mail.models import OutboxMail

TRUSTED = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})  # codes that speak of the address itself
ERASED = "@erased.invalid"


def bar(session: Session, mail: OutboxMail, reason: str, note: str) -> None:
    """Mail nothing more to whom this mail went; an erased person has no address that could be barred."""
    if not mail.address.endswith(ERASED):
        suppressions.add(session, mail.address, reason=reason, note=note, mail_id=mail.id)
