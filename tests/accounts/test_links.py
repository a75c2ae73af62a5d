"""Invitations and new passwords: links that work once."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from lxml import html
from sqlalchemy import select

from tests.accounts.conftest import Network
from tests.browser import Person, heading, words
from tests.personas import PASSWORD, make_user
from webapp.accounts import links, recovery
from webapp.accounts.models import OneTimeLink, SignInThrottle, User
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.compose import Draft, compile_message
from webapp.mail.models import OutboxMail
from webapp.mail.outbox.enqueue import values_row

NEW = "quite another row of words"
MINUTES = timedelta(minutes=3)


@pytest.fixture
def tom(desk: Desk) -> User:
    return make_user(desk, "tom@desk.example.com", password=PASSWORD, first_name="Tom")


def link(desk: Desk, user: User, purpose: str = links.RESET) -> str:
    with desk.session() as session:
        return f"/password/{links.make(session, purpose, session.get(User, user.id))}"


def choose(person: Person, path: str, password: str = NEW):
    return person.post(path, {"password": password, "again": password})


def ask_at_evil_host(person: Person, email: str) -> None:
    """As somebody does who sends the request himself: with the host of his choice in every header."""
    headers = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    where = {"base_url": "http://evil.example/", "headers": headers}
    page = person.client.get("/forgotten", **where)
    token = html.fromstring(page.text).xpath("//input[@name='csrf_token']/@value")[0]
    asked = person.client.post("/forgotten", data={"email": email, "csrf_token": token}, **where)
    assert heading(asked) == "Look into your mailbox"


def mails(desk: Desk) -> list[OutboxMail]:
    with desk.session() as session:
        return list(session.scalars(select(OutboxMail)))


def mailed_link(desk: Desk) -> str:
    (mail,) = mails(desk)
    return json.loads(desk.vault.decrypt(mail.values, row=values_row(mail.key)))["passwordreset.link"]


def test_a_new_password_signs_in_and_ends_other_sessions(
    stranger: Person, tom: User, app: Flask, desk: Desk
) -> None:
    elsewhere = Person(app, tom)
    assert choose(stranger, link(desk, tom)).location == "/"
    assert stranger.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302


def test_the_old_password_no_longer_works(app: Flask, stranger: Person, tom: User, desk: Desk) -> None:
    choose(stranger, link(desk, tom))
    for password, status in ((PASSWORD, 200), (NEW, 302)):
        again = Person(app).post("/sign-in", {"email": tom.email, "password": password})
        assert again.status_code == status


def test_a_scanner_that_opens_the_link_uses_nothing_up(stranger: Person, tom: User, desk: Desk) -> None:
    path = link(desk, tom)
    stranger.client.head(path)
    stranger.client.options(path)
    assert heading(stranger.get(path)) == "Choose a new password"
    assert choose(stranger, path).status_code == 302


def test_a_link_works_once(app: Flask, stranger: Person, tom: User, desk: Desk) -> None:
    path = link(desk, tom)
    choose(stranger, path)
    assert choose(Person(app), path, "a third row of words").status_code == 404


def test_a_newer_link_ends_the_older(stranger: Person, tom: User, desk: Desk) -> None:
    older, newer = link(desk, tom), link(desk, tom)
    assert stranger.get(older).status_code == 404
    assert stranger.get(newer).status_code == 200


def test_a_new_password_ends_every_link(app: Flask, stranger: Person, tom: User, desk: Desk) -> None:
    invitation, reset = link(desk, tom, links.INVITATION), link(desk, tom)
    choose(stranger, reset)
    assert Person(app).get(invitation).status_code == 404


def test_a_set_up_link_sets_no_password(stranger: Person, tom: User, desk: Desk) -> None:
    with desk.session() as session:
        token = links.make(session, links.SETUP, None)
    assert stranger.get(f"/password/{token}").status_code == 404


def test_a_link_of_a_disabled_user_is_over(stranger: Person, tom: User, desk: Desk) -> None:
    path = link(desk, tom)
    with desk.session() as session:
        session.get(User, tom.id).disabled_at = utcnow()
    assert stranger.get(path).status_code == 404


@pytest.mark.parametrize(
    ("purpose", "lifetime"),
    [(links.RESET, timedelta(minutes=30)), (links.INVITATION, timedelta(days=7))],
)
def test_a_link_ends_with_its_time(desk: Desk, tom: User, purpose: str, lifetime: timedelta) -> None:
    token = link(desk, tom, purpose).rpartition("/")[2]
    with desk.session() as session:
        just, over = utcnow() + lifetime - timedelta(minutes=1), utcnow() + lifetime + timedelta(minutes=1)
        assert links.find(session, token, purpose, now=just)
        with pytest.raises(links.NotFound):
            links.find(session, token, purpose, now=over)


def test_tokens_have_256_bits_and_are_kept_as_hashes(desk: Desk, tom: User) -> None:
    token = link(desk, tom).rpartition("/")[2]
    assert len(token) == 43
    with desk.session() as session:
        kept = session.scalars(select(OneTimeLink)).one()
    assert token not in json.dumps([kept.token_hash, kept.purpose])
    assert len(kept.token_hash) == 64


def test_one_time_pages_are_kept_by_nobody_and_tell_no_other_site(
    stranger: Person, tom: User, desk: Desk
) -> None:
    page = stranger.get(link(desk, tom))
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_a_weak_password_is_refused_with_the_remedy_and_the_link_still_works(
    stranger: Person, tom: User, desk: Desk
) -> None:
    path = link(desk, tom)
    assert "at least 12 characters" in words(choose(stranger, path, "short"))
    assert "contains “tom@desk.example.com”" in words(choose(stranger, path, "x tom@desk.example.com x"))
    assert choose(stranger, path).status_code == 302


@pytest.mark.parametrize(
    "email", ["tom@desk.example.com", "nobody@desk.example.com", "invited@desk.example.com"]
)
def test_asking_for_a_password_is_answered_the_same_for_everybody(
    stranger: Person, tom: User, desk: Desk, email: str
) -> None:
    make_user(desk, "invited@desk.example.com", password_hash=None)
    page = stranger.post("/forgotten", {"email": email})
    assert page.status_code == 200
    assert words(page).replace(email, "…").count("…") == 1
    assert heading(page) == "Look into your mailbox"


def test_only_a_user_gets_the_mail(stranger: Person, tom: User, desk: Desk) -> None:
    stranger.post("/forgotten", {"email": "nobody@desk.example.com"})
    assert mails(desk) == []
    stranger.post("/forgotten", {"email": "TOM@desk.example.com"})
    (mail,) = mails(desk)
    assert (mail.address, mail.kind, mail.priority) == ("tom@desk.example.com", "operational", 1)


def test_a_forged_host_does_not_reach_the_mail(stranger: Person, tom: User, desk: Desk) -> None:
    ask_at_evil_host(stranger, tom.email)
    assert mailed_link(desk).startswith("https://desk.northlight.example/password/")


def test_without_a_setting_the_configured_address_counts(
    stranger: Person, tom: User, desk: Desk, network: Network
) -> None:
    network(public_url="")
    ask_at_evil_host(stranger, tom.email)
    assert mailed_link(desk).startswith("http://127.0.0.1:8025/password/")


def test_the_link_in_the_mail_opens_the_form(stranger: Person, tom: User, desk: Desk) -> None:
    stranger.post("/forgotten", {"email": tom.email})
    path = mailed_link(desk).removeprefix("https://desk.northlight.example")
    assert heading(stranger.get(path)) == "Choose a new password"


def test_the_mail_reads_as_a_mail(stranger: Person, tom: User, desk: Desk) -> None:
    stranger.post("/forgotten", {"email": tom.email})
    (mail,) = mails(desk)
    values = json.loads(desk.vault.decrypt(mail.values, row=values_row(mail.key)))
    with desk.session() as session:
        frozen = Draft.from_dict(session.get(OutboxMail, mail.id).content.draft)
    preview = compile_message(frozen, context="password_reset").preview(values)
    assert preview.subject == "A new password for Northlight"
    assert "Hello Tom," in preview.text
    assert values["passwordreset.link"] in preview.text
    assert f'href="{values["passwordreset.link"]}"' in preview.html


def test_neither_mail_nor_link_lies_in_clear_in_the_database(stranger: Person, tom: User, desk: Desk) -> None:
    stranger.post("/forgotten", {"email": tom.email})
    token = mailed_link(desk).rpartition("/")[2].encode()
    for name in ("offerpost.db", "offerpost.db-wal"):
        assert token not in (desk.config.home / name).read_bytes()


def test_a_mailbox_is_not_flooded(stranger: Person, tom: User, desk: Desk) -> None:
    for _ in range(12):
        assert heading(stranger.post("/forgotten", {"email": tom.email})) == "Look into your mailbox"
    assert len(mails(desk)) == 1


def test_strangers_who_ask_in_somebodys_name_never_leave_him_without_a_link(
    app: Flask, stranger: Person, tom: User, desk: Desk
) -> None:
    """Whatever they do for an hour and a half, the newest mail in his mailbox opens the form."""
    for minute in range(0, 90, 3):
        with desk.session() as session:
            for row in [*session.scalars(select(OneTimeLink)), *session.scalars(select(SignInThrottle))]:
                for name in {"created_at", "expires_at", "blocked_until"} & set(row.__table__.c.keys()):
                    setattr(row, name, (getattr(row, name) or utcnow()) - MINUTES)
        stranger.post("/forgotten", {"email": tom.email}, environ_base={"REMOTE_ADDR": f"192.0.2.{minute}"})
        newest = mails(desk)[-1]
        url = json.loads(desk.vault.decrypt(newest.values, row=values_row(newest.key)))["passwordreset.link"]
        assert Person(app).get(url.removeprefix("https://desk.northlight.example")).status_code == 200
    assert len(mails(desk)) < 12


def test_without_a_from_address_nothing_is_mailed_and_the_answer_stays(
    stranger: Person, tom: User, desk: Desk, network: Network
) -> None:
    network(from_address="")
    assert heading(stranger.post("/forgotten", {"email": tom.email})) == "Look into your mailbox"
    assert mails(desk) == []


def test_two_who_use_a_link_at_the_same_time_do_not_both_win(desk: Desk, tom: User) -> None:
    token = link(desk, tom).rpartition("/")[2]
    with desk.session() as session:
        found = links.find(session, token, links.RESET)
        links.use(session, found)
        with pytest.raises(links.NotFound):
            links.use(session, found)


def test_an_invitation_is_mailed_and_can_be_given_by_hand(desk: Desk, tom: User) -> None:
    with desk.session() as session:
        url, mailed = recovery.invite(session, desk, None, session.get(User, tom.id))
    assert mailed
    assert url == mailed_link(desk)
