"""A click on its way: from the mail to the page it leads to, into the spool, into the figures."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.test import TestResponse

from tests.broadcasts.sending import folder, sender, until
from tests.broadcasts.test_journey import over
from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage
from webapp.broadcasts import starting
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.clicks import Click, click_url
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.erasing import erase_recipient
from webapp.mail.states import State
from webapp.settings import store
from webapp.tracking import intake
from webapp.tracking.intake import Intake
from webapp.tracking.spool import Spool

HTML = """<p>Hi [=Affiliate.FirstName|there=], <a href="https://shop.example/new">look</a>,
<a href="https://shop.example/you?a=[=Affiliate.ID=]">yours</a>, <a href="https://shop.example/old">old</a></p>"""
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) Mobile/15E148"}


@pytest.fixture
def started(network: Desk, affiliate: MakeAffiliate, message: MakeMessage) -> Broadcast:
    """Sent to one affiliate an hour ago; its clicks are counted."""
    affiliate("Adtrail", email="a@a.example.com")
    draft = message(html=HTML, counts_clicks=True)
    with network.session() as session:
        starting.start(session, network.config, None, draft.id)
        mail = session.query(OutboxMail).one()
        mail.state, mail.changed_at = State.SENT, utcnow() - timedelta(hours=1)
    return draft


def link_of(desk: Desk, number: object = 0) -> str:
    """The path of a link of the only mail."""
    with desk.reading() as session:
        return f"{click_url(desk.vault, '', session.query(OutboxMail).one().id)}/{number}"


def click(person: Person, path: str, **headers: str) -> TestResponse:
    return person.client.get(path, headers={**PHONE, **headers})


def clicks(desk: Desk) -> list[tuple[int, str]]:
    Intake(desk).run()
    with desk.reading() as session:
        return [(one.link, one.machine) for one in session.query(Click).order_by(Click.id)]


def test_a_click_leads_on_and_counts_once(network: Desk, stranger: Person, started: Broadcast) -> None:
    answer = click(stranger, link_of(network))
    assert (answer.status_code, answer.location) == (302, "https://shop.example/new")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert clicks(network) == clicks(network) == [(0, "")]


def test_a_link_with_a_token_leads_to_the_affiliates_own_page(
    network: Desk, stranger: Person, started: Broadcast
) -> None:
    assert click(stranger, link_of(network, 1)).location == "https://shop.example/you?a=10001"


@pytest.mark.parametrize("number", ["3", "-1", "0x0", "99999", "٣", "0?url=https://evil.example"])
def test_what_is_no_link_of_the_message_leads_nowhere_else(
    network: Desk, stranger: Person, started: Broadcast, number: str
) -> None:
    answer = click(stranger, link_of(network, number))
    assert answer.location in (None, "https://shop.example/new")
    assert "evil" not in (answer.location or "")


def test_no_letter_of_the_signature_may_be_another(
    network: Desk, stranger: Person, started: Broadcast
) -> None:
    path, _, number = link_of(network).rpartition("/")
    for place in range(len("/c/"), len(path)):
        forged = path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]
        assert click(stranger, f"{forged}/{number}").status_code == 404
    assert clicks(network) == []


def test_a_link_to_leave_the_news_is_no_click(network: Desk, stranger: Person, started: Broadcast) -> None:
    with network.reading() as session:
        mail_id = session.query(OutboxMail).one().id
    signature = network.vault.sign("unsubscribe", str(mail_id))
    assert click(stranger, f"/c/{mail_id}.{signature}/0").status_code == 404


def test_a_scanner_that_opens_every_link_is_no_person(
    network: Desk, stranger: Person, started: Broadcast
) -> None:
    for number in range(3):
        click(stranger, link_of(network, number))
    assert {machine for _, machine in clicks(network)} == {"all_links"}


def test_a_scanner_that_comes_in_two_batches_is_found_all_the_same(
    network: Desk, stranger: Person, started: Broadcast
) -> None:
    for number in range(3):
        click(stranger, link_of(network, number))
        found = clicks(network)
    assert {machine for _, machine in found} == {"all_links"}


def test_asking_for_the_headers_is_no_persons_click(
    network: Desk, stranger: Person, started: Broadcast
) -> None:
    assert stranger.client.head(link_of(network), headers=PHONE).status_code == 302
    assert clicks(network) == [(0, "head")]


def test_a_killed_process_loses_no_click_and_a_second_reading_counts_none_twice(
    network: Desk, started: Broadcast
) -> None:
    with network.reading() as session:
        mail_id = session.query(OutboxMail).one().id
    spool = Spool(network.config.spool)
    for second in range(3):
        spool.write(mail_id, 0, "", datetime.now(UTC) + timedelta(minutes=second))
    first = clicks(network)
    spool.write(mail_id, 1, "", datetime.now(UTC) + timedelta(minutes=5))
    (path,) = network.config.spool.glob("clicks-*.lines")
    with path.open("ab") as file:
        file.write(b"1790000000.1 12")  # the power went in the middle of a line
    spool.close()
    assert (len(first), len(clicks(network)), len(clicks(network))) == (3, 4, 4)
    assert not list(network.config.spool.glob("clicks-*.lines"))


def test_damaged_lines_cost_no_other_click(network: Desk, started: Broadcast) -> None:
    with network.reading() as session:
        mail_id = session.query(OutboxMail).one().id
    lines = [
        "",
        "x",
        "1e400 1 0 -",
        f"1790000000.0 {mail_id} 0 -",
        "1790000000.0 999999 0 -",
        "\x00 \xff 1 1",
    ]
    (network.config.spool / "clicks-0.lines").write_text("\n".join(lines) + "\n", encoding="latin-1")
    assert [link for link, _ in clicks(network)] == [0]


def test_an_unknown_mail_that_is_clicked_has_arrived(
    network: Desk, stranger: Person, started: Broadcast
) -> None:
    with network.session() as session:
        mail, mailing = session.query(OutboxMail).one(), session.query(Mailing).one()
        mail.state, mailing.unknown, mailing.queued = State.UNKNOWN, 1, 0
    click(stranger, link_of(network))
    clicks(network)
    with network.reading() as session:
        assert session.query(OutboxMail).one().state == State.SENT
        assert (session.query(Mailing).one().sent, session.query(Mailing).one().unknown) == (1, 0)


def test_the_pages_tell_people_from_machines(
    network: Desk, owner: Person, stranger: Person, started: Broadcast
) -> None:
    click(stranger, link_of(network))
    click(stranger, link_of(network, 1), **{"Sec-Purpose": "prefetch"})
    clicks(network)
    assert "1 person has clicked · 1 click by machines" in words(owner.get(f"/messages/{started.id}"))
    page = words(owner.get(f"/messages/{started.id}/clicks"))
    assert "https://shop.example/new 1 1 0" in page
    assert "https://shop.example/you?a=[=Affiliate.ID=] 0 0 1" in page
    lines = owner.get(f"/messages/{started.id}/clicks.csv").text.splitlines()
    assert lines[:2] == ["link,people,clicks,clicks_of_machines", "https://shop.example/new,1,1,0"]


def test_the_clicks_of_a_person_go_with_him(network: Desk, stranger: Person, started: Broadcast) -> None:
    click(stranger, link_of(network))
    assert clicks(network)
    with network.session() as session:
        erase_recipient(session, session.query(OutboxMail).one().recipient_id or 0)
    assert clicks(network) == []


def test_a_message_that_does_not_count_has_no_such_page(
    network: Desk, owner: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate()
    draft = message(html=HTML)
    with network.session() as session:
        mailing = starting.start(session, network.config, None, draft.id)
        assert not mailing.content.draft["links"]
    assert owner.get(f"/messages/{draft.id}/clicks").status_code == 404


def test_the_mail_that_arrives_holds_the_links_that_lead_on(
    network: Desk, stranger: Person, affiliate: MakeAffiliate, message: MakeMessage
) -> None:
    affiliate("Adtrail", email="a@a.example.com")
    with network.session() as session:
        store.put(session, {"tracking_url": "https://go.northlight.example.com"})
    draft = message(html=HTML, counts_clicks=True)
    with network.session() as session:
        starting.start(session, network.config, None, draft.id)
    with sender(network):
        until(lambda: over(network))
    html, text = (folder(network)[0].get_body((kind,)) for kind in ("html", "plain"))
    found = re.findall(r'href="https://go\.northlight\.example\.com(/c/[^"]+)"', html.get_content())
    places = [click(stranger, path).location for path in found]
    assert places == [
        "https://shop.example/new",
        "https://shop.example/you?a=10001",
        "https://shop.example/old",
    ]
    assert "https://shop.example/you?a=10001" in text.get_content()


def test_whoever_floods_a_link_fills_no_table(
    network: Desk, stranger: Person, started: Broadcast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST", 3)
    for _ in range(5):
        click(stranger, link_of(network))
    assert len(clicks(network)) == 3
    assert click(stranger, link_of(network)).status_code == 302
    assert len(clicks(network)) == 3
