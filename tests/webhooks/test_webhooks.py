"""What a program of the network hears, in which order, how often, and how it knows that it is genuine."""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.announcing.conftest import Mails
from tests.network import MakeAffiliate
from tests.webhooks.conftest import HOST, URL, Platform, Sent, hook_of, later, log_of, told
from transports.testing.servers import Cut, Hang, WebAnswer
from webapp.accounts.models import User
from webapp.affiliates import erasing
from webapp.affiliates.models import Affiliate
from webapp.cli import main
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import consents
from webapp.mail.clicks import Click
from webapp.mail.events import MailEvent
from webapp.mail.models import Attempt
from webapp.setbacks.models import Setback
from webapp.webhooks import gathering, hooks, sending
from webapp.webhooks.kinds import KINDS
from webapp.webhooks.models import Webhook, WebhookDelivery

DOCUMENT = Path(__file__).parents[2] / "docs" / "webhooks.md"


def receiver() -> Callable[..., list[dict[str, Any]]]:
    """The example of the documentation, as it stands there."""
    example = re.search(r"```python\n(.+?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert example is not None
    known: dict[str, Any] = {}
    exec(example[1], known)
    found: Callable[..., list[dict[str, Any]]] = known["events_of"]
    return found


def test_the_platform_hears_what_became_of_each_mail(
    network: Desk, platform: Platform, secret: str, affiliate: MakeAffiliate, sent: Sent
) -> None:
    one = affiliate("Brightpath")
    taken, refused = sent(one), sent(one, "rejected", code="550 5.1.1")
    with network.session() as session:
        about = {"mail_id": taken.id, "verified": True}
        session.add(MailEvent(key="b", kind="bounced", severity="hard", status="5.1.1", **about))
        session.add(MailEvent(key="c", kind="complained", **about))
        session.add(MailEvent(key="r", kind="replied", **about))
        click = {"mail_id": taken.id, "link": 2, "at": utcnow()}
        session.add_all([Click(key="1", machine="", **click), Click(key="2", machine="burst", **click)])
        who = {"recipient_id": one.id, "way": consents.ONE_CLICK}
        consents.record(session, one.email, "announcement", given=False, mail_id=taken.id, **who)
        consents.record(session, one.email, "announcement", given=True, mail_id=None, **who)
    assert told(network) == 4
    heard = {event["type"]: event for event in platform.events}
    assert [event["type"] for event in platform.events] == [
        "accepted", "failed", "bounced", "complained", "replied", "opted_out", "clicked",
    ]  # fmt: skip
    assert heard["failed"] | {"id": "", "at": ""} == {
        "id": "", "type": "failed", "at": "", "mail": refused.id, "message": None, "offer": "3071",
        "affiliate_id": one.affiliate_id, "email": one.email, "code": "550 5.1.1",
    }  # fmt: skip
    assert heard["bounced"]["severity"] == "hard"
    assert (heard["opted_out"]["topic"], heard["clicked"]["link"]) == ("announcement", 2)


def test_it_hears_only_what_was_chosen_and_nothing_of_the_time_before(
    network: Desk, platform: Platform, mara: User, affiliate: MakeAffiliate, sent: Sent
) -> None:
    sent(affiliate(), "rejected")
    with network.session() as session:
        hooks.add(session, network.vault, mara, hooks.Wish("One", URL, ("failed",)))
    sent(affiliate())
    last = sent(affiliate(), "rejected")
    told(network)
    assert [(event["type"], event["mail"]) for event in platform.events] == [("failed", last.id)]


def test_it_hears_what_comes_after_everything_was_cleared_away(
    network: Desk, platform: Platform, secret: str, affiliate: MakeAffiliate, sent: Sent
) -> None:
    sent(affiliate())
    told(network)
    with network.session() as session:
        session.query(Attempt).delete()
    sent(affiliate())
    assert told(network) == 1
    assert len({event["id"] for event in platform.events}) == 2


def test_a_forged_bounce_and_a_mail_to_the_team_are_not_told(
    network: Desk, platform: Platform, secret: str, affiliate: MakeAffiliate, sent: Sent
) -> None:
    mail = sent(affiliate(), "deferred")
    sent(affiliate(), recipient_id=0)
    with network.session() as session:
        session.add(MailEvent(key="b", kind="bounced", severity="hard", mail_id=mail.id, verified=False))
    assert told(network) == 0
    assert platform.requests == []


def test_a_mail_that_was_given_up_failed(
    network: Desk, platform: Platform, secret: str, affiliate: MakeAffiliate, sent: Sent
) -> None:
    sent(affiliate(), "deferred", state="failed")
    told(network)
    assert [event["type"] for event in platform.events] == ["failed"]


def test_the_example_of_the_documentation_takes_what_is_genuine_and_nothing_else(
    network: Desk,
    platform: Platform,
    secret: str,
    affiliate: MakeAffiliate,
    sent: Sent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent(affiliate("Göteborg & Söner"))
    told(network)
    [request], events_of = platform.requests, receiver()
    assert events_of(request.headers, request.body, secret)[0]["type"] == "accepted"
    assert request.headers["content-type"] == "application/json"
    other = {**request.headers, "webhook-id": "msg_1_2"}
    for headers, body, key in (
        (request.headers, request.body + b" ", secret),
        (other, request.body, secret),
        (request.headers, request.body, sending.new_secret()),
    ):
        with pytest.raises(ValueError, match="not signed"):
            events_of(headers, body, key)
    monkeypatch.setattr(time, "time", lambda now=time.time(): now + 301)
    with pytest.raises(ValueError, match="too old"):
        events_of(request.headers, request.body, secret)


@pytest.mark.parametrize(
    "trouble", [WebAnswer(500), WebAnswer(302, headers={"Location": "https://evil.example/"}), Cut(), Hang(2)]
)
def test_what_was_not_taken_comes_again_in_order_and_later_each_time(
    network: Desk,
    platform: Platform,
    secret: str,
    affiliate: MakeAffiliate,
    sent: Sent,
    trouble: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(gathering, "AT_ONCE", 1)
    first, then = sent(affiliate()), sent(affiliate())
    platform.next = [trouble, trouble]
    assert told(network) == 0
    assert told(network) == 0  # its pause is not over: nobody is asked
    assert len(platform.requests) == 1
    pauses = []
    for _ in range(2):
        hook = hook_of(network)
        pauses.append(round((hook.next_at - utcnow()).total_seconds(), -1))
        later(network)
        told(network)
    assert pauses == [60, 120]
    ids = [request.headers["webhook-id"] for request in platform.requests]
    assert ids[0] == ids[1] == ids[2]
    assert [event["mail"] for event in platform.events] == [first.id] * 3 + [then.id]
    assert hook_of(network).failures == 0


def test_after_many_failures_it_pauses_tells_the_team_and_loses_nothing(
    network: Desk,
    platform: Platform,
    secret: str,
    affiliate: MakeAffiliate,
    sent: Sent,
    mails: Mails,
    mara: User,
) -> None:
    platform.answer = lambda _: WebAnswer(503)
    before = sent(affiliate())
    for _ in range(sending.GIVES_UP_AT + 2):
        told(network)
        later(network)
    assert len(platform.requests) == sending.GIVES_UP_AT
    assert "503" in hook_of(network).paused_because
    assert [mail.address for mail in mails("staff_webhook_paused")] == [mara.email]
    meanwhile = sent(affiliate())
    platform.answer, platform.requests = (lambda _: WebAnswer(200)), []
    with network.session() as session:
        hooks.resume(session, mara, session.scalars(select(Webhook)).one())
    told(network)
    assert [event["mail"] for event in platform.events] == [before.id, meanwhile.id]


def test_a_request_that_is_skipped_lets_the_next_one_go(
    network: Desk,
    platform: Platform,
    secret: str,
    affiliate: MakeAffiliate,
    sent: Sent,
    mara: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "AT_ONCE", 1)
    sent(affiliate())
    then = sent(affiliate())
    platform.next = [WebAnswer(400)]
    told(network)
    with network.session() as session:
        hooks.skip(session, mara, session.get_one(WebhookDelivery, log_of(network)[0].id))
    assert told(network) == 1
    assert platform.events[-1]["mail"] == then.id


def test_many_events_go_in_few_requests_and_no_more_than_some_wait(
    network: Desk,
    platform: Platform,
    secret: str,
    affiliate: MakeAffiliate,
    sent: Sent,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "AT_ONCE", 3)
    monkeypatch.setattr(gathering, "GROUP", 6)
    monkeypatch.setattr(gathering, "MOST_WAITING", 2)
    one = affiliate()
    ids = [sent(one).id for _ in range(14)]
    platform.next = [WebAnswer(500)]
    told(network)
    assert len(log_of(network)) == 2
    for _ in range(4):
        later(network)
        told(network)
    assert [event["mail"] for event in platform.events[3:]] == ids


def test_two_workers_do_not_tell_the_same_webhook_at_the_same_time(
    network: Desk, platform: Platform, secret: str, affiliate: MakeAffiliate, sent: Sent
) -> None:
    sent(affiliate())
    assert sending._take(network, hook_of(network).id)
    assert told(network) == 0
    sending._give_back(network, hook_of(network).id)
    assert told(network) == 1


def test_whoever_had_no_time_in_a_run_is_told_first_in_the_next(
    network: Desk, platform: Platform, secret: str, mara: User
) -> None:
    with network.session() as session:
        one = session.scalars(select(Webhook)).one()
        other = hooks.add(session, network.vault, mara, hooks.Wish("Other", URL, ("accepted",)))[0]
        for hook in (one, one, other):
            hooks.try_out(session, hook)
    sending._take(network, one.id)
    sending._give_back(network, one.id)  # a run that had time for the first alone
    assert told(network) == 3
    assert platform.requests[0].headers["webhook-id"].startswith(f"msg_{other.id}_")


def test_a_new_address_is_tried_at_once(
    network: Desk, platform: Platform, secret: str, mara: User, affiliate: MakeAffiliate, sent: Sent
) -> None:
    sent(affiliate())
    platform.next = [WebAnswer(404)]
    told(network)
    with network.session() as session:
        wish = hooks.Wish("Platform", f"https://{HOST}/elsewhere", tuple(KINDS))
        hooks.change(session, network.vault, mara, session.scalars(select(Webhook)).one(), wish)
    assert told(network) == 1


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://10.0.0.8:443/x"],
)
def test_an_address_inside_is_never_asked(
    network: Desk, platform: Platform, mara: User, affiliate: MakeAffiliate, sent: Sent, url: str
) -> None:
    with network.session() as session:
        hooks.add(session, network.vault, mara, hooks.Wish("Inside", url, ("accepted",)))
    sent(affiliate())
    assert told(network) == 0
    assert "can't be used from here" in log_of(network)[0].words


def test_an_erased_person_is_in_no_request_any_more(
    network: Desk, platform: Platform, secret: str, affiliate: MakeAffiliate, sent: Sent
) -> None:
    gone, stays = affiliate(email="Gone@Partner.example"), affiliate()
    sent(gone)
    sent(stays)
    platform.next = [WebAnswer(500)]
    told(network)
    with network.session() as session:
        erasing.erase(session, "test", session.get_one(Affiliate, gone.id))
    assert "partner.example" not in log_of(network)[0].body.lower()
    later(network)
    told(network)
    assert [event["email"] for event in platform.events[2:]] == [stays.email]


def test_what_was_told_is_forgotten_after_a_week_and_what_waits_is_not(
    network: Desk, platform: Platform, secret: str, affiliate: MakeAffiliate, sent: Sent
) -> None:
    sent(affiliate())
    told(network)
    platform.next = [WebAnswer(500)]
    sent(affiliate())
    told(network)
    with network.session() as session:
        for one in session.scalars(select(WebhookDelivery)):
            one.created_at = utcnow() - timedelta(days=8)
    sending.tidy(network)
    assert [one.state for one in log_of(network)] == ["waiting"]


def test_the_secret_lies_sealed_and_survives_a_new_key(
    environ: dict[str, str], network: Desk, platform: Platform, secret: str
) -> None:
    before = hook_of(network)
    assert secret not in before.sealed
    assert CliRunner().invoke(main, ["key", "rotate"], env=environ).exit_code == 0
    after = hook_of(network)
    assert after.sealed != before.sealed
    assert sending.secret_of(network.vault, after) == secret


def test_a_fault_with_one_webhook_keeps_no_other_from_being_told(
    network: Desk, platform: Platform, secret: str, mara: User, affiliate: MakeAffiliate, sent: Sent
) -> None:
    with network.session() as session:
        session.scalars(select(Webhook)).one().sealed = "what no key opens"
        hooks.add(session, network.vault, mara, hooks.Wish("Other", URL, ("accepted",)))
    sent(affiliate())
    assert told(network) == 1
    with network.reading() as session:
        assert [one.item for one in session.scalars(select(Setback))] == ["webhook #1"]
