"""Takes clicks from the spool into the database, and tells those of machines from those of people by their pace.

A file goes only when its lines are committed, and how far it was read is committed with them. A click that is read twice
all the same is known by its key.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.db import inserting
from webapp.desk import Desk
from webapp.mail import events
from webapp.mail.clicks import Click
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.erasing import ERASED
from webapp.mail.states import State
from webapp.tracking import counts, spool
from webapp.tracking.machines import Hit, by_pace
from webapp.tracking.models import SpoolPlace
from webapp.tracking.spool import Written

GROUP = 500
MOST = 1_000  # clicks of one mail: nobody takes its links so often, and whoever floods one fills no table


class Intake:
    """Knows how far each file was read; that stands in the database, with what was counted."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def run(self) -> int:
        """Take in what has come since the last time; how many lines."""
        count = 0
        for path in sorted(self._desk.config.spool.glob(spool.PATTERN)):
            with suppress(FileNotFoundError):  # another one was faster
                count += self._take(path)
        return count

    def _take(self, path: Path) -> int:
        with self._desk.reading() as session:
            before = session.get(SpoolPlace, path.name)
            place = before.place if before is not None else 0
        lines, end = spool.clicks_in(path, place)
        for start in range(0, len(lines), GROUP):
            group, after = lines[start : start + GROUP], lines[start + GROUP : start + GROUP + 1]
            upto = after[0].place if after else end
            with self._desk.session() as session:
                if not _advance(session, path.name, place, upto):
                    return (
                        start  # it may have read less of the file than we: what is left is for the next run
                    )
                _keep(session, [line for line in group if line.link >= 0])
                counts.add(session, [line for line in group if line.link < 0])
            place = upto
        if spool.remove_if_left(path, end):
            with self._desk.session() as session:
                session.execute(delete(SpoolPlace).where(SpoolPlace.name == path.name))
        return len(lines)


def _advance(session: Session, name: str, before: int, place: int) -> bool:
    """Move the mark of a file, unless another process has read these lines meanwhile."""
    mark = session.get(SpoolPlace, name, with_for_update=True)
    if (mark.place if mark is not None else 0) != before:
        return False
    if mark is None:
        session.add(SpoolPlace(name=name, place=place))
    else:
        mark.place = place
    session.flush()
    return True


def _keep(session: Session, clicks: Collection[Written]) -> None:
    mails = {mail.id: mail for mail in _mails(session, {click.mail_id for click in clicks})}
    rows = [
        {
            "key": click.key,
            "mail_id": click.mail_id,
            "mailing_id": mails[click.mail_id].mailing_id,
            "link": click.link,
            "machine": click.machine,
            "at": click.at,
        }
        for click in _not_too_many(session, clicks)
        if click.mail_id in mails
    ]
    if not rows:
        return
    session.execute(inserting(session, Click).on_conflict_do_nothing(index_elements=["key"]), rows)
    for mail in mails.values():
        if mail.state == State.UNKNOWN:
            events.settle(session, mail)
    _judge(session, mails)


def _not_too_many(session: Session, clicks: Collection[Written]) -> Iterable[Written]:
    """Those that are among the first `MOST` of their mail."""
    if not clicks:
        return
    of_mail = select(Click.mail_id, func.count()).where(
        among(Click.mail_id, sorted({click.mail_id for click in clicks}))
    )
    known = Counter(dict(session.execute(of_mail.group_by(Click.mail_id)).all()))
    for click in clicks:
        known[click.mail_id] += 1
        if known[click.mail_id] <= MOST:
            yield click


def _mails(session: Session, ids: set[int]) -> Iterable[OutboxMail]:
    """Without those of people who were erased: a file that is read again would bring their clicks back."""
    found = session.scalars(select(OutboxMail).where(among(OutboxMail.id, list(ids))))
    return [mail for mail in found if not mail.address.endswith(ERASED)]


def _judge(session: Session, mails: dict[int, OutboxMail]) -> None:
    """Look at all clicks of these mails: an earlier one may turn out to belong to a burst."""
    of_mail: dict[int, list[Hit]] = {}
    columns = (Click.mail_id, Click.id, Click.link, Click.at, Click.machine)
    for row in session.execute(select(*columns).where(among(Click.mail_id, list(mails)))):
        of_mail.setdefault(row.mail_id, []).append(Hit(row.id, row.link, row.at, row.machine))
    words: dict[str, list[int]] = {}
    for mail_id, hits in of_mail.items():
        for number, machine in by_pace(hits, _sent_at(mails[mail_id])).items():
            words.setdefault(machine, []).append(number)
    for machine, numbers in words.items():
        session.execute(
            update(Click)
            .where(among(Click.id, numbers), Click.machine == "")
            .values(machine=machine)
            .execution_options(synchronize_session=False)
        )


def _sent_at(mail: OutboxMail) -> datetime | None:
    return mail.changed_at if mail.state == State.SENT else None
