"""Fetches new mail: stored first, then dealt with in the mailbox, then read. A line that breaks anywhere loses nothing.

How far the mailbox was read is written in the transaction that stores the mails, and each is stored once for its content.
So a killed process, two processes at once, or a folder whose numbers start anew lead to the same result as one good run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.db import inserting, utcnow
from webapp.desk import Desk
from webapp.feedback.intake import Read, store, work_off
from webapp.feedback.mailbox import settings as stored
from webapp.feedback.mailbox.fields import KEEP, SEEN
from webapp.feedback.mailbox.models import ONLY, Mailbox, PopMail
from webapp.feedback.mailbox.session import MailboxTrouble, Server, opened
from webapp.feedback.mailbox.wire import Imap, Mails, Pop

LONGEST = 240.0  # seconds of one run; the next one goes on where it ended


@dataclass
class Fetched:
    """What one run did. `trouble` says why it ended early; `complete` that nothing new is left."""

    mails: int = 0
    complete: bool = False
    trouble: str = ""


def fetch(desk: Desk, reader: Read, *, seconds: float = LONGEST) -> Fetched:
    """Take in what is new. Never raises for what the mailbox does; raises `Conflict` if none is set up."""
    with desk.reading() as session:
        box = stored.saved(session)
        settings = stored.of(desk, box)
    done, ends = Fetched(), monotonic() + seconds
    _note(desk, looked_at=utcnow())
    try:
        with opened(desk, settings, seconds=seconds + 30) as server:
            for numbers in _stored(desk, server, settings):
                for number in numbers:
                    work_off(desk, number, reader=reader)
                done.mails += len(numbers)
                if monotonic() > ends or desk.jobs.stopping.is_set():
                    break
            else:
                done.complete = True
    except MailboxTrouble as trouble:
        done.trouble = " ".join(filter(None, (trouble.reason, trouble.said, trouble.hint)))
    worked = {"worked_at": utcnow()} if not done.trouble else {}
    _note(desk, trouble=done.trouble, fetched=Mailbox.fetched + done.mails, **worked)
    return done


def _stored(desk: Desk, server: Server, settings: dict[str, Any]) -> Iterator[list[int]]:
    """Store batch after batch; the numbers of each, when the mailbox was told."""
    walk = _imap(desk, server, settings) if isinstance(server, Imap) else _pop(desk, server)
    deed, folder = str(settings["after"]), str(settings["move_to"])
    for uids, numbers in walk:
        if deed != KEEP and uids:
            server.settle(uids, deed, folder)
        yield numbers


def _imap(desk: Desk, server: Imap, settings: dict[str, Any]) -> Iterator[tuple[list[Any], list[int]]]:
    with desk.session() as session:
        box = session.get_one(Mailbox, ONLY, with_for_update=True)
        if box.uid_validity != server.validity:  # the old numbers mean other mails now
            box.uid_validity, box.last_uid = server.validity, 0
        mark = box.last_uid
    if settings["after"] != KEEP:  # what was stored by a run that could not finish
        yield server.until(mark, unseen=settings["after"] == SEEN), []
    for mails in server.batches(server.after(mark)):
        uids = [uid for uid, _ in mails]
        if not uids:
            continue
        with desk.session() as session:
            numbers = _store(session, mails, "imap")
            session.execute(
                update(Mailbox)
                .where(Mailbox.uid_validity == server.validity, Mailbox.last_uid < max(uids))
                .values(last_uid=max(uids))
                .execution_options(synchronize_session=False)
            )
        yield uids, numbers


def _pop(desk: Desk, server: Pop) -> Iterator[tuple[list[Any], list[int]]]:
    with desk.reading() as session:
        known = set(session.scalars(select(PopMail.uid)))
    there = list(server.numbers)
    gone = known - set(there)
    if gone:
        with desk.session() as session:
            for uid in gone:
                session.execute(delete(PopMail).where(PopMail.uid == uid))
    yield [uid for uid in there if uid in known], []
    for mails in server.batches([uid for uid in there if uid not in known]):
        uids = [uid for uid, _ in mails]
        with desk.session() as session:
            numbers = _store(session, mails, "pop3")
            session.execute(
                inserting(session, PopMail).on_conflict_do_nothing(index_elements=["uid"]),
                [{"uid": uid} for uid in uids],
            )
        yield uids, numbers


def _store(session: Session, mails: Mails, source: str) -> list[int]:
    return [store(session, raw, source) for _, raw in mails]


def _note(desk: Desk, **values: Any) -> None:
    with desk.session() as session:
        session.execute(
            update(Mailbox)
            .where(Mailbox.id == ONLY)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
