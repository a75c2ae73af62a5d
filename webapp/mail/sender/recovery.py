"""After a death: what the journals of dead children say becomes the state of their mails.

A known outcome is recorded. A mail whose body had begun to leave is unknown. What had not begun goes back to the queue.
Journals that cannot be trusted (the machine was restarted, the folder is gone) make all of it unknown.
"""

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import utcnow
from webapp.mail.models import OutboxMail, SenderProcess
from webapp.mail.outbox.held import Held
from webapp.mail.outbox.record import record
from webapp.mail.sender import spool
from webapp.mail.sender.journal import Account
from webapp.mail.sender.results import BACK, UNKNOWN, Result
from webapp.mail.states import State

DIED = "The sending process ended before the server's answer came."
LOST = "The machine or its records were lost while this mail was on its way."
SILENCE = timedelta(minutes=2)


def outcomes(held: Mapping[int, tuple[int, int | None]], account: Account, *, trusted: bool) -> list[Result]:
    """What became of these mails (id → lease, server), and every other outcome that the journals know."""
    results = list(account.done.values())
    for mail_id, (lease, server_id) in held.items():
        known = account.done.get(mail_id)
        if known is not None and known.lease == lease:
            continue
        if not trusted:
            results.append(Result(mail_id, lease, UNKNOWN, server_id, detail=LOST))
        elif account.begun.get(mail_id) == lease:
            results.append(Result(mail_id, lease, UNKNOWN, server_id, detail=DIED))
        else:
            results.append(Result(mail_id, lease, BACK, server_id))
    return results


def of_child(journal: Path, in_flight: Mapping[int, Held]) -> list[Result] | None:
    """What a dead child of ours leaves behind; None while something still holds its journal."""
    descriptor = spool.lock_existing(journal)
    if descriptor is None and journal.exists():
        return None
    account = Account()
    if descriptor is not None:
        account.read(journal)
        os.close(descriptor)
    held: dict[int, tuple[int, int | None]] = {
        mail_id: (one.lease, one.server_id) for mail_id, one in in_flight.items()
    }
    return outcomes(held, account, trusted=descriptor is not None)


def of_folder(session: Session, folder: spool.SenderFolder) -> bool:
    """Settle everything of a dead sender of this machine; False while a process of it still lives.

    The caller removes the folder after the commit.
    """
    locks = [spool.lock(folder.lock_file)]
    journals = folder.journals()
    if locks[0] is not None:
        locks += [spool.lock_existing(journal) for journal in journals]
    try:
        if None in locks:
            return False
        account = Account()
        for journal in journals:
            account.read(journal)
        _settle(session, folder.sender_id, account, trusted=folder.trusted())
        return True
    finally:
        for descriptor in locks:
            if descriptor is not None:
                os.close(descriptor)


def of_the_lost(session: Session, own_id: int, alive: set[int], *, alone: bool) -> None:
    """Mails of senders whose folder is not here: unknown, once nobody can send them any more.

    `alone`: nobody else may work on this database, so a missing folder is proof enough.
    """
    now = utcnow()
    held = select(OutboxMail.lease_sender).where(OutboxMail.state == State.SENDING.value).distinct()
    for sender_id in session.scalars(held).all():
        if sender_id is None or sender_id == own_id or sender_id in alive:
            continue
        if alone or _silent(session, sender_id, now):
            _settle(session, sender_id, Account(), trusted=False)


def of_the_unheld(session: Session, own_id: int, held: Collection[int]) -> None:
    """Mails that we have claimed and given to nobody: the answer to that commit was lost. They go back."""
    ours = select(OutboxMail.id, OutboxMail.lease).where(
        OutboxMail.state == State.SENDING.value, OutboxMail.lease_sender == own_id
    )
    rows = [(mail_id, lease or 0) for mail_id, lease in session.execute(ours).all() if mail_id not in held]
    record(session, [Result(mail_id, lease, BACK) for mail_id, lease in rows])


def _silent(session: Session, sender_id: int, now: datetime) -> bool:
    """No sign of life, and every lease is over."""
    process = session.get(SenderProcess, sender_id)
    if process is not None and process.ended_at is None and now - process.beat_at < SILENCE:
        return False
    running = select(OutboxMail.id).where(
        OutboxMail.state == State.SENDING.value,
        OutboxMail.lease_sender == sender_id,
        OutboxMail.lease_until > now,
    )
    return session.scalar(running.limit(1)) is None


def _settle(session: Session, sender_id: int, account: Account, *, trusted: bool) -> None:
    wanted = select(OutboxMail.id, OutboxMail.lease).where(
        OutboxMail.state == State.SENDING.value, OutboxMail.lease_sender == sender_id
    )
    held: dict[int, tuple[int, int | None]] = {
        mail_id: (lease or 0, None) for mail_id, lease in session.execute(wanted).all()
    }
    record(session, outcomes(held, account, trusted=trusted))
    process = session.get(SenderProcess, sender_id)
    if process is not None and process.ended_at is None:
        process.ended_at = utcnow()


def remove_journal(journal: Path) -> None:
    with suppress(OSError):
        journal.unlink()
