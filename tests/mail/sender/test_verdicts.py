"""The table of what an outcome means."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.mail.sender.health import Health
from webapp.mail.sender.results import Result
from webapp.mail.sender.verdicts import delay, judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def outcome(status: str, code: str = "", stage: str = "rcpt") -> Result:
    return Result(1, 1, status, 1, stage=stage, code=code)


def test_delays_grow_from_five_minutes_to_68() -> None:
    assert [
        round(delay(tries) / 60) >= least for tries, least in ((1, 5), (2, 10), (3, 20), (4, 40), (9, 68))
    ]
    assert 300 <= delay(1) <= 360
    assert 4080 <= delay(50) <= 4900


def test_a_mail_is_given_up_after_its_time() -> None:
    verdict = judge(
        outcome("deferred", "451"),
        kind="announcement",
        tries=99,
        give_up_at=NOW + timedelta(minutes=1),
        now=NOW,
    )
    assert verdict.state == "failed"
    assert not verdict.suppress
    assert "given up" in verdict.words


def test_an_unknown_status_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no outcome"):
        judge(outcome("fine"), kind="announcement", tries=1, give_up_at=NOW, now=NOW)


def test_three_policy_refusals_in_a_row_stop_the_server() -> None:
    health = Health()
    refusal = outcome("rejected", "550 5.7.1", "dot")
    assert health.note(refusal) == ""
    assert health.note(refusal) == ""
    assert "policy" in health.note(refusal)


def test_one_in_ten_of_the_last_fifty_stops_the_server_too() -> None:
    health = Health()
    said = [
        health.note(outcome("rejected", "550 5.7.1") if n % 10 == 9 else outcome("accepted"))
        for n in range(50)
    ]
    assert [place for place, words in enumerate(said) if words] == [49]


def test_now_and_then_a_policy_refusal_is_the_recipients_taste() -> None:
    health = Health()
    assert not any(
        health.note(outcome("rejected", "550 5.7.1") if n % 20 == 0 else outcome("accepted"))
        for n in range(200)
    )


@pytest.mark.parametrize(("stage", "code"), [("mail", "550"), ("auth", "535 5.7.8"), ("rcpt", "550 5.1.8")])
def test_a_refusal_of_ourselves_stops_the_server_at_once(stage: str, code: str) -> None:
    assert "refuses our mail" in Health().note(outcome("rejected", code, stage))
