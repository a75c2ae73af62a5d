"""What comes by the clock or by a number: told once, however often a job runs and however late."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from tests.announcing.conftest import Mails, values_of
from tests.browser import Person, words
from tests.network import MakeAffiliate
from tests.offers.conftest import Market
from webapp.affiliates.models import Affiliate
from webapp.announcing import jobs
from webapp.cli import main
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Invalid
from webapp.mail.models import MailContent, Mailing
from webapp.mail.states import MailingState
from webapp.offers import caps
from webapp.offers.models import Assignment, Offer
from webapp.offers.telling import requested
from webapp.settings import store
from webapp.settings.models import MailServer


@pytest.fixture
def solar(network: Desk, market: Market) -> Market:
    return market


def put(desk: Desk, **settings: str) -> None:
    with desk.session() as session:
        store.put(session, settings)


def change(desk: Desk, key: int, **fields: object) -> None:
    with desk.session() as session:
        for name, value in fields.items():
            setattr(session.get_one(Offer, key), name, value)


def test_an_offer_that_ends_soon_is_told_once_and_again_for_another_day(
    network: Desk, solar: Market, mails: Mails
) -> None:
    today = utcnow().date()
    change(network, solar.solar.id, end_date=today + timedelta(days=9))
    jobs.ending(network)
    assert mails("offer_ending") == []
    change(network, solar.solar.id, end_date=today + timedelta(days=6))
    jobs.ending(network)
    jobs.ending(network)
    assert len(mails("offer_ending")) == 2
    change(network, solar.solar.id, end_date=today + timedelta(days=2))
    jobs.ending(network)
    assert len(mails("offer_ending")) == 4
    put(network, ending_days="0")
    change(network, solar.solar.id, end_date=today + timedelta(days=1))
    jobs.ending(network)
    assert len(mails("offer_ending")) == 4


def test_a_paused_offer_is_not_told_to_end(network: Desk, solar: Market, mails: Mails) -> None:
    change(network, solar.solar.id, end_date=utcnow().date(), status="paused")
    jobs.ending(network)
    assert mails("offer_ending") == []


def test_a_missing_tax_form_is_asked_for_again_until_it_is_here(
    network: Desk, affiliate: MakeAffiliate, mails: Mails
) -> None:
    now = utcnow()
    late = affiliate("Late Ltd", created_at=now - timedelta(days=30))
    affiliate("New Ltd", created_at=now - timedelta(days=2))
    affiliate("Done Ltd", created_at=now - timedelta(days=30), tax_form_on="2026-11-01")
    jobs.tax(network)
    assert mails("tax_document_reminder") == []  # nobody has asked for it
    put(network, tax_reminder_days="30")
    jobs.tax(network)
    jobs.tax(network)
    assert [mail.recipient_id for mail in mails("tax_document_reminder")] == [late.id]
    older(network, late.id, 61)
    jobs.tax(network)
    assert len(mails("tax_document_reminder")) == 2
    older(network, late.id, 91, tax_form_on="2026-11-20")
    jobs.tax(network)
    assert len(mails("tax_document_reminder")) == 2


def older(desk: Desk, key: int, days: int, **fields: object) -> None:
    with desk.session() as session:
        one = session.get_one(Affiliate, key)
        one.created_at = utcnow() - timedelta(days=days)
        for name, value in fields.items():
            setattr(one, name, value)


def test_the_team_hears_once_of_failures_and_of_a_server_that_was_paused(
    network: Desk, owner: Person, colleague: Person, mails: Mails
) -> None:
    assert owner.user is not None
    with network.session() as session:
        content = MailContent(draft={})
        session.add(content)
        session.flush()
        finished = {"state": MailingState.FINISHED_WITH_FAILURES.value, "finished_at": utcnow()}
        session.add(Mailing(content_id=content.id, kind="announcement", created_by=owner.user.id, **finished))
        server = session.query(MailServer).first()
        assert server is not None
        server.paused_by, server.paused_at = "sender", utcnow()
    jobs.watch(network)
    jobs.watch(network)
    assert [mail.address for mail in mails("staff_send_failures")] == ["mara@desk.example.com"]
    assert [mail.address for mail in mails("staff_server_paused")] == ["mara@desk.example.com"]
    assert colleague.get("/events").status_code == 403


def test_a_cap_is_told_at_the_threshold_and_once_more_when_it_is_reached(
    network: Desk, solar: Market, mails: Mails
) -> None:
    change(network, solar.solar.id, daily_cap=500)
    day = utcnow().date()
    with network.session() as session:
        offer = session.get_one(Offer, solar.solar.id)
        reported = [caps.report(session, offer, "daily", used, day) for used in (300, 410, 450, 500, 510)]
        assert reported == [False, True, True, True, True]
        with pytest.raises(Invalid, match="no monthly cap"):
            caps.report(session, offer, "monthly", 1, day)
    told = mails("cap_notification")
    assert [mail.recipient_id for mail in told] == [solar.plain.id, solar.special.id] * 2
    assert values_of(network, told[0]) == {"capamount": "500", "cappercent": "82"}


@pytest.mark.parametrize(
    ("at_once", "event", "to"),
    [(False, "staff_campaign_request", "cleo@northlight.example"), (True, "campaign_request_approved", "p3@example.com")],
)  # fmt: skip
def test_a_request_waits_for_the_team_or_is_approved_by_itself(
    network: Desk, solar: Market, mails: Mails, at_once: bool, event: str, to: str
) -> None:
    change(network, solar.solar.id, approves_requests=at_once)
    for _ in range(2):
        with network.session() as session:
            requested(session, session.get_one(Assignment, (solar.solar.id, solar.waiting.id)))
    assert [mail.address for mail in mails(event)] == [to]


def test_the_timing_is_set_on_a_page(network: Desk, owner: Person, colleague: Person, mails: Mails) -> None:
    typed = {"ending_days": "14", "tax_reminder_days": "1", "cap_percent": "90"}
    assert "Write a whole number from 7 to 365" in words(owner.post("/events/timing", typed))
    owner.post("/events/timing", {**typed, "tax_reminder_days": "30"})
    with network.reading() as session:
        own = store.identity(session)
    assert (own.ending_days, own.tax_reminder_days, own.cap_percent) == ("14", "30", "90")
    assert colleague.get("/events/timing").status_code == 403


def test_a_platform_reports_a_cap_by_command(
    environ: dict[str, str], network: Desk, solar: Market, mails: Mails
) -> None:
    with network.session() as session:
        session.get_one(Assignment, (solar.solar.id, solar.special.id)).cap = 10

    def report(*words: str) -> str:
        return CliRunner().invoke(main, ["offers", "report-cap", "3071", *words], env=environ).output

    assert "The threshold is not reached" in report("own", "7", "--affiliate", "2")
    assert "1 mail is on the way: Cap Notification." in report("own", "8", "--affiliate", "2")
    assert "Nobody was mailed." in report("own", "9", "--affiliate", "2")
    assert "is on this offer" in report("own", "9", "--affiliate", "77")
    assert "no daily cap" in report("daily", "9")
    assert [mail.recipient_id for mail in mails("cap_notification")] == [solar.special.id]
