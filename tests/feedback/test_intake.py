"""What is done with a returned mail: whom it bars, what it changes, and what a forger can reach."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.feedback.conftest import ADDRESS
from tests.feedback.returned import failed, fields, report
from tests.feedback.test_reading import COMPLAINT
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.feedback import jobs
from webapp.feedback.forgetting import forget_recipient
from webapp.feedback.intake import store, take_in
from webapp.feedback.models import ReturnedMail
from webapp.feedback.reader_process import PatientReader
from webapp.mail import events, suppressions, verp
from webapp.mail.events import MailEvent
from webapp.mail.models import Attempt, OutboxMail
from webapp.mail.outbox.erasing import erase_recipient
from webapp.mail.outbox.identity import message_id


@pytest.fixture
def tried(desk: Desk, mail: OutboxMail) -> OutboxMail:
    """The mail was accepted an hour ago."""
    with desk.session() as session:
        session.execute(update(OutboxMail).values(state="sent"))
        session.add(
            Attempt(mail_id=mail.id, lease=1, number=1, status="accepted", at=utcnow() - timedelta(hours=1))
        )
    return mail


def bounce(desk: Desk, mail: OutboxMail, status: str = "5.1.1", *, to: str = "") -> bytes:
    sender = to or verp.envelope_sender(desk.vault, mail.id, "bounces.example.com")
    return report(fields(failed(ADDRESS, status, f"550 {status} refused")), to=sender)


def barred(desk: Desk) -> str | None:
    with desk.reading() as session:
        return suppressions.reason_of(session, ADDRESS, "operational")


def happened(desk: Desk) -> list[tuple[str, str, bool]]:
    with desk.reading() as session:
        return [(one.kind, one.severity, one.verified) for one in session.scalars(select(MailEvent))]


def test_a_hard_bounce_to_the_signed_sender_bars_the_address(desk: Desk, tried: OutboxMail) -> None:
    taken = take_in(desk, bounce(desk, tried), "pipe")
    assert taken.mail_id == tried.id
    assert (barred(desk), happened(desk)) == ("bounced", [("bounced", "hard", True)])


def test_the_same_bounce_counts_once_whatever_its_line_ends(desk: Desk, tried: OutboxMail) -> None:
    raw = bounce(desk, tried)
    for again in (raw, raw, raw.replace(b"\n", b"\r\n")):
        take_in(desk, again, "pipe")
    assert len(happened(desk)) == 1


@pytest.mark.parametrize(
    "to",
    [
        "b+{id}.aaaaaaaaaaaaaaaa@bounces.example.com",
        "b+{other}.{tag}@bounces.example.com",
        "bounces@example.com",
    ],
)
def test_a_forged_bounce_bars_nobody(desk: Desk, tried: OutboxMail, to: str) -> None:
    tag = desk.vault.tag(verp.PURPOSE, str(tried.id))
    take_in(desk, bounce(desk, tried, to=to.format(id=tried.id, other=tried.id + 1, tag=tag)), "pipe")
    assert (barred(desk), happened(desk)) == (None, [])


def test_a_bounce_that_quotes_the_mail_but_came_elsewhere_is_only_counted(
    desk: Desk, tried: OutboxMail
) -> None:
    quoted = (
        f"To: {ADDRESS}\nMessage-ID: {message_id(tried.id, tried.key, tried.created_at, 'example.com')}\n"
    )
    raw = report(fields(failed(ADDRESS, "5.1.1", "unknown")), to="bounces@example.com", returned=quoted)
    assert take_in(desk, raw, "pipe").mail_id == tried.id
    assert (barred(desk), happened(desk)) == (None, [("bounced", "hard", False)])


def test_a_bounce_of_a_mail_that_was_tried_long_ago_is_only_counted(desk: Desk, tried: OutboxMail) -> None:
    with desk.session() as session:
        session.execute(update(Attempt).values(at=utcnow() - timedelta(days=15)))
    take_in(desk, bounce(desk, tried), "pipe")
    assert (barred(desk), happened(desk)) == (None, [("bounced", "hard", False)])


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.1", "5.1.0"])
def test_a_code_that_does_not_speak_of_the_address_bars_nobody(
    desk: Desk, tried: OutboxMail, status: str
) -> None:
    take_in(desk, bounce(desk, tried, status), "pipe")
    assert barred(desk) is None
    assert len(happened(desk)) == 1


def test_a_complaint_bars_the_address_from_everything(desk: Desk, tried: OutboxMail) -> None:
    name = message_id(tried.id, tried.key, tried.created_at, "example.com").encode()
    take_in(desk, (COMPLAINT % b"abuse").replace(b"<7.0123456789abcdef@example.com>", name), "pipe")
    assert barred(desk) == "complained"


def test_a_complaint_about_a_mail_that_is_not_ours_bars_nobody(desk: Desk, tried: OutboxMail) -> None:
    taken = take_in(desk, (COMPLAINT % b"abuse").replace(b"<7.", f"<{tried.id}.".encode()), "pipe")
    assert (barred(desk), taken.mail_id) == (None, None)


def test_what_belongs_to_no_mail_is_kept_and_says_why(desk: Desk) -> None:
    take_in(desk, b"From: a@b.example\nSubject: hello\n\nhi", "pipe")
    with desk.reading() as session:
        kept = session.scalars(select(ReturnedMail)).one()
    assert (kept.subject, kept.raw[:5], "no mail that was sent from here" in kept.note) == (
        "hello",
        b"From:",
        True,
    )


def test_a_bounce_settles_a_mail_of_which_nobody_knew_whether_it_had_gone(
    desk: Desk, tried: OutboxMail
) -> None:
    with desk.session() as session:
        session.execute(update(OutboxMail).values(state="unknown"))
    take_in(desk, bounce(desk, tried, "5.2.2"), "pipe")
    with desk.reading() as session:
        assert session.get_one(OutboxMail, tried.id).state == "sent"


def test_a_bounce_may_come_before_our_own_record_of_the_sending(desk: Desk, mail: OutboxMail) -> None:
    with desk.session() as session:
        session.execute(update(OutboxMail).values(state="sending", changed_at=utcnow()))
    take_in(desk, bounce(desk, mail), "pipe")
    assert barred(desk) == "bounced"


def test_an_erased_person_is_not_put_on_the_list_again(desk: Desk, tried: OutboxMail) -> None:
    raw = bounce(desk, tried)
    with desk.session() as session:
        session.execute(update(OutboxMail).values(address="erased-1@erased.invalid"))
    take_in(desk, raw, "pipe")
    assert (barred(desk), len(happened(desk))) == (None, 1)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_worst_that_happened_is_how_a_mail_stands_in_whatever_order_it_came(
    desk: Desk, mail: OutboxMail, order: tuple[int, ...]
) -> None:
    kinds = (("delivered", ""), ("bounced", "hard"), ("complained", ""))
    with desk.session() as session:
        for number in order:
            kind, severity = kinds[number]
            events.record(
                session,
                {
                    "key": f"e{number}",
                    "mail_id": mail.id,
                    "kind": kind,
                    "severity": severity,
                    "verified": True,
                },
            )
        assert events.standing(session, [mail.id])[mail.id].kind == "complained"


def test_one_genuine_address_does_not_fill_the_table(desk: Desk, tried: OutboxMail) -> None:
    for number in range(events.MOST_OF_A_KIND + 3):
        take_in(desk, bounce(desk, tried, "5.2.2") + str(number).encode(), "pipe")
    assert len(happened(desk)) == events.MOST_OF_A_KIND


def test_forgeries_that_quote_a_mail_do_not_crowd_its_genuine_bounce_out(
    desk: Desk, tried: OutboxMail
) -> None:
    quoted = (
        f"To: {ADDRESS}\nMessage-ID: {message_id(tried.id, tried.key, tried.created_at, 'example.com')}\n"
    )
    for number in range(events.MOST_OF_A_KIND + 1):
        forged = report(fields(failed(ADDRESS, "5.1.1", "x")), to="bounces@example.com", returned=quoted)
        take_in(desk, forged + str(number).encode(), "pipe")
    assert barred(desk) is None
    take_in(desk, bounce(desk, tried), "pipe")
    assert barred(desk) == "bounced"


def test_a_chatty_answering_machine_does_not_crowd_a_genuine_bounce_out(
    desk: Desk, tried: OutboxMail
) -> None:
    with desk.session() as session:
        for number in range(events.MOST_OF_A_KIND + 1):
            said = {"key": f"e{number}", "mail_id": tried.id, "kind": "auto_replied", "verified": True}
            events.record(session, said)
    take_in(desk, bounce(desk, tried), "pipe")
    assert barred(desk) == "bounced"


def test_what_was_stored_and_left_lying_is_found_by_the_sweep(desk: Desk, tried: OutboxMail) -> None:
    raw = bounce(desk, tried)
    with desk.session() as session:
        store(session, raw, "pipe")
    jobs.read_what_is_left(desk)
    assert barred(desk) is None, "somebody may just be working on it"
    with desk.session() as session:
        session.execute(update(ReturnedMail).values(received_at=utcnow() - timedelta(minutes=3)))
    jobs.read_what_is_left(desk)
    assert barred(desk) == "bounced"
    take_in(desk, raw, "pipe")
    assert len(happened(desk)) == 1


def test_a_mail_that_no_reader_survives_is_set_aside_and_the_next_one_is_read(
    desk: Desk, tried: OutboxMail
) -> None:
    with PatientReader(seconds=30) as patient:
        hasty = PatientReader(seconds=0)
        assert "could not be read" in take_in(desk, b"Subject: poison\n\nx", "pipe", hasty).note
        assert take_in(desk, bounce(desk, tried), "pipe", patient).mail_id == tried.id
    with desk.reading() as session:
        kept = session.scalars(select(ReturnedMail).order_by(ReturnedMail.id)).all()
    assert [one.kind for one in kept] == ["unreadable", "bounce"]
    assert barred(desk) == "bounced"


def test_a_signed_sender_fits_is_stable_and_survives_a_rotation_of_the_key(desk: Desk) -> None:
    from webapp import vault

    sender = verp.envelope_sender(desk.vault, 9_000_000_000_000_000, "bounces.example.com")
    assert sender == verp.envelope_sender(desk.vault, 9_000_000_000_000_000, "bounces.example.com")
    assert len(sender.partition("@")[0]) <= 64
    vault.rotate(desk.config.key_file)
    assert verp.mail_named_by(desk.vault, [sender.upper()]) == 9_000_000_000_000_000


def test_a_later_attempt_has_the_same_sender_although_the_key_was_rotated(desk: Desk) -> None:
    from webapp import vault

    key = desk.vault.key_id
    before = verp.envelope_sender(desk.vault, 7, "bounces.example.com", key)
    vault.rotate(desk.config.key_file)
    after = vault.Vault.open(desk.config.key_file, create=False)
    assert after.key_id != key
    assert verp.envelope_sender(after, 7, "bounces.example.com", key) == before
    assert verp.envelope_sender(after, 7, "bounces.example.com") != before


def test_any_changed_letter_spoils_a_signed_sender(desk: Desk) -> None:
    sender = verp.envelope_sender(desk.vault, 12, "x.example")
    local = sender.partition("@")[0]
    spoilt = [
        local[:place] + ("a" if local[place] != "a" else "b") + local[place + 1 :]
        for place in range(len(local))
    ]
    assert [verp.mail_named_by(desk.vault, [f"{one}@x.example"]) for one in spoilt] == [None] * len(spoilt)
    unsubscribing = f"b+12.{desk.vault.tag('unsubscribe', '12')}@x.example"
    assert verp.mail_named_by(desk.vault, [unsubscribing]) is None


def test_what_names_an_erased_person_goes_from_what_came_back(desk: Desk, tried: OutboxMail) -> None:
    with desk.session() as session:
        session.execute(update(OutboxMail).values(recipient_id=7))
    take_in(desk, bounce(desk, tried), "pipe")
    with desk.session() as session:
        forget_recipient(session, 7)
        erase_recipient(session, 7)
    with desk.reading() as session:
        kept, event = session.scalars(select(ReturnedMail)).one(), session.scalars(select(MailEvent)).one()
    assert (kept.raw, kept.subject, kept.sender, event.words, event.severity) == (b"", "", "", "", "hard")
