"""When mail gets signed envelope senders: a bounce address, a server that takes them, and nothing changed since."""

import pytest

from webapp.desk import Desk
from webapp.mail import verp
from webapp.settings import bounce_sender, store
from webapp.settings.directory import Directory
from webapp.settings.models import MailServer


@pytest.fixture
def tested(desk: Desk) -> int:
    """The server of a fresh instance, tested after the bounce address was set."""
    with desk.session() as session:
        store.put(session, {"bounce_address": "bounces@mail.example.com"})
        server = session.query(MailServer).one()
        sender = bounce_sender.to_test_with(desk, session, server.kind, "me@example.com")
        bounce_sender.has_worked(server, sender)
        return server.id


def used(desk: Desk, server_id: int) -> str:
    with desk.session() as session:
        server = Directory(desk).get(session, server_id)
        assert server is not None
        return server.bounce_domain


def test_without_a_bounce_address_the_test_asks_with_the_from_address(desk: Desk) -> None:
    with desk.session() as session:
        assert bounce_sender.to_test_with(desk, session, "smtp", "me@example.com") == "me@example.com"


def test_the_test_asks_with_a_sender_that_nobody_can_bounce_to(desk: Desk, tested: int) -> None:
    with desk.session() as session:
        sender = bounce_sender.to_test_with(desk, session, "smtp", "me@example.com")
    assert (sender[:4], sender.rpartition("@")[2]) == ("b+0.", "mail.example.com")
    assert verp.mail_named_by(desk.vault, [sender]) is None


def test_a_server_that_took_it_gets_signed_senders(desk: Desk, tested: int) -> None:
    assert used(desk, tested) == "mail.example.com"


def test_a_test_with_the_from_address_proves_nothing(desk: Desk, tested: int) -> None:
    with desk.session() as session:
        server = session.get_one(MailServer, tested)
        server.bounce_domain = ""
        bounce_sender.has_worked(server, "me@mail.example.com")
    assert used(desk, tested) == ""


def test_changed_values_have_to_be_tested_again(desk: Desk, tested: int) -> None:
    with desk.session() as session:
        session.get_one(MailServer, tested).revision += 1
    assert used(desk, tested) == ""


@pytest.mark.parametrize("address", ["", "bounces@other.example.com"])
def test_another_bounce_address_has_to_be_tested_again(desk: Desk, tested: int, address: str) -> None:
    with desk.session() as session:
        store.put(session, {"bounce_address": address})
    assert used(desk, tested) == ""
