"""A small network for the tests of messages: identity, a mail server that writes files, groups, managers, affiliates."""

from collections.abc import Callable

import pytest

from tests.browser import Person
from webapp.accounts.models import User
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.broadcasts import drafts
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.states import MailingState
from webapp.settings import store
from webapp.settings.bootstrap import ensure_folder_server

SETTINGS = {
    "network_name": "Northlight Partners",
    "postal_address": "Hamngatan 4, 411 06 Göteborg",
    "from_name": "Northlight Partners",
    "from_address": "partners@mail.northlight.example.com",
    "reply_to": "support@northlight.example.com",
    "public_url": "https://desk.northlight.example.com",
}
HTML = "<p>Hi [=Affiliate.FirstName|there=], good news for [=Affiliate.CompanyName=].</p>"
MakeAffiliate = Callable[..., Affiliate]
MakeMessage = Callable[..., Broadcast]
MakeOutcome = Callable[..., Broadcast]


@pytest.fixture
def network(desk: Desk) -> Desk:
    """The desk after set-up; mail leaves into the folder."""
    with desk.session() as session:
        store.put(session, SETTINGS)
        ensure_folder_server(session)
    return desk


@pytest.fixture
def affiliate(network: Desk) -> MakeAffiliate:
    """Makes an affiliate: `affiliate("Adtrail", manager=…, group="Gold")`."""
    count = 0

    def make(company: str = "Adtrail", *, email: str = "", group: str = "", **fields: object) -> Affiliate:
        nonlocal count
        count += 1
        address = email or f"person{count}@{count}.example.com"
        with network.session() as session:
            if group:
                fields["group_id"] = _group(session, group)
            one = Affiliate(
                **{
                    "affiliate_id": str(10_000 + count),
                    "email": address,
                    "address": address.lower(),
                    "first_name": f"First{count}",
                    "company": company,
                    **fields,
                }
            )
            session.add(one)
        return one

    return make


def _group(session, name: str) -> int:  # type: ignore[no-untyped-def]
    found = session.query(AffiliateGroup).filter_by(name=name).one_or_none()
    if found is None:
        found = AffiliateGroup(name=name)
        session.add(found)
        session.flush()
    return int(found.id)


@pytest.fixture
def message(network: Desk) -> MakeMessage:
    """Makes a draft: `message(subject="…", audience="my", user=…)`; without `user` it is the operator's."""

    def make(user: User | None = None, **fields: object) -> Broadcast:
        text = drafts.Text(**{"subject": "Solara pays more", "html": HTML, **fields})  # type: ignore[arg-type]
        with network.session() as session:
            return drafts.create(session, network.config, user, text)

    return make


@pytest.fixture
def outcome(network: Desk) -> MakeOutcome:
    """Gives a started message an outcome by hand: `outcome(broadcast, {address: (state, code, words)})`."""

    def make(broadcast: Broadcast, results: dict[str, tuple[str, str, str]]) -> Broadcast:
        with network.session() as session:
            mailing = session.get_one(Mailing, broadcast.mailing_id)
            for mail in session.query(OutboxMail).filter_by(mailing_id=mailing.id):
                if mail.address in results and mail.state != "suppressed":
                    setattr(mailing, mail.state, getattr(mailing, mail.state) - 1)
                    mail.state, mail.code, mail.detail = results[mail.address]
                    mail.attempts = 1
                    setattr(mailing, mail.state, getattr(mailing, mail.state) + 1)
            if not (mailing.queued or mailing.deferred or mailing.sending):
                wrong = mailing.failed or mailing.unknown
                mailing.state = MailingState.FINISHED_WITH_FAILURES if wrong else MailingState.FINISHED
        return broadcast

    return make


@pytest.fixture
def writer(person: Callable[..., Person]) -> Person:
    """An affiliate manager, who may write to his own affiliates."""
    return person("send_to_own_affiliates", email="ann@desk.example.com", first_name="Ann")
