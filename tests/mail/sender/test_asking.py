"""After a rest the connection test asks whether a server is well again, so that no real mail is the first to find out."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import until, until_over
from transports.checks import Check, Step, Verdict
from transports.testing.smtp_server import SmtpServer
from webapp.desk import Desk
from webapp.mail.models import Mailing, ServerRest
from webapp.mail.sender.asking import AWAY, BUSY, PASSED, UNCLEAR, ask, judged

SKIPPED = [Check(step, Verdict.SKIP) for step in Step]


def with_(step: Step, verdict: Verdict, said: str = "") -> list[Check]:
    return [Check(step, verdict, said, "Words.") if one.step is step else one for one in SKIPPED]


@pytest.mark.parametrize(
    ("checks", "answer"),
    [
        (with_(Step.LOGIN, Verdict.PASS), PASSED),
        (with_(Step.CONNECT, Verdict.FAIL), AWAY),
        (with_(Step.CONNECT, Verdict.FAIL, "421 Busy"), BUSY),
        (with_(Step.CONNECT, Verdict.FAIL, "554 Blocked"), UNCLEAR),  # for good: a mail pauses the server
        (with_(Step.LOGIN, Verdict.FAIL, "535 No"), UNCLEAR),
        (with_(Step.SENDER, Verdict.FAIL), UNCLEAR),
        (SKIPPED, UNCLEAR),
        ([], UNCLEAR),
    ],
)
def test_what_a_connection_test_says_about_a_server_that_has_rested(checks: list[Check], answer: str) -> None:
    assert judged(checks)[0] == answer


def test_a_plugin_that_fails_in_its_test_is_judged_by_a_mail() -> None:
    assert ask(lambda: 1 / 0) == (UNCLEAR, "")  # type: ignore[arg-type,return-value]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"OFFERPOST_REST_SECONDS": "1"}


def seconds_of_rest(desk: Desk) -> float:
    with desk.reading() as session:
        return session.scalar(select(ServerRest.seconds)) or 0.0


def test_a_server_is_asked_until_it_answers_and_only_then_gets_mail(
    desk: Desk, smtp: SmtpServer, mailing_to: Callable[..., Mailing], worker: StartWorker
) -> None:
    smtp.on("BANNER", "421 4.3.2 Closing down")
    mailing = mailing_to(30)
    worker()
    until(lambda: seconds_of_rest(desk) >= 2)  # it was asked, and rests twice as long
    assert {command.strip() for command in smtp.commands} <= {b"QUIT"}
    smtp.forget()
    assert until_over(desk, mailing).counts["sent"] == 30
    said = [command.split()[0] for command in smtp.commands if command.strip() != b"QUIT"]
    assert said[:3] == [b"EHLO", b"MAIL", b"RSET"]
