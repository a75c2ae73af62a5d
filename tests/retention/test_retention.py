"""How long what happened is kept: chosen by form or command, cleared away in groups, while totals and opt-outs stay."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from tests.browser import Person, words
from tests.mail.conftest import mail_to
from tests.personas import MakePerson
from webapp.accounts.models import AuditEntry
from webapp.applications.models import Application
from webapp.cli import main
from webapp.db import Base, utcnow
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.models import Attempt, Mailing, OutboxMail, Suppression
from webapp.retention import clearing
from webapp.settings import store

PAGE = "/account/retention"
DAY = timedelta(days=1)


def number_of(desk: Desk, table: type[Base]) -> int:
    with desk.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def keep(desk: Desk, **days: str) -> None:
    with desk.session() as session:
        store.put(session, days)


@pytest.fixture
def finished(desk: Desk) -> Mailing:
    """A message to five, over for a hundred days, with an attempt for each mail."""
    with desk.session() as session:
        mailing = mail_to(session, [f"p{n}@x.example" for n in range(5)], server_id=None)
        then = utcnow() - 100 * DAY
        session.execute(update(OutboxMail).values(state="sent", changed_at=then))
        over = {"state": "finished", "queued": 0, "sent": 5, "finished_at": then}
        session.execute(update(Mailing).values(**over))
        for mail_id in session.scalars(select(OutboxMail.id)).all():
            session.add(Attempt(mail_id=mail_id, lease=1, number=1, status="accepted", at=then))
        return mailing


def test_everything_is_kept_until_somebody_chooses(desk: Desk, finished: Mailing) -> None:
    assert clearing.clear(desk) == {}
    assert number_of(desk, OutboxMail) == 5


def test_attempts_go_first_and_the_mails_keep_their_outcome(desk: Desk, finished: Mailing) -> None:
    keep(desk, keep_attempts_days="99", keep_mails_days="101")
    assert clearing.clear(desk) == {"keep_attempts_days": 5}
    assert number_of(desk, OutboxMail) == 5


def test_mails_go_with_their_attempts_in_groups_and_the_totals_stay(
    desk: Desk, finished: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "GROUP", 2)
    keep(desk, keep_mails_days="90")
    assert clearing.clear(desk) == {"keep_mails_days": 5}
    assert number_of(desk, OutboxMail) == number_of(desk, Attempt) == 0
    with desk.reading() as session:
        assert session.get_one(Mailing, finished.id).sent == 5


@pytest.mark.parametrize("state", ["queued", "deferred", "sending"])
def test_a_mail_that_is_not_final_is_never_cleared_away(desk: Desk, finished: Mailing, state: str) -> None:
    keep(desk, keep_mails_days="90")
    with desk.session() as session:
        session.execute(update(OutboxMail).values(state=state, mailing_id=None))
    assert clearing.clear(desk) == {}


def test_the_mails_of_a_message_that_goes_on_stay_whole(desk: Desk, finished: Mailing) -> None:
    keep(desk, keep_mails_days="90")
    with desk.session() as session:
        session.execute(update(Mailing).values(finished_at=None, state="paused"))
    assert clearing.clear(desk) == {}


def test_opt_outs_and_suppressions_stay(desk: Desk, finished: Mailing) -> None:
    with desk.session() as session:
        mail_id = session.scalar(select(func.min(OutboxMail.id)))
        suppressions.add(
            session, "p0@x.example", scope="announcement", reason="unsubscribed", mail_id=mail_id
        )
        session.execute(update(Suppression).values(created_at=utcnow() - 1000 * DAY))
    keep(desk, keep_mails_days="90", keep_audit_days="30")
    clearing.clear(desk)
    assert number_of(desk, Suppression) == 1


def test_old_entries_of_the_audit_trail_go(desk: Desk) -> None:
    with desk.session() as session:
        session.add(AuditEntry(who="mara", action="signed in", at=utcnow() - 31 * DAY))
        session.add(AuditEntry(who="mara", action="signed in", at=utcnow() - 29 * DAY))
    keep(desk, keep_audit_days="30")
    assert clearing.clear(desk)["keep_audit_days"] == 1


def test_clearing_leaves_off_when_the_worker_stops(
    desk: Desk, finished: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "GROUP", 2)
    keep(desk, keep_mails_days="90")
    desk.jobs.stopping.set()
    assert clearing.clear(desk, desk.jobs.stopping) == {"keep_mails_days": 2}


def test_the_form_saves_and_the_change_is_in_the_audit_trail(desk: Desk, owner: Person) -> None:
    said = owner.post(
        PAGE,
        {"keep_attempts_days": "30", "keep_mails_days": "", "keep_audit_days": "365"},
        follow=True,
    )
    assert "cleared away within the hour" in words(said)
    with desk.reading() as session:
        assert store.identity(session).keep_attempts_days == "30"
        [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "retention changed"))
        assert entry.detail["keep_audit_days"] == "365"


@pytest.mark.parametrize("typed", ["89", "0", "-1", "ten", "99999"])
def test_a_time_that_breaks_links_to_unsubscribe_or_is_none_is_refused(
    desk: Desk, owner: Person, typed: str
) -> None:
    said = owner.post(PAGE, {"keep_mails_days": typed})
    assert "Write a number of days from 90 to 36500" in words(said)
    with desk.reading() as session:
        assert store.identity(session).keep_mails_days == ""


def test_who_may_not_manage_email_settings_does_not_choose(person: MakePerson) -> None:
    assert person("send_to_all").get(PAGE).status_code == 403


def test_the_command_line_sets_it_too(desk: Desk, environ: dict[str, str]) -> None:
    done = CliRunner().invoke(main, ["settings", "set", "keep_attempts_days=60"], env=environ)
    assert (done.exit_code, done.stderr) == (0, "")
    refused = CliRunner().invoke(main, ["settings", "set", "keep_mails_days=10"], env=environ)
    assert (refused.exit_code, "from 90 to 36500" in refused.stderr) == (1, True)


def test_denied_applications_go_without_being_asked_and_the_trail_says_so(desk: Desk) -> None:
    def application(state: str, days: int) -> Application:
        who = {"email": "eve@x.example", "address": "eve@x.example", "first_name": "Eve", "last_name": "X"}
        return Application(**who, state=state, decided_at=utcnow() - days * DAY)

    with desk.session() as session:
        session.add_all([application("denied", 181), application("denied", 179), application("waiting", 999)])
    assert clearing.clear(desk) == {"keep_denied_days": 1}
    keep(desk, keep_denied_days="30")
    assert clearing.clear(desk) == {"keep_denied_days": 1}
    with desk.reading() as session:
        assert [one.state for one in session.scalars(select(Application))] == ["waiting"]
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "cleared away")).all()
    assert [(one.who, one.subject, one.detail) for one in told] == [
        ("retention", "Denied applications", {"rows": 1})
    ] * 2
