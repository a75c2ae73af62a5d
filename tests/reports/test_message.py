"""The report of one message: what became of its mails, why, where, and who may be written to again."""

import csv
import io

import pytest
from sqlalchemy.orm import Session

from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage, MakeOutcome
from tests.personas import MakePerson
from webapp.broadcasts import starting
from webapp.broadcasts.models import Broadcast
from webapp.desk import Desk
from webapp.mail import consents, events, suppressions
from webapp.mail.clicks import Click
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.reports import keeping, parts
from webapp.reports.models import MailingReport
from webapp.setbacks.models import Setback

RESULTS = {
    "ok@a.example.com": ("sent", "250", "2.0.0 Ok"),
    "back@a.example.com": ("sent", "250", "2.0.0 Ok"),
    "gone@b.example.com": ("failed", "550", "5.1.1 No such user here"),
    "full@c.example.com": ("failed", "452", "4.2.2 Mailbox full"),
    "huh@d.example.com": ("unknown", "", ""),
}


@pytest.fixture
def finished(
    network: Desk, affiliate: MakeAffiliate, message: MakeMessage, outcome: MakeOutcome, owner: Person
) -> Broadcast:
    """Five tried, one of which came back, and one who had left before."""
    for address in (*RESULTS, "left@e.example.com"):
        affiliate(address.partition("@")[0].capitalize(), email=address)
    draft = message(user=owner.user, name="=Autumn()")
    with network.session() as session:
        suppressions.add(session, "left@e.example.com", scope="announcement", reason="unsubscribed")
        starting.start(session, network.config, owner.user, draft.id)
        broadcast = session.get_one(Broadcast, draft.id)
    outcome(broadcast, RESULTS)
    with network.session() as session:
        suppressions.add(session, "gone@b.example.com", reason="bounced")
        hear(session, mail_of(session, "back@a.example.com"))
    return broadcast


def mail_of(session, address: str) -> OutboxMail:  # type: ignore[no-untyped-def]
    return session.query(OutboxMail).filter_by(address=address).one()  # type: ignore[no-any-return]


def hear(session, mail: OutboxMail, key: str = "1") -> None:  # type: ignore[no-untyped-def]
    told = {"mail_id": mail.id, "kind": "bounced", "severity": "hard", "key": key, "verified": True}
    assert events.record(session, told)


def csv_of(person: Person, broadcast: Broadcast) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(person.get(f"/messages/{broadcast.id}/report.csv").text)))


def test_every_recipient_stands_in_the_report_with_state_and_reason(
    finished: Broadcast, owner: Person
) -> None:
    said = words(owner.get(f"/messages/{finished.id}/report"))
    assert "6 recipients" in said
    assert "by the next mail server, which is no proof of an inbox 2 33.3 %" in said
    assert "Suppressed not to be mailed, with a reason for each below 1" in said
    assert "The mailbox is full" in said
    assert "Left the announcements Suppressed – 1 Nothing: they chose so." in said
    assert "Came back for good Bounced – 1 It came back after it was accepted." in said
    assert "Show all 5 by name" in said


def test_its_csv_adds_up_and_holds_no_formula(finished: Broadcast, owner: Person) -> None:
    lines = csv_of(owner, finished)
    whole, domains = lines[0], [line for line in lines if line["section"] == "domain"]
    assert (whole["name"], whole["mails"]) == ("'=Autumn()", "6")
    for column in ("sent", "failed", "unknown", "suppressed", "hard"):
        assert sum(int(line[column] or 0) for line in domains) == int(whole[column])
    assert {line["name"]: line["mails"] for line in domains}["a.example.com"] == "2"


def test_the_list_of_those_not_reached_says_what_to_do_about_each(finished: Broadcast, owner: Person) -> None:
    page = owner.get(f"/messages/{finished.id}?state=unreached")
    table = page.text.partition('id="recipients"')[2]
    assert "ok@a.example.com" not in table
    for address in ("back@a", "gone@b", "full@c", "huh@d", "left@e"):
        assert address in table
    said = words(page)
    assert "Re-send in a few days." in said
    assert "Yours to decide: send it again, or leave it." in said
    assert "It came back after it was accepted." in said


def test_whoever_is_barred_is_not_sent_to_again(finished: Broadcast, owner: Person, network: Desk) -> None:
    said = words(owner.get(f"/messages/{finished.id}/resend/failed"))
    assert "Re-send to 1 of the 2 that failed?" in said
    assert "1 other stays out" in said
    owner.post(f"/messages/{finished.id}/resend/failed")
    second = owner.post(f"/messages/{finished.id}/resend/failed")
    assert second.status_code == 409
    with network.reading() as session:
        states = {mail.address: mail.state for mail in session.query(OutboxMail)}
    assert (states["full@c.example.com"], states["gone@b.example.com"]) == ("queued", "failed")
    assert len(states) == 6


