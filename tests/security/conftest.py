"""Two affiliate managers of one network, who have nothing to do with each other."""

from io import BytesIO

import pytest

from tests.browser import Person
from tests.network import MakeAffiliate, MakeMessage
from tests.personas import MakePerson
from webapp.accounts.rights import PRESETS
from webapp.affiliates.kind import KIND
from webapp.affiliates.models import Affiliate
from webapp.broadcasts import starting, trying
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk
from webapp.digests.models import Digest
from webapp.imports import runs
from webapp.imports.models import ImportRun
from webapp.mail.models import OutboxMail
from webapp.offers.models import Assignment, Offer
from webapp.segments.models import Segment
from webapp.segments.rules import Group, Rule, as_plain

RIGHTS = (
    *PRESETS["affiliate_manager"].rights,
    "import_and_export",
    "manage_suppressions",
    "view_delivery_log",
)


@pytest.fixture
def ann(person: MakePerson, network: Desk) -> Person:
    return person(*RIGHTS, email="ann@desk.example.com", first_name="Ann")


@pytest.fixture
def bob(person: MakePerson, network: Desk) -> Person:
    return person(*RIGHTS, email="bob@desk.example.com", first_name="Bob")


@pytest.fixture
def of_bob(affiliate: MakeAffiliate, bob: Person) -> Affiliate:
    assert bob.user is not None
    return affiliate("Bobs Secret Partner", manager_id=bob.user.id, email="secret@partner.example.com")


@pytest.fixture
def segment(network: Desk, bob: Person, of_bob: Affiliate) -> Segment:
    """Bob's own, under the number of his affiliate."""
    assert bob.user is not None
    rules = as_plain([Group((Rule("company", "contains", ("Bobs Secret Partner",)),))])
    with network.session() as session:
        made = Segment(id=of_bob.id, name="Bobs Secret Partner", rules=rules, owner_id=bob.user.id)
        session.add(made)
    return made


@pytest.fixture
def digest(network: Desk, bob: Person, of_bob: Affiliate) -> Digest:
    """Bob's own, under the same number."""
    assert bob.user is not None
    with network.session() as session:
        made = Digest(id=of_bob.id, name="Bobs Secret Partner", audience="my", created_by=bob.user.id)
        session.add(made)
    return made


@pytest.fixture
def draft(message: MakeMessage, bob: Person, of_bob: Affiliate) -> Broadcast:
    return message(bob.user, audience="my")


@pytest.fixture
def started(network: Desk, draft: Broadcast, bob: Person) -> Broadcast:
    with network.session() as session:
        starting.start(session, network.config, bob.user, draft.id)
    return draft


@pytest.fixture
def test_mail(network: Desk, draft: Broadcast, bob: Person, of_bob: Affiliate) -> OutboxMail:
    assert bob.user is not None
    with network.session() as session:
        return trying.send(session, network.config, network.vault, bob.user, draft, of_bob, bob.user.id)


@pytest.fixture
def offer(network: Desk, bob: Person, of_bob: Affiliate) -> Offer:
    """Bob looks after it, and his affiliate runs it."""
    assert bob.user is not None
    with network.session() as session:
        found = Offer(cid="3071", name="Bobs Offer", manager_id=bob.user.id)
        session.add(found)
        session.flush()
        session.add(Assignment(offer_id=found.id, affiliate_id=of_bob.id, state="approved", tracking_url=""))
    return found


@pytest.fixture
def run(network: Desk, bob: Person) -> ImportRun:
    assert bob.user is not None
    content = BytesIO(b"affiliate_id,email\n1,one@partner.example.com\n")
    with network.session() as session:
        return runs.upload(session, network.config.spool, bob.user, KIND, "bobs.csv", content)
