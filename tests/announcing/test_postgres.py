"""The same on PostgreSQL, where two people really decide at the same time: still one decision, and one mail."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from tests.announcing.conftest import Mails
from tests.offers.conftest import Market
from tests.personas import make_user
from webapp.accounts.models import User
from webapp.accounts.rights import ALL
from webapp.affiliates.models import Affiliate
from webapp.announce import Note, expected, rehearsal
from webapp.announcing import clockwork
from webapp.applications import deciding
from webapp.applications.models import Application
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.offers import assigning
from webapp.offers.models import Offer
from webapp.settings import store

pytestmark = pytest.mark.postgres


@pytest.fixture
def environ(environ: dict[str, str], postgres_url: str) -> dict[str, str]:
    return environ | {"OFFERPOST_DATABASE_URL": postgres_url}


def test_two_who_decide_at_once_mail_once(network: Desk, market: Market, mails: Mails) -> None:
    mara = make_user(network, "mara@desk.example.com", ALL)
    with network.session() as session:
        fields = {"first_name": "Dana", "last_name": "Whitfield", "state": "waiting"}
        session.add(
            Application(email="d@example.com", address="d@example.com", confirmed_at=utcnow(), **fields)
        )
        session.get_one(Offer, market.solar.id).end_date = utcnow().date()
    start = Barrier(2)

    def decide() -> None:
        with network.session() as session:
            user = session.get_one(User, mara.id)
            start.wait()
            deciding.decide(session, user, [1], "approved", Note())
            assigning.decide(session, user, [(market.solar.id, market.waiting.id)], "approved")

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(decide) for _ in range(2)]:
            done.result()
    assert [len(mails(f"{what}_approved")) for what in ("application", "campaign_request")] == [1, 1]
    with network.reading() as session:
        assert len(session.scalars(select(Affiliate).where(Affiliate.address == "d@example.com")).all()) == 1


def test_a_rehearsal_is_undone_and_jobs_run_twice_mail_once(
    network: Desk, market: Market, mails: Mails
) -> None:
    mara = make_user(network, "mara@desk.example.com", ALL)
    with network.session() as session:
        offer = session.get_one(Offer, market.solar.id)
        offer.end_date = utcnow().date()
        with rehearsal(session) as heard:
            assigning.decide(session, mara, [(offer.id, market.waiting.id)], "denied", Note("No."))
            told = expected(session, heard, mara)
        assert [each.names for each in told] == [("Cy",)]
        store.put(session, {"tax_reminder_days": "30"})
    for _ in range(2):
        clockwork.offers_ending(network)
        clockwork.tax_forms_missing(network)
        clockwork.trouble(network)
    assert (len(mails("offer_ending")), len(mails("campaign_request_denied"))) == (2, 0)
