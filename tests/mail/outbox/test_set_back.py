"""After a clock that was ahead is set back, nothing waits until the wrong time comes again."""

from datetime import datetime, timedelta

from sqlalchemy import select

from tests.mail.conftest import mail_to
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import OutboxMail
from webapp.mail.outbox import rests, set_back

NOW = utcnow()
TOMORROW = NOW + timedelta(days=1)


def mend(desk: Desk, **row: object) -> tuple[int, datetime]:
    """How many mails were put right, and when this one is due."""
    with desk.session() as session:
        mail_to(session, ["mara@x.example"])
        mail = session.scalars(select(OutboxMail)).one()
        for name, value in row.items():
            setattr(mail, name, value)
    with desk.session() as session:
        count = set_back.mend(session, NOW)
    with desk.reading() as session:
        return count, session.scalars(select(OutboxMail.not_before)).one()


def test_what_was_queued_in_the_future_is_due_now(any_desk: Desk) -> None:
    assert mend(any_desk, not_before=TOMORROW, changed_at=TOMORROW) == (1, NOW)


def test_what_was_deferred_in_the_future_keeps_its_delay(any_desk: Desk) -> None:
    later = timedelta(minutes=7)
    row = {"state": "deferred", "not_before": TOMORROW + later, "changed_at": TOMORROW}
    assert mend(any_desk, **row) == (1, NOW + later)


def test_a_mail_that_waits_by_a_clock_that_is_right_goes_on_waiting(desk: Desk) -> None:
    assert mend(desk, not_before=TOMORROW, changed_at=NOW) == (0, TOMORROW)


def test_a_rest_that_began_in_the_future_is_over(desk: Desk) -> None:
    with desk.session() as session:
        rests.begin(session, 1, "", "busy", seconds=600, at_least=0, now=TOMORROW)
        rests.begin(session, 2, "", "busy", seconds=600, at_least=0, now=NOW)
        set_back.mend(session, NOW)
        assert list(rests.standing(session)) == [2]
