"""The pages of webhooks: made, looked at, changed and stopped by those who may."""

import re

import pytest
from flask import Flask

from tests.browser import Person, words
from tests.network import MakeAffiliate
from tests.personas import MakePerson
from tests.webhooks.conftest import URL, Platform, Sent, hook_of, log_of, told
from webapp.accounts.models import User
from webapp.desk import Desk
from webapp.webhooks.kinds import COMMON, KINDS

HERE = "/account/webhooks"
TYPED = {"name": "Platform", "url": URL, "events": ["accepted", "failed"]}


@pytest.fixture
def keeper(app: Flask, mara: User, network: Desk) -> Person:
    return Person(app, mara)


def test_it_is_made_by_a_form_and_its_secret_is_seen_once(network: Desk, keeper: Person) -> None:
    assert "Nobody is told yet" in words(keeper.get(HERE))
    page = keeper.post(f"{HERE}/new", TYPED)
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", page.text)
    assert secret is not None
    for path in (HERE, f"{HERE}/1", f"{HERE}/1/edit"):
        shown = keeper.get(path)
        assert "Platform" in words(shown)
        assert secret[0] not in shown.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "Give it a name"),
        ("url", "http://platform.example.com/", "Write an https address"),
        ("url", "https://", "Write an https address"),
        ("url", "https://[::1/", "This is no web address"),
        ("url", "https://mara:secret@platform.example.com/", "Leave user name, password"),
        ("url", "https://platform.example.com/ä", "without blanks and other than ASCII"),
        ("events", [], "Choose at least one event"),
        ("events", ["nonsense"], "Choose at least one event"),
    ],
)
def test_what_can_not_be_is_refused_beside_its_field(
    network: Desk, keeper: Person, field: str, typed: object, said: str
) -> None:
    assert said in words(keeper.post(f"{HERE}/new", {**TYPED, field: typed}))
    assert "Nobody is told yet" in words(keeper.get(HERE))


def test_another_host_gets_another_secret_and_another_path_does_not(network: Desk, keeper: Person) -> None:
    keeper.post(f"{HERE}/new", TYPED)
    sealed = hook_of(network).sealed
    assert keeper.post(f"{HERE}/1/edit", {**TYPED, "url": f"{URL}&more=1"}).status_code == 302
    assert hook_of(network).sealed == sealed
    assert "whsec_" in keeper.post(f"{HERE}/1/edit", {**TYPED, "url": "https://other.example/"}).text
    assert hook_of(network).sealed != sealed


def test_a_test_shows_whether_the_other_side_answers(
    network: Desk, platform: Platform, keeper: Person
) -> None:
    keeper.post(f"{HERE}/new", TYPED)
    keeper.post(f"{HERE}/1/test")
    network.jobs.run_pending()
    assert [event["type"] for event in platform.events] == ["test"]
    assert "1 event msg_1_1 Taken 204" in words(keeper.get(f"{HERE}/1"))


def test_the_log_is_searched_and_a_request_sent_again(
    network: Desk, platform: Platform, keeper: Person, affiliate: MakeAffiliate, sent: Sent
) -> None:
    keeper.post(f"{HERE}/new", TYPED)
    one = affiliate()
    sent(one)
    told(network)
    assert "msg_1_1" in words(keeper.get(f"{HERE}/1?q={one.affiliate_id}&state=done"))
    assert "Nothing matches" in words(keeper.get(f"{HERE}/1?q=nobody"))
    keeper.post(f"{HERE}/1/requests/1/again")
    network.jobs.run_pending()
    assert [event["id"] for event in platform.events] == [platform.events[0]["id"]] * 2
    assert keeper.post(f"{HERE}/1/requests/1/skip").status_code == 409
    assert keeper.post(f"{HERE}/1/requests/99/again").status_code == 404


def test_it_is_paused_resumed_and_deleted(
    network: Desk, platform: Platform, keeper: Person, affiliate: MakeAffiliate, sent: Sent
) -> None:
    keeper.post(f"{HERE}/new", TYPED)
    assert "Paused by Mara" in words(keeper.post(f"{HERE}/1/pause", follow=True))
    sent(affiliate())
    assert told(network) == 0
    keeper.post(f"{HERE}/1/resume")
    assert told(network) == 1
    assert "Delete Platform?" in words(keeper.get(f"{HERE}/1/delete"))
    assert "told nothing any more" in words(keeper.post(f"{HERE}/1/delete", follow=True))
    assert log_of(network) == []


def test_who_may_not_see_outcomes_directs_none(network: Desk, person: MakePerson) -> None:
    half = person("manage_apis")
    for path in (HERE, f"{HERE}/new", f"{HERE}/guide"):
        assert half.get(path).status_code == 403
    assert person("view_delivery_log").get(HERE).status_code == 403


def test_page_and_document_name_every_event_and_field(network: Desk, keeper: Person) -> None:
    from tests.webhooks.test_webhooks import DOCUMENT

    page, document = keeper.get(f"{HERE}/guide").text, DOCUMENT.read_text("utf-8")
    for name in {*KINDS, *COMMON, *(more for kind in KINDS.values() for more in kind.more)}:
        assert f"<code>{name}</code>" in page
        assert f"`{name}`" in document