def test_people_and_machines_and_opt_outs_are_told_apart(
    finished: Broadcast, owner: Person, network: Desk
) -> None:
    with network.session() as session:
        session.get_one(Broadcast, finished.id).counts_clicks = True
        mail = mail_of(session, "ok@a.example.com")
        for number, machine in enumerate(("", "", "head")):
            session.add(
                Click(
                    key=str(number), mail_id=mail.id, mailing_id=mail.mailing_id, link=0, machine=machine,
                    at=mail.created_at,
                )
            )  # fmt: skip
        told = {"way": consents.ONE_CLICK, "recipient_id": mail.recipient_id, "mail_id": mail.id}
        consents.record(session, mail.address, "announcement", given=False, **told)
    whole = csv_of(owner, finished)[0]
    assert [whole[name] for name in ("clicked", "clicks", "machines", "unsubscribed")] == ["1", "2", "1", "1"]
    said = words(owner.get(f"/messages/{finished.id}/report"))
    assert "1 click more by machines" in said


def test_the_report_outlives_its_mails(
    finished: Broadcast, owner: Person, network: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = csv_of(owner, finished)
    assert keeping.keep(network) == 1
    assert keeping.keep(network) == 0
    with network.session() as session:
        session.query(Attempt).delete()
        session.query(OutboxMail).delete()
        session.get_one(MailingReport, finished.mailing_id).heard += 1
    assert keeping.keep(network) == 1
    assert csv_of(owner, finished) == before


def test_one_that_can_not_be_counted_holds_up_no_other(
    finished: Broadcast, owner: Person, network: Desk, message: MakeMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, count = message(user=owner.user, name="Winter"), parts.count
    with network.session() as session:
        newest = starting.start(session, network.config, owner.user, draft.id).id

    def broken(session: Session, mailing: Mailing) -> parts.Parts:
        assert mailing.id != newest
        return count(session, mailing)

    monkeypatch.setattr(parts, "count", broken)
    keeping.keep(network)
    with network.reading() as session:
        assert [one.mailing_id for one in session.query(MailingReport)] == [finished.mailing_id]
        assert session.query(Setback).one().item == f"mailing #{newest}"


def test_a_large_message_is_read_from_what_the_job_has_counted(
    finished: Broadcast, owner: Person, network: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LIVE", 0)
    assert "are being counted" in words(owner.get(f"/messages/{finished.id}/report"))
    keeping.keep(network)
    monkeypatch.setattr(parts, "count", None)
    assert "b.example.com" in words(owner.get(f"/messages/{finished.id}/report"))


def test_domains_beyond_many_stand_together(
    finished: Broadcast, network: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MOST_DOMAINS", 2)
    with network.reading() as session:
        found = parts.count(session, session.get_one(Mailing, finished.mailing_id))
    assert [one.name for one in found.domains][::2] == ["a.example.com", ""]
    assert sum(one.mails for one in found.domains) == found.rows == 6


def test_domains_are_searched_and_sorted(finished: Broadcast, owner: Person) -> None:
    def names(query: str) -> list[str]:
        part = owner.get(f"/messages/{finished.id}/report?{query}").text.partition('id="domains"')[2]
        return [name for name in ("a.example", "b.example", "c.example") if name in part]

    assert names("q=B.EX") == ["b.example"]
    assert names("q=nowhere") == []
    page = owner.get(f"/messages/{finished.id}/report?sort=-failed").text.partition('id="domains"')[2]
    assert page.index("c.example.com") < page.index("a.example.com")


def test_a_message_stands_beside_those_before_it(
    finished: Broadcast, owner: Person, network: Desk, message: MakeMessage
) -> None:
    keeping.keep(network)
    draft = message(user=owner.user, name="Winter")
    with network.session() as session:
        starting.start(session, network.config, owner.user, draft.id)
    said = words(owner.get(f"/messages/{draft.id}/report")).partition("Beside the messages")[2]
    assert "Winter this one" in said
    assert "=Autumn()" in said
    assert "6 40.0 % 50.0 %" in said


def test_the_report_of_somebody_else_does_not_exist(
    finished: Broadcast, writer: Person, colleague: Person, stranger: Person, person: MakePerson
) -> None:
    for path in ("report", "report.csv"):
        assert writer.get(f"/messages/{finished.id}/{path}").status_code == 404
        assert colleague.get(f"/messages/{finished.id}/{path}").status_code == 403
        assert stranger.get(f"/messages/{finished.id}/{path}").status_code == 302
    reader = person("view_delivery_log").get(f"/messages/{finished.id}/report")
    assert reader.status_code == 200
    assert "again…" not in reader.text


def test_a_draft_has_no_report(owner: Person, message: MakeMessage) -> None:
    draft = message(user=owner.user)
    assert owner.get(f"/messages/{draft.id}/report").status_code == 404
