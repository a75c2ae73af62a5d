"""An erased person is named nowhere any more; mails still add up, and the opt-out stays."""

import sqlite3

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.browser import Person
from tests.mail.conftest import mail_to
from webapp.affiliates.models import Affiliate
from webapp.cli import main
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.mail.outbox.counters import audit_counters

ANA = "ana@private.example"


@pytest.fixture
def mailing(desk: Desk) -> Mailing:
    """Ana's mail was refused in words that name her; Bo's still waits."""
    with desk.session() as session:
        mailing = mail_to(session, [ANA, "bo@x.example"])
        row = session.scalar(select(OutboxMail).where(OutboxMail.address == ANA))
        assert row is not None
        row.detail, row.code = f"<{ANA}> is unknown here", "450"
        session.add(Attempt(mail_id=row.id, lease=1, number=1, status="deferred", detail=row.detail))
    return mailing


def told(desk: Desk) -> list[str]:
    """The tables that hold anything of Ana's."""
    with sqlite3.connect(desk.config.home / "offerpost.db") as connection:
        lines = list(connection.iterdump())
    connection.close()
    return sorted({line.split('"')[1] for line in lines if "ana@private" in line.lower()})


def erase(environ: dict[str, str], who: str) -> str:
    done = CliRunner().invoke(main, ["affiliates", "erase", who, "--yes"], env=environ)
    return done.stdout + done.stderr


def test_nothing_names_her_any_more_and_the_counters_are_right(
    desk: Desk, environ: dict[str, str], mailing: Mailing
) -> None:
    assert told(desk) == ["affiliates", "attempts", "outbox"]
    assert erase(environ, ANA) == "Erased. Outcomes kept, naming nobody: 1.\n"
    assert told(desk) == []
    with desk.reading() as session:
        rows = session.execute(select(OutboxMail.address, OutboxMail.state).order_by(OutboxMail.id)).all()
        assert rows == [("erased-1@erased.invalid", "cancelled"), ("bo@x.example", "queued")]
        assert audit_counters(session, mailing.id) == {}


def test_her_opt_out_stays(desk: Desk, environ: dict[str, str], mailing: Mailing) -> None:
    with desk.session() as session:
        suppressions.add(session, ANA, scope="announcement", reason="unsubscribed", note="Ana wrote")
    erase(environ, "A1")
    with desk.reading() as session:
        (kept,) = suppressions.of_address(session, ANA)
    assert (kept.reason, kept.note) == ("unsubscribed", "")


def test_nobody_is_erased_while_a_mail_is_on_its_way(
    desk: Desk, environ: dict[str, str], mailing: Mailing
) -> None:
    with desk.session() as session:
        for row in session.scalars(select(OutboxMail)):
            row.state = "sending"
    assert "on its way just now" in erase(environ, ANA)
    assert "affiliates" in told(desk)


def test_an_unknown_name_erases_nobody(environ: dict[str, str], mailing: Mailing) -> None:
    assert "No affiliate has the ID or address" in erase(environ, "nobody@x.example")


def test_the_page_asks_first_and_leaves_no_name_in_the_audit_trail(
    desk: Desk, mailing: Mailing, owner: Person, person: type
) -> None:
    path = "/affiliates/1"
    owner.post(f"{path}/status", {"status": "paused"})
    assert "/affiliates/1/erase" in owner.get(path).text
    assert "This can’t be taken back" in owner.get(f"{path}/erase").text
    assert person("edit_assigned", "view_affiliate_details").get(f"{path}/erase").status_code == 403
    owner.post(f"{path}/erase", {})
    assert owner.get(path).status_code == 404
    assert told(desk) == []
    with desk.reading() as session:
        assert session.scalars(select(Affiliate.id)).all() == [2]
