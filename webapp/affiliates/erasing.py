"""Erases a person who asks for it: docs/decisions/0007 says what goes, what stays and why."""

from sqlalchemy import String, cast, delete, select, update
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import AuditEntry, User
from webapp.affiliates import ports
from webapp.affiliates.models import Affiliate
from webapp.errors import Conflict, NotFound
from webapp.feedback import forgetting as returned
from webapp.imports.models import ImportRun
from webapp.mail.models import Suppression
from webapp.mail.outbox.erasing import erase_recipient
from webapp.notices import forgetting as notices

OVER = ("done", "failed")


def find(session: Session, who: str) -> Affiliate:
    """By affiliate ID, else by address, which must be that of one affiliate only."""
    by_id = session.scalar(select(Affiliate).where(Affiliate.affiliate_id == who))
    if by_id is not None:
        return by_id
    found = session.scalars(select(Affiliate).where(Affiliate.address == who.strip().lower()).limit(2)).all()
    if not found:
        raise NotFound(f"No affiliate has the ID or address “{who}”. Check how it is written.")
    if len(found) > 1:
        raise Conflict(f"Several affiliates have the address {who}. Name the affiliate ID instead.")
    return found[0]


def erase(session: Session, by: User | str, affiliate: Affiliate) -> int:
    """Erase an affiliate and what names him elsewhere; returns how many of his mails were blanked."""
    number, shared = affiliate.id, _is_shared(session, affiliate)
    returned.forget_recipient(session, number)
    notices.forget_recipient(session, number)
    ports.forget(session, affiliate)
    count = erase_recipient(session, number)
    subjects = {affiliate.name, affiliate.email, affiliate.address}
    if not shared:  # the note may quote a bounce that names the person
        session.execute(
            update(Suppression).where(Suppression.address == affiliate.address).values(note="", mail_id=None)
        )
    session.execute(
        update(AuditEntry)
        .where(AuditEntry.subject.in_(subjects))
        .values(subject=f"affiliate #{number} (erased)")
    )
    told = cast(ImportRun.found, String).icontains(affiliate.address, autoescape=True)
    session.execute(
        delete(ImportRun).where(told, ImportRun.state.in_(OVER)).execution_options(synchronize_session=False)
    )
    session.delete(affiliate)
    audit.record(
        session, by, "erase affiliate", f"affiliate #{number} (erased)", affiliate=number, mails=count
    )
    session.flush()
    return count


def _is_shared(session: Session, affiliate: Affiliate) -> bool:
    others = select(Affiliate.id).where(Affiliate.address == affiliate.address, Affiliate.id != affiliate.id)
    return session.scalar(others.limit(1)) is not None
