"""What outcomes do to rows, counters, evidence and suppressions."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.mail.conftest import draft, mail_to
from tests.mail.outbox.claiming import claimed, row_of, tell
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.mail.outbox import control, evidence
from webapp.mail.outbox.bulk import stamp
from webapp.mail.outbox.claim import Claim
from webapp.mail.outbox.counters import audit_counters
from webapp.mail.outbox.enqueue import enqueue_one
from webapp.mail.outbox.held import Held
from webapp.mail.outbox.outcomes import progress
from webapp.mail.outbox.record import record
from webapp.mail.sender.results import Result

MARA, NOAH = "mara@x.example", "noah@x.example"


@pytest.fixture
def mailing(any_desk: Desk) -> Mailing:
    with any_desk.session() as session:
        return mail_to(session, [MARA, NOAH])


@pytest.fixture
def claim(any_desk: Desk, mailing: Mailing) -> Claim:
    return claimed(any_desk)[0]


def state(desk: Desk, address: str = MARA) -> str:
    with desk.reading() as session:
        return row_of(session, address).state


def test_an_accepted_mail_is_sent_and_the_answer_is_kept(
    any_desk: Desk, mailing: Mailing, claim: Claim
) -> None:
    tell(any_desk, claim, "accepted", stage="dot", code="250 2.0.0", detail="queued as 7", provider_id="7")
    with any_desk.session() as session:
        row = row_of(session, MARA)
        assert (row.state, row.code, row.detail, row.provider_id, row.attempts) == (
            "sent",
            "250 2.0.0",
            "queued as 7",
            "7",
            1,
        )
        assert progress(session, mailing.id).counts["sent"] == 1
        assert progress(session, mailing.id).state == "running"
        assert audit_counters(session, mailing.id) == {}


def test_the_last_outcome_finishes_the_mailing(any_desk: Desk, mailing: Mailing, claim: Claim) -> None:
    tell(any_desk, claim, "accepted")
    tell(any_desk, claim, "accepted", place=1)
    with any_desk.reading() as session:
        assert progress(session, mailing.id).state == "finished"


@pytest.mark.parametrize("code", ["550 5.1.1", "550 5.1.2", "553 5.1.3", "551 5.1.6", "556 5.1.10"])
def test_a_person_who_is_not_there_is_not_mailed_again(any_desk: Desk, claim: Claim, code: str) -> None:
    tell(any_desk, claim, "rejected", stage="rcpt", code=code, detail="no such user")
    with any_desk.reading() as session:
        assert row_of(session, MARA).state == "failed"
        assert suppressions.reason_of(session, MARA, "operational") == "bounced"


@pytest.mark.parametrize("code", ["550 5.7.1", "552 5.2.2", "554", "550 5.1.4"])
def test_other_refusals_suppress_nobody(any_desk: Desk, claim: Claim, code: str) -> None:
    tell(any_desk, claim, "rejected", stage="rcpt", code=code)
    with any_desk.reading() as session:
        assert row_of(session, MARA).state == "failed"
        assert suppressions.count(session) == 0


@pytest.mark.parametrize(
    ("stage", "code"), [("mail", "550 5.1.8"), ("rcpt", "550 5.1.7"), ("auth", "535 5.7.8")]
)
def test_a_refusal_of_ourselves_leaves_the_mail_in_the_queue(
    any_desk: Desk, claim: Claim, stage: str, code: str
) -> None:
    tell(any_desk, claim, "rejected", stage=stage, code=code)
    assert state(any_desk) == "deferred"


def test_an_unknown_announcement_waits_for_a_person(any_desk: Desk, claim: Claim) -> None:
    tell(any_desk, claim, "unknown", stage="dot")
    assert state(any_desk) == "unknown"


def test_unknown_operational_mail_is_tried_again_after_ten_minutes(any_desk: Desk) -> None:
    with any_desk.session() as session:
        enqueue_one(
            session,
            any_desk.vault,
            key="reset:1",
            content=draft(kind="operational"),
            address=MARA,
            values={"passwordreset.link": "https://x.example/r"},
        )
    [only] = claimed(any_desk)
    tell(any_desk, only, "unknown", stage="dot")
    with any_desk.reading() as session:
        row = row_of(session, MARA)
        assert row.state == "deferred"
        assert (row.not_before - row.changed_at).total_seconds() >= 600
        assert row.values is not None
    [again] = claimed(any_desk, later=700)
    tell(any_desk, again, "accepted")
    with any_desk.reading() as session:
        assert row_of(session, MARA).values is None


def test_a_late_answer_spares_operational_mail_its_second_copy(any_desk: Desk) -> None:
    with any_desk.session() as session:
        enqueue_one(session, any_desk.vault, key="reset:1", content=draft(kind="operational"), address=MARA)
    [only] = claimed(any_desk)
    tell(any_desk, only, "unknown", stage="dot")
    assert state(any_desk) == "deferred"
    tell(any_desk, only, "accepted", code="250")
    with any_desk.reading() as session:
        row = row_of(session, MARA)
        assert (row.state, row.attempts) == ("sent", 1)
        assert session.scalars(select(Attempt.status).order_by(Attempt.id)).all() == ["unknown", "accepted"]


def test_a_result_of_a_lost_lease_is_evidence_only(any_desk: Desk, mailing: Mailing, claim: Claim) -> None:
    tell(any_desk, claim, "back")
    [second] = claimed(any_desk)
    tell(any_desk, claim, "rejected", code="550 5.1.1")
    with any_desk.session() as session:
        row = row_of(session, MARA)
        assert (row.state, row.lease) == ("sending", second.lease)
        assert session.scalars(select(Attempt.late)).all() == [True]
        assert suppressions.count(session) == 0
        assert audit_counters(session, mailing.id) == {}


def test_a_late_answer_settles_what_was_unknown(any_desk: Desk, mailing: Mailing, claim: Claim) -> None:
    tell(any_desk, claim, "unknown")
    tell(any_desk, claim, "accepted", code="250")
    with any_desk.session() as session:
        row = row_of(session, MARA)
        assert (row.state, row.attempts) == ("sent", 1)
        assert audit_counters(session, mailing.id) == {}


@pytest.mark.parametrize(("late", "waits"), [("back", "deferred"), ("deferred", "deferred")])
def test_a_sender_taken_for_dead_may_say_that_an_unknown_mail_has_not_left(
    any_desk: Desk, mailing: Mailing, claim: Claim, late: str, waits: str
) -> None:
    tell(any_desk, claim, "unknown")
    tell(any_desk, claim, "accepted", place=1)
    tell(any_desk, claim, late, code="451")
    with any_desk.session() as session:
        now = progress(session, mailing.id)
        assert (now.state, now.finished_at, now.remaining) == ("running", None, 1)
        assert row_of(session, MARA).state == waits
        assert audit_counters(session, mailing.id) == {}


def test_after_a_resend_the_late_answer_of_the_first_try_overwrites_nothing(
    any_desk: Desk, mailing: Mailing, claim: Claim
) -> None:
    tell(any_desk, claim, "unknown")
    tell(any_desk, claim, "accepted", place=1)
    with any_desk.session() as session:
        control.resend(session, mailing.id, "unknown")
    tell(any_desk, claim, "rejected", code="550")
    assert state(any_desk) == "queued"


@pytest.mark.parametrize("status", ["accepted", "unknown", "rejected"])
def test_the_same_result_twice_is_one(any_desk: Desk, mailing: Mailing, claim: Claim, status: str) -> None:
    for _ in range(2):
        tell(any_desk, claim, status, code="250")
    with any_desk.session() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 1
        assert audit_counters(session, mailing.id) == {}


def test_what_comes_back_to_a_cancelled_mailing_is_cancelled(
    any_desk: Desk, mailing: Mailing, claim: Claim
) -> None:
    with any_desk.session() as session:
        control.cancel(session, mailing.id)
    tell(any_desk, claim, "back")
    tell(any_desk, claim, "deferred", place=1, code="451")
    with any_desk.session() as session:
        now = progress(session, mailing.id)
        assert (now.state, now.counts["cancelled"], now.remaining) == ("cancelled", 2, 0)
        assert now.finished_at is not None
        assert audit_counters(session, mailing.id) == {}


def test_a_deferred_mail_waits_as_long_as_the_server_says(any_desk: Desk, claim: Claim) -> None:
    tell(any_desk, claim, "deferred", code="450 4.2.0", retry_after=3600.0)
    with any_desk.reading() as session:
        row = row_of(session, MARA)
        assert row.state == "deferred"
        assert (row.not_before - row.changed_at).total_seconds() == 3600


def test_words_that_are_too_long_for_a_column_are_cut(any_desk: Desk, claim: Claim) -> None:
    tell(any_desk, claim, "rejected", code="a code of an unusual length", peer="p" * 300, tls="t" * 300)
    assert state(any_desk) == "failed"


ODD = ["\\N", "a\tb\\n", '{"a,b"}', "NULL", "’ü 郵便", ""]


def test_what_servers_say_of_many_mails_is_kept_word_for_word(any_desk: Desk) -> None:
    with any_desk.session() as session:
        mail_to(session, [f"p{place}@x.example" for place in range(len(ODD))])
    claim = claimed(any_desk)[0]
    held = {mail.id: Held(claim.lease, 1, mail.mailing_id, claim.claimed_at, 0) for mail in claim.mails}
    told = [
        Result(mail.id, claim.lease, "accepted", 1, detail=words)
        for mail, words in zip(claim.mails, ODD, strict=True)
    ]
    with any_desk.session() as session:
        record(session, told, held=held)
    with any_desk.reading() as session:
        for kept in (OutboxMail, Attempt):
            assert session.scalars(select(kept.detail).order_by(kept.id)).all() == ODD


def test_evidence_of_mails_that_are_not_there_is_refused_and_what_went_with_it_undone(
    any_desk: Desk, claim: Claim
) -> None:
    strange = [Result(number, claim.lease, "accepted") for number in (1_000_001, 1_000_002)]
    with pytest.raises(IntegrityError), any_desk.session() as session:
        session.execute(update(OutboxMail).values(state="sent"))
        at = stamp(session.connection(), utcnow())
        evidence.keep(session.connection(), [evidence.attempt_of(one, 1, at) for one in strange])
    assert state(any_desk) == "sending"
