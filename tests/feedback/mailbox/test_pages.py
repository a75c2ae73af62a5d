"""The form of the mailbox: tested step by step, its secret never shown and never sent elsewhere."""

from collections.abc import Callable

import pytest

from tests.browser import Person, words
from tests.feedback.mailbox.conftest import SetUp
from tests.feedback.mailbox.dovecot import PASSWORD, Dovecot
from webapp.desk import Desk
from webapp.feedback.mailbox.models import Mailbox

PAGE = "/account/email-settings/mailbox"
Typed = Callable[..., dict[str, str]]


def test_the_connection_test_shows_each_step_and_saves_nothing(
    desk: Desk, owner: Person, dovecot: Dovecot, typed: Typed
) -> None:
    dovecot.put([b"Subject: x\r\n\r\nx\r\n"])
    page = owner.post(PAGE, {**typed(), "do": "probe"})
    for step in ("Find the host", "Connect", "The certificate is good.", "Log in", "1 mail in INBOX"):
        assert step in words(page)
    with desk.reading() as session:
        assert session.get(Mailbox, 1) is None
    assert PASSWORD not in page.text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"password": "wrong"}, "refused user name or password"),
        ({"folder": "Nowhere"}, "Check the name of the folder"),
        ({"ca_pem": ""}, "certificate"),
        ({"port": "1"}, "can’t be used from here|can't be used from here"),
        ({"host": "169.254.169.254"}, "can’t be used from here|can't be used from here"),
    ],
)
def test_each_failure_is_named_at_its_step(
    owner: Person, dovecot: Dovecot, typed: Typed, changed: dict[str, str], says: str
) -> None:
    page = owner.post(PAGE, {**typed(), **changed, "do": "probe"})
    assert any(one in words(page) for one in says.split("|")), words(page)


def test_it_is_saved_and_the_password_never_comes_back(
    desk: Desk, owner: Person, dovecot: Dovecot, typed: Typed
) -> None:
    owner.post(PAGE, {**typed(), "do": "save"})
    assert PASSWORD not in owner.get(PAGE).text
    owner.post(PAGE, {**typed(), "password": "", "minutes": "9", "do": "save"})
    with desk.reading() as session:
        box = session.get_one(Mailbox, 1)
    assert box.values["minutes"] == 9
    assert list(box.sealed) == ["password"]
    assert PASSWORD not in str(box.values) + str(box.sealed)


@pytest.mark.parametrize(
    "changed", [{"host": "evil.example"}, {"port": "995"}, {"username": "x"}, {"ca_pem": ""}]
)
@pytest.mark.parametrize("do", ["save", "probe"])
def test_a_saved_password_never_goes_to_a_changed_place(
    desk: Desk, owner: Person, set_up: SetUp, typed: Typed, changed: dict[str, str], do: str
) -> None:
    set_up()
    page = owner.post(PAGE, {**typed(), **changed, "password": "", "do": do})
    assert (page.status_code, "Type it again" in words(page)) == (400, True)


def test_pop3_can_only_keep_or_delete(owner: Person, typed: Typed) -> None:
    page = owner.post(PAGE, {**typed("pop3 tls", after="seen"), "do": "save"})
    assert "POP3 can only keep or delete" in words(page)


def test_a_forgotten_mailbox_is_gone_with_its_password(desk: Desk, owner: Person, set_up: SetUp) -> None:
    set_up()
    owner.post(f"{PAGE}/remove")
    with desk.reading() as session:
        assert session.get(Mailbox, 1) is None
