"""What became of each mail: numbers, reasons, evidence, export, and what a person may do about it."""

import csv
import io

import pytest

from tests.browser import Person, words
from tests.network import MakeAffiliate, MakeMessage, MakeOutcome
from webapp.affiliates import finding
from webapp.affiliates.models import Affiliate
from webapp.broadcasts import outcomes, reasons, starting
from webapp.broadcasts.models import Broadcast
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import events
from webapp.mail.models import Attempt, Mailing, OutboxMail

GONE = "550 5.1.1 No such user here"
RESULTS = {
    "ok@a.example.com": ("sent", "250", "2.0.0 Ok: queued as 4Zt2Mn"),
    "gone@b.example.com": ("failed", "550", "5.1.1 No such user here"),
    "full@c.example.com": ("failed", "452", "4.2.2 Mailbox full"),
    "huh@d.example.com": ("unknown", "", ""),
}


@pytest.fixture
def running(network: Desk, affiliate: MakeAffiliate, message: MakeMessage, owner: Person) -> Broadcast:
    """A message to four affiliates that has just been started by the owner."""
    for address in RESULTS:
        affiliate(address.partition("@")[0].capitalize(), email=address)
    draft = message(user=owner.user)
    with network.session() as session:
        starting.start(session, network.config, owner.user, draft.id)
        return session.get_one(Broadcast, draft.id)


@pytest.fixture
def finished(running: Broadcast, outcome: MakeOutcome) -> Broadcast:
    return outcome(running, RESULTS)


def test_progress_is_said_in_numbers_while_it_runs(
    running: Broadcast, outcome: MakeOutcome, owner: Person
) -> None:
    outcome(running, {"ok@a.example.com": RESULTS["ok@a.example.com"]})
    said = words(owner.get(f"/messages/{running.id}"))
    assert "1 of 4 have a final outcome" in said
    assert "Pause" in said
    assert "Finished" not in said


