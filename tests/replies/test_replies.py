"""Replies: kept with the affiliate who wrote them, read by who may see him, and never an instruction."""

from sqlalchemy import select

from tests.browser import Person, words
from tests.network import MakeAffiliate
from tests.personas import MakePerson
from tests.replies.conftest import Write
from webapp.affiliates import erasing
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.feedback.models import ReturnedMail
from webapp.mail.consents import Consent
from webapp.mail.models import OutboxMail, Suppression
from webapp.replies import intake
from webapp.replies.models import Reply
from webapp.settings import store


def test_a_reply_to_the_signed_address_is_proven(dana: Affiliate, mail: OutboxMail, write: Write) -> None:
    reply = write("Yes!", about=mail, signed=True)
    assert reply is not None
    assert (reply.affiliate_id, reply.mail_id, reply.proven, reply.text) == (dana.id, mail.id, True, "Yes!")


def test_a_reply_that_only_quotes_our_mail_is_not_proven(
    mail: OutboxMail, write: Write, owner: Person
) -> None:
    reply = write("Yes!", about=mail, sender="mallory@evil.example")
    assert reply is not None
    assert not reply.proven
    page = words(owner.get(f"/replies/{reply.id}"))
    assert "Who wrote this is not proven." in page
    assert "The affiliate’s own address is another one" in page


def test_mail_from_an_affiliates_address_is_his_though_it_answers_nothing(
    dana: Affiliate, write: Write
) -> None:
    reply = write("A question", sender="Dana <DANA@brightpath.example.com>")
    assert reply is not None
    assert (reply.affiliate_id, reply.mail_id, reply.proven) == (dana.id, None, False)


def test_an_address_that_two_affiliates_share_names_neither(
    dana: Affiliate, affiliate: MakeAffiliate, write: Write
) -> None:
    affiliate("Sister", email=dana.email)
    assert write("A question") is None


def test_strangers_and_machines_leave_no_reply(mail: OutboxMail, write: Write) -> None:
    assert write("Buy this", sender="spam@evil.example") is None
    assert write("I am away", about=mail, signed=True, headers="Auto-Submitted: auto-replied\n") is None


def test_a_flood_from_one_address_is_bounded(
    dana: Affiliate, write: Write, network: Desk, monkeypatch: object
) -> None:
    monkeypatch.setattr(intake, "MOST_A_DAY", 2)  # type: ignore[attr-defined]
    for number in range(3):
        write(f"Question {number}")
    with network.reading() as session:
        assert len(session.scalars(select(Reply)).all()) == 2
        assert "kept here only" in session.scalars(select(ReturnedMail.note)).all()[-1]


def test_asking_to_stop_changes_nothing_until_a_person_presses_the_button(
    dana: Affiliate, mail: OutboxMail, write: Write, manager: Person, network: Desk
) -> None:
    reply = write("STOP", about=mail, signed=True)
    assert reply is not None
    assert "Opt out of all news" in words(manager.get(f"/replies/{reply.id}"))
    with network.reading() as session:
        assert session.scalar(select(Suppression.id)) is None
    manager.post(f"/replies/{reply.id}/opt-out")
    with network.reading() as session:
        barred = session.scalars(select(Suppression)).one()
        assert (barred.address, barred.scope) == (dana.address, "announcement")
        assert session.scalars(select(Consent.way)).all() == ["reply"]
    assert "Opt out of all news" not in words(manager.get(f"/replies/{reply.id}"))


def test_a_reply_is_marked_found_and_handed_to_a_colleague(
    mail: OutboxMail, write: Write, manager: Person, owner: Person
) -> None:
    reply = write("A hard question", about=mail)
    assert reply is not None
    assert owner.user is not None
    assert "A hard question" in words(manager.get("/replies?q=HARD"))
    assert "No reply fits" in words(manager.get("/replies?q=easy"))
    manager.post(f"/replies/{reply.id}/assign", {"assigned_to": str(owner.user.id)})
    assert "A hard question" in words(owner.get("/replies?who=mine"))
    manager.post(f"/replies/{reply.id}/state", {"state": "done"})
    assert "A hard question" in words(manager.get("/replies?state=done"))
    assert "A hard question" not in words(manager.get("/replies"))


