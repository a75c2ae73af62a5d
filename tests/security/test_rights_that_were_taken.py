"""Between the click on Send and the last mail somebody may lose the right to send."""

from sqlalchemy import select

from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage
from tests.personas import MakePerson
from webapp.accounts import users
from webapp.accounts.models import User
from webapp.broadcasts import starting
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk
from webapp.mail.models import Mailing


def state(desk: Desk) -> tuple[str, str]:
    with desk.reading() as session:
        mailing = session.scalars(select(Mailing)).one()
        return mailing.state, mailing.reason


def test_a_disabled_account_sends_nothing_more(network: Desk, bob: Person, started: Broadcast) -> None:
    with network.session() as session:
        users.disable(session, "command line", session.get_one(User, bob.user.id))
    assert state(network)[0] == "paused"
    assert "Bob, who started it, was disabled" in state(network)[1]


def test_who_may_send_no_longer_sends_nothing_more(network: Desk, bob: Person, started: Broadcast) -> None:
    left = tuple(set(bob.user.rights) - {"send_to_own_affiliates"})
    with network.session() as session:
        profile = users.Profile(email=bob.user.email, first_name="Bob", rights=left)
        users.change(session, "command line", session.get_one(User, bob.user.id), profile)
    assert state(network)[0] == "paused"


def test_another_right_less_stops_no_message(network: Desk, bob: Person, started: Broadcast) -> None:
    left = tuple(set(bob.user.rights) - {"import_and_export"})
    with network.session() as session:
        profile = users.Profile(email=bob.user.email, first_name="Bob", rights=left)
        users.change(session, "command line", session.get_one(User, bob.user.id), profile)
    assert state(network)[0] == "running"


def test_the_rest_goes_out_when_somebody_who_may_resumes_it(
    network: Desk, bob: Person, started: Broadcast, owner: Person
) -> None:
    with network.session() as session:
        users.disable(session, "command line", session.get_one(User, bob.user.id))
    owner.post(f"/messages/{started.id}/resume")
    assert state(network) == ("running", "")


def test_a_draft_in_a_colleagues_name_is_not_started_once_the_right_is_gone(
    network: Desk, person: MakePerson, bob: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    eve = person("send_to_all", "send_as_another", email="eve@desk.example.com")
    draft = message(eve.user, sender_id=bob.user.id)
    with network.session() as session:
        session.get_one(User, eve.user.id).rights = ["send_to_all"]
    approved = ""
    with network.reading() as session:
        approved = starting.fingerprint(session, network.config, session.get_one(Broadcast, draft.id))
    page = eve.post(f"/messages/{draft.id}/send", {"approved": approved, "missing": "skip"})
    assert "You may not write as Bob" in words(page)