def test_the_moving_part_is_asked_for_until_it_ends(
    running: Broadcast, outcome: MakeOutcome, owner: Person
) -> None:
    part = owner.get(f"/messages/{running.id}/progress", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert 'hx-trigger="every 3s"' in part.text
    outcome(running, RESULTS)
    part = owner.get(f"/messages/{running.id}/progress", headers={"HX-Request": "true"})
    assert part.status_code == 286
    assert "hx-get" not in part.text
    assert "Finished with failures" in part.text


def test_the_address_of_the_moving_part_answers_with_a_whole_page(running: Broadcast, owner: Person) -> None:
    assert "Recipients" in words(owner.get(f"/messages/{running.id}/progress", follow=True))


def test_the_outcome_begins_with_the_answer(finished: Broadcast, owner: Person) -> None:
    said = words(owner.get(f"/messages/{finished.id}"))
    assert "Finished with failures" in said
    assert "Every one of the 4 recipients has an outcome. 1 was accepted by the next mail server" in said
    assert "1 mail may or may not have gone" in said


def test_failures_are_grouped_by_reason_with_the_servers_words(finished: Broadcast, owner: Person) -> None:
    said = words(owner.get(f"/messages/{finished.id}"))
    assert "Why 2 failed" in said
    assert "The address doesn’t exist 5.1.1 No such user here b.example.com 1 Ask their manager" in said
    assert "The mailbox is full" in said


@pytest.mark.parametrize(
    ("code", "reply", "title"),
    [
        (
            "550",
            "5.7.515 Access denied, sending domain does not meet the required level",
            "Your domain is not authenticated",
        ),
        ("550", "5.1.1 <x@example.com>: Recipient address rejected", "The address doesn’t exist"),
        ("554", "5.7.1 Message blocked due to content", "Blocked by their policy"),
        ("552", "5.3.4 Message size exceeds fixed limit", "The mail is too large"),
        ("", "Connection timed out", "Nobody answered in time"),
        ("571", "Nope", "Refused"),
    ],
)
def test_a_reply_is_recognised(code: str, reply: str, title: str) -> None:
    assert reasons.classify(code, reply).title == title


def test_failures_at_several_domains_are_one_reason() -> None:
    (one,) = reasons.group([(f"x@{n}.example.com", "550", f"5.1.1 no user x{n}") for n in range(3)])
    assert (one.count, one.where) == (3, "3 domains")


def test_the_table_opens_with_the_failures(finished: Broadcast, owner: Person) -> None:
    page = owner.get(f"/messages/{finished.id}").text
    table = page.partition('id="recipients"')[2]
    assert "gone@b.example.com" in table
    assert "ok@a.example.com" not in table


def test_the_table_filters_by_state_and_searches(finished: Broadcast, owner: Person) -> None:
    def rows(query: str) -> str:
        return owner.get(f"/messages/{finished.id}?{query}").text.partition('id="recipients"')[2]

    assert "huh@d.example.com" in rows("state=unknown")
    assert "gone@b.example.com" not in rows("state=unknown")
    assert "full@c.example.com" in rows("state=&q=mailbox")
    assert "ok@a.example.com" not in rows("state=&q=mailbox")
    assert "No recipient matches" in rows("state=&q=nobody")


def test_the_table_of_a_large_message_finds_by_beginning_and_exact_address(
    finished: Broadcast, owner: Person, network: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FEW", 0)
    with network.session() as session:
        moved = session.query(Affiliate).filter_by(address="huh@d.example.com").one()
        moved.email = moved.address = "new@d.example.com"

    def rows(search: str) -> str:
        return owner.get(f"/messages/{finished.id}?state=&q={search}").text.partition('id="recipients"')[2]

    assert "full@c.example.com" in rows("FUL")
    assert "ok@a.example.com" not in rows("FUL")
    assert "huh@d.example.com" in rows("new@")
    assert "huh@d.example.com" in rows("huh@d.example.com")
    assert "No recipient matches" in rows("mailbox")
    assert 'placeholder="Beginning of a name or address"' in rows("")


def test_each_mail_has_its_evidence(finished: Broadcast, owner: Person, network: Desk) -> None:
    with network.session() as session:
        mail = session.query(OutboxMail).filter_by(address="gone@b.example.com").one()
        session.add(
            Attempt(
                mail_id=mail.id, lease=1, number=1, status="rejected", stage="rcpt", code="550",
                detail="5.1.1 No such user here <script>", peer="mx.b.example.com", took_ms=31,
            )
        )  # fmt: skip
    page = owner.get(f"/messages/{finished.id}/mails/{mail.id}")
    said = words(page)
    assert "1 try" in said
    assert "at the step rcpt" in said
    assert "mx.b.example.com" in said
    assert "<script>" not in page.text.partition("</head>")[2].replace("<script src", "")


def test_what_came_back_stands_beside_the_tries_and_says_whether_it_counts(
    finished: Broadcast, owner: Person, network: Desk
) -> None:
    with network.session() as session:
        mail = session.query(OutboxMail).filter_by(address="gone@b.example.com").one()
        told = {"mail_id": mail.id, "kind": "bounced", "severity": "hard", "status": "5.1.1"}
        events.record(
            session, told | {"key": "1", "words": "Nobody <script>alert(1)</script>", "verified": True}
        )
        events.record(session, told | {"key": "2", "severity": "soft", "words": "Full"})
    page = owner.get(f"/messages/{finished.id}/mails/{mail.id}")
    assert "hard: the address is no good Nobody <script>alert(1)</script> 5.1.1 Yes" in words(page)
    assert "Full 5.1.1 No: it could have been written by anybody" in words(page)
    assert "<script>alert" not in page.text


def test_a_mail_of_another_message_is_not_shown(
    finished: Broadcast, owner: Person, message: MakeMessage, network: Desk
) -> None:
    other = message()
    with network.session() as session:
        starting.start(session, network.config, None, other.id)
        foreign = session.query(OutboxMail).order_by(OutboxMail.id.desc()).first()
        assert foreign is not None
    assert owner.get(f"/messages/{finished.id}/mails/{foreign.id}").status_code == 404


def test_the_export_has_every_recipient(finished: Broadcast, owner: Person) -> None:
    answer = owner.get(f"/messages/{finished.id}/outcome.csv")
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert list(found[0]) == [
        "affiliate_id",
        "email",
        "state",
        "attempts",
        "code",
        "detail",
        "message_id",
        "at",
        "afterwards",
    ]
    assert {row["email"]: row["state"] for row in found} == {
        mail: result[0] for mail, result in RESULTS.items()
    }
    assert found[0]["affiliate_id"] == "10001"
    assert found[0]["message_id"].endswith("@mail.northlight.example.com>")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_export_holds_no_formula(running: Broadcast, outcome: MakeOutcome, owner: Person) -> None:
    outcome(running, {"gone@b.example.com": ("failed", "550", "=HYPERLINK(1)")})
    assert "'=HYPERLINK(1)" in owner.get(f"/messages/{running.id}/outcome.csv").text


def test_pause_and_resume_stop_and_go_on(running: Broadcast, owner: Person, network: Desk) -> None:
    owner.post(f"/messages/{running.id}/pause")
    said = words(owner.get(f"/messages/{running.id}"))
    assert "Paused" in said
    assert "nothing leaves" in said
    owner.post(f"/messages/{running.id}/resume")
    with network.reading() as session:
        assert session.get_one(Mailing, running.mailing_id).state == "running"


def test_cancelling_is_asked_for_and_stops_the_rest(
    running: Broadcast, outcome: MakeOutcome, owner: Person, network: Desk
) -> None:
    outcome(running, {"ok@a.example.com": RESULTS["ok@a.example.com"]})
    assert "3 mails have not left" in words(owner.get(f"/messages/{running.id}/cancel"))
    with network.reading() as session:
        assert session.get_one(Mailing, running.mailing_id).state == "running"
    said = words(owner.post(f"/messages/{running.id}/cancel", follow=True))
    assert "3 of 4 mails were stopped before they left" in said


def test_only_the_failed_are_sent_again(finished: Broadcast, owner: Person, network: Desk) -> None:
    assert "Re-send to the 2 that failed?" in words(owner.get(f"/messages/{finished.id}/resend/failed"))
    owner.post(f"/messages/{finished.id}/resend/failed")
    with network.reading() as session:
        states = {mail.address: mail.state for mail in session.query(OutboxMail)}
        assert session.get_one(Mailing, finished.mailing_id).state == "running"
    assert states == {
        "ok@a.example.com": "sent",
        "gone@b.example.com": "queued",
        "full@c.example.com": "queued",
        "huh@d.example.com": "unknown",
    }


def test_sending_the_unknown_again_warns_of_doubles(finished: Broadcast, owner: Person) -> None:
    assert "gets it twice" in words(owner.get(f"/messages/{finished.id}/resend/unknown"))


def test_a_failure_says_so_in_the_title(finished: Broadcast, owner: Person) -> None:
    assert "<title>2 failed · Solara pays more" in owner.get(f"/messages/{finished.id}").text


def test_the_delivery_log_is_read_but_not_steered(finished: Broadcast, person, owner: Person) -> None:  # type: ignore[no-untyped-def]
    reader = person("view_delivery_log")
    page = reader.get(f"/messages/{finished.id}")
    assert "Outcome as CSV" in words(page)
    assert "Re-send failed only" not in words(page)
    assert reader.post(f"/messages/{finished.id}/pause").status_code == 403


def test_somebody_elses_outcome_does_not_exist(finished: Broadcast, writer: Person) -> None:
    for path in ("", "/progress", "/outcome.csv", "/mails/1", "/cancel", "/resend/failed"):
        assert writer.get(f"/messages/{finished.id}{path}").status_code == 404
    for path in ("/pause", "/resume", "/cancel", "/resend/failed"):
        assert writer.post(f"/messages/{finished.id}{path}").status_code == 404


def test_a_colleague_without_a_right_sees_no_messages(finished: Broadcast, colleague: Person) -> None:
    assert colleague.get("/messages").status_code == 403
    assert colleague.get(f"/messages/{finished.id}").status_code == 403


def test_the_pace_counts_this_messages_attempts_by_minute(finished: Broadcast, network: Desk) -> None:
    with network.session() as session:
        mail = session.query(OutboxMail).first()
        assert mail is not None
        for status in ("accepted", "accepted", "deferred"):
            session.add(Attempt(mail_id=mail.id, lease=1, number=1, status=status, at=utcnow()))
        session.flush()
        minutes = outcomes.pace(session, finished.mailing_id or 0)
    assert sum(one.accepted for one in minutes) == 2
    assert sum(one.other for one in minutes) == 1


def test_a_started_message_can_be_copied_into_a_draft(
    finished: Broadcast, owner: Person, network: Desk
) -> None:
    owner.post(f"/messages/{finished.id}/copy")
    with network.reading() as session:
        twin = session.query(Broadcast).order_by(Broadcast.id.desc()).first()
        assert twin is not None
        assert (twin.mailing_id, twin.subject) == (None, "Solara pays more")


def test_what_bounced_afterwards_is_counted_found_and_exported(
    network: Desk, owner: Person, running: Broadcast, outcome: MakeOutcome
) -> None:
    outcome(running, dict.fromkeys(RESULTS, ("sent", "250", "250 Ok")))
    told = (("gone", "bounced", True), ("gone", "bounced", True), ("full", "complained", True))
    with network.session() as session:
        ids = {mail.address.partition("@")[0]: mail.id for mail in session.query(OutboxMail)}
        for number, (name, kind, verified) in enumerate((*told, ("ok", "bounced", False))):
            event = {"key": str(number), "mail_id": ids[name], "kind": kind, "verified": verified}
            session.add(events.MailEvent(**event, severity="hard"))
    page = words(owner.get(f"/messages/{running.id}"))
    assert "Bounced afterwards 1" in page
    assert "Complained 1" in page
    bounced = words(owner.get(f"/messages/{running.id}?state=bounced"))
    assert "gone@b.example.com" in bounced
    assert "ok@a.example.com" not in bounced
    lines = owner.get(f"/messages/{running.id}/outcome.csv").text.splitlines()
    assert [line.rpartition(",")[2] for line in lines] == [
        "afterwards",
        "bounced",
        "bounced",
        "complained",
        "",
    ]