def test_nobody_gets_a_reply_who_may_not_see_the_affiliate(
    mail: OutboxMail, write: Write, manager: Person, person: MakePerson, network: Desk
) -> None:
    reply = write("Secret", about=mail)
    other = person("view_affiliate_details", "edit_assigned", email="bob@desk.example.com")
    assert reply is not None
    assert other.user is not None
    answer = manager.post(f"/replies/{reply.id}/assign", {"assigned_to": str(other.user.id)}, follow=True)
    assert "Choose a colleague who may see this affiliate." in words(answer)
    assert other.get(f"/replies/{reply.id}").status_code == 404
    assert other.post(f"/replies/{reply.id}/state", {"state": "done"}).status_code == 404
    assert other.post(f"/replies/{reply.id}/opt-out").status_code == 404
    assert "Secret" not in words(other.get("/replies?state=all"))


def test_what_came_with_a_reply_is_drawn_as_text(mail: OutboxMail, write: Write, owner: Person) -> None:
    reply = write("<script>alert(1)</script>", about=mail, subject="<b>Re</b>")
    assert reply is not None
    for path in (f"/replies/{reply.id}", "/replies"):
        page = owner.get(path)
        assert "<script>alert" not in page.text
        assert "<b>Re</b>" in words(page)


def test_the_manager_is_told_of_a_reply(
    mail: OutboxMail, write: Write, manager: Person, network: Desk
) -> None:
    with network.session() as session:
        store.put(session, {"from_address": "partners@mail.northlight.example.com"})
    write("Yes!", about=mail)
    assert manager.user is not None
    with network.reading() as session:
        told = session.scalars(select(OutboxMail.address).where(OutboxMail.id != mail.id)).all()
    assert told == [manager.user.email]


def test_what_an_erased_affiliate_wrote_is_gone(
    dana: Affiliate, mail: OutboxMail, write: Write, network: Desk
) -> None:
    write("My secret", about=mail)
    write("Another secret")
    with network.session() as session:
        erasing.erase(session, "command line", session.get_one(Affiliate, dana.id))
    with network.reading() as session:
        assert session.scalars(select(Reply)).all() == []
        kept = session.scalars(select(ReturnedMail)).all()
        assert [(one.raw, one.sender, one.subject) for one in kept] == [(b"", "", "")] * 2


def test_mail_that_names_nobody_is_assigned_by_a_person_to_an_affiliate_he_sees(
    dana: Affiliate, write: Write, owner: Person, person: MakePerson
) -> None:
    write("It is me, Dana", sender="private@home.example")
    other = person("manage_suppressions", "view_affiliate_details", email="bob@desk.example.com")
    path = "/delivery/returned/1/assign"
    assert "You see no affiliate" in words(other.post(path, {"who": dana.email}, follow=True))
    assert "You see no affiliate" in words(owner.post(path, {"who": "9"}, follow=True))
    owner.post(path, {"who": str(dana.affiliate_id)})
    assert "It is me, Dana" in words(owner.get(f"/affiliates/{dana.id}/timeline"))
    assert "Assigned to affiliate" in words(owner.get("/delivery/returned/1"))
    assert owner.post(path, {"who": str(dana.affiliate_id)}).status_code == 409


def test_a_reply_is_kept_once_although_its_mail_was_cleared_away(
    mail: OutboxMail, write: Write, network: Desk
) -> None:
    write("Yes!", about=mail, signed=True)
    with network.session() as session:
        session.delete(session.scalars(select(ReturnedMail)).one())
    write("Yes!", about=mail, signed=True)
    with network.reading() as session:
        assert len(session.scalars(select(Reply)).all()) == 1
