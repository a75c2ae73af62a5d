"""Addresses that are not to be mailed, and the link with which a person becomes one of them."""

import pytest

from tests.mail.conftest import draft
from webapp import vault
from webapp.desk import Desk
from webapp.errors import Invalid, NotFound
from webapp.mail import poke, suppressions, unsubscribe
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.vault import Vault

HOST = "https://mail.northlight.example"


@pytest.fixture
def mail(any_desk: Desk) -> OutboxMail:
    with any_desk.session() as session:
        return enqueue_one(
            session, any_desk.vault, key="k", content=draft(), address="Mara@x.example", kind="announcement"
        )


def test_case_makes_no_difference(any_desk: Desk) -> None:
    with any_desk.session() as session:
        suppressions.add(session, " Mara@X.Example ")
        assert suppressions.is_suppressed(session, "mara@x.example", "operational")


def test_leaving_the_news_bars_announcements_only(any_desk: Desk) -> None:
    with any_desk.session() as session:
        suppressions.add(session, "mara@x.example", scope="announcement", reason="unsubscribed")
        assert suppressions.is_suppressed(session, "mara@x.example", "announcement")
        assert not suppressions.is_suppressed(session, "mara@x.example", "operational")


def test_adding_twice_keeps_the_first_reason(any_desk: Desk) -> None:
    with any_desk.session() as session:
        assert suppressions.add(session, "mara@x.example", reason="bounced")
        assert not suppressions.add(session, "mara@x.example", reason="blocked")
        assert suppressions.reason_of(session, "mara@x.example", "operational") == "bounced"


def test_a_removed_address_may_be_mailed_again(any_desk: Desk) -> None:
    with any_desk.session() as session:
        suppressions.add(session, "mara@x.example")
        suppressions.remove(session, "Mara@x.example")
        assert not suppressions.is_suppressed(session, "mara@x.example", "announcement")
        with pytest.raises(NotFound, match="not suppressed"):
            suppressions.remove(session, "mara@x.example")


@pytest.mark.parametrize("address", ["", "mara", "@", "@example", "@x y.example", "mara@", "ma ra@x.example"])
def test_what_is_no_address_is_refused(desk: Desk, address: str) -> None:
    with desk.session() as session, pytest.raises(Invalid, match="no mail address"):
        suppressions.add(session, address)


def test_the_link_takes_a_person_off_the_news_and_twice_is_once(any_desk: Desk, mail: OutboxMail) -> None:
    url = unsubscribe.unsubscribe_url(any_desk.vault, HOST, mail.id)
    assert len(url) < 60
    token = url.rpartition("/")[2]
    with any_desk.session() as session:
        assert not unsubscribe.accept(session, any_desk.vault, token).left
        assert unsubscribe.accept(session, any_desk.vault, token).left
        assert suppressions.count(session) == 1
        assert suppressions.of_address(session, "mara@x.example")[0].mail_id == mail.id


def test_looking_at_the_link_changes_nothing(any_desk: Desk, mail: OutboxMail) -> None:
    with any_desk.session() as session:
        leaver = unsubscribe.look(session, any_desk.vault, unsubscribe.make_token(any_desk.vault, mail.id))
        assert (leaver.address, leaver.left) == ("Mara@x.example", False)
        assert suppressions.count(session) == 0


def test_leaving_can_be_taken_back_but_a_block_stays(any_desk: Desk, mail: OutboxMail) -> None:
    token = unsubscribe.make_token(any_desk.vault, mail.id)
    with any_desk.session() as session:
        unsubscribe.accept(session, any_desk.vault, token)
        suppressions.add(session, "mara@x.example", scope="all", reason="blocked")
        unsubscribe.undo(session, any_desk.vault, token)
        assert suppressions.reason_of(session, "mara@x.example", "announcement") == "blocked"


@pytest.mark.parametrize("token", ["", ".", "1", "1.", "1.AAAAAAAAAAAAAAAAAAAAAA", "zz.x", "1.é", "-1.x"])
def test_a_forged_link_is_not_found(desk: Desk, token: str) -> None:
    with desk.session() as session, pytest.raises(NotFound):
        unsubscribe.accept(session, desk.vault, token)


def test_a_link_works_after_the_key_was_rotated(any_desk: Desk, mail: OutboxMail) -> None:
    token = unsubscribe.make_token(any_desk.vault, mail.id)
    vault.rotate(any_desk.config.key_file)
    rotated = Vault.open(any_desk.config.key_file, create=False)
    with any_desk.session() as session:
        assert unsubscribe.look(session, rotated, token).mail_id == mail.id


def test_a_committed_change_pokes_the_senders_and_a_refused_one_does_not(desk: Desk) -> None:
    number = desk.config.spool / poke.GENERATION
    with pytest.raises(RuntimeError), desk.session() as session:
        suppressions.add(session, "a@x.example")
        raise RuntimeError
    assert not number.exists()
    with desk.session() as session:
        suppressions.add(session, "a@x.example")
    assert number.read_bytes() != bytes(8)
