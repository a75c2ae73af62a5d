"""Fields that a page does not offer, sent all the same."""

import pytest
from sqlalchemy import select

from tests.browser import Person, words
from tests.network import HTML, MakeAffiliate
from webapp.affiliates.models import Affiliate
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk
from webapp.mail.models import OutboxMail

TEXT = {"subject": "Solara pays more", "html": HTML, "kind": "announcement", "sender": "", "server": ""}
FOREIGN = [
    {"audience": "all"},
    {"audience": "group", "group": "Gold"},
    {"audience": "as_written"},
    {"audience": "manager:bob@desk.example.com"},
    {"audience": "my+all"},
    {"audience": "my_group", "group": 'Gold"+all+my:"Gold'},
]


@pytest.mark.parametrize("audience", FOREIGN)
def test_a_manager_writes_to_nobody_elses_affiliates(
    network: Desk, ann: Person, affiliate: MakeAffiliate, of_bob: Affiliate, audience: dict[str, str]
) -> None:
    affiliate("Golden", group="Gold")
    ann.post("/messages/new", {**TEXT, **audience})
    with network.reading() as session:
        assert session.scalars(select(Broadcast)).all() == []


@pytest.mark.parametrize("audience", FOREIGN)
def test_a_managers_preview_shows_nobody_elses_affiliates(
    network: Desk, ann: Person, of_bob: Affiliate, audience: dict[str, str]
) -> None:
    for path in ("/messages/preview", "/messages/check", "/messages/audience"):
        page = ann.post(path, {**TEXT, **audience, "as": str(of_bob.id)})
        assert page.status_code < 500
        assert "Bobs Secret Partner" not in page.text
        assert "secret@partner.example.com" not in page.text


def test_a_test_mail_is_filled_only_with_ones_own_affiliates(
    network: Desk, ann: Person, of_bob: Affiliate, affiliate: MakeAffiliate
) -> None:
    assert ann.user is not None
    affiliate("Anns", manager_id=ann.user.id)
    ann.post("/messages/new", {**TEXT, "audience": "my"})
    assert ann.post("/messages/1/test", {"as": str(of_bob.id)}).status_code == 404
    with network.reading() as session:
        assert session.scalars(select(OutboxMail)).all() == []


def test_nobody_writes_as_a_colleague_without_the_right(network: Desk, ann: Person, bob: Person) -> None:
    assert bob.user is not None
    ann.post("/messages/new", {**TEXT, "audience": "my", "sender": str(bob.user.id)})
    with network.reading() as session:
        assert session.scalars(select(Broadcast)).all() == []


def test_a_message_belongs_to_whoever_wrote_it_whatever_the_form_says(
    network: Desk, ann: Person, bob: Person
) -> None:
    assert ann.user is not None
    assert bob.user is not None
    extra = {"created_by": str(bob.user.id), "id": "99", "mailing_id": "1", "sender_id": str(bob.user.id)}
    ann.post("/messages/new", {**TEXT, "audience": "my", **extra})
    with network.reading() as session:
        one = session.scalars(select(Broadcast)).one()
    assert (one.id, one.created_by, one.mailing_id, one.sender_id) == (1, ann.user.id, None, None)


def test_an_affiliate_is_handed_to_a_colleague_only_by_who_may_edit_all(
    network: Desk, ann: Person, bob: Person
) -> None:
    assert ann.user is not None
    assert bob.user is not None
    given = {"email": "new@partner.example.com", "status": "active", "group": "", "country": ""}
    extra = {"manager_email": "bob@desk.example.com", "manager_id": str(bob.user.id), "id": "99"}
    ann.post("/affiliates/new", {**given, **extra})
    ann.post("/affiliates/1/edit", {**given, **extra})
    with network.reading() as session:
        one = session.scalars(select(Affiliate)).one()
    assert (one.id, one.manager_id) == (1, ann.user.id)


@pytest.mark.parametrize("field", [{"affiliate_id": "10001"}, {"email": "secret@partner.example.com"}])
def test_running_into_a_colleagues_affiliate_tells_no_name(
    network: Desk, ann: Person, of_bob: Affiliate, field: dict[str, str]
) -> None:
    given = {"email": "new@partner.example.com", "status": "active", "group": "", "country": ""}
    page = ann.post("/affiliates/new", {**given, **field})
    assert "Another affiliate has" in words(page)
    assert "Bobs Secret Partner" not in page.text
