"""The connection test, step by step; it sends nothing and never raises."""

from __future__ import annotations

import logging

import pytest

from tests.transports.smtp.conftest import MakeTransport
from tests.transports.smtp.server import DROP, SmtpServer, drip, flood
from tests.transports.smtp.test_security import CANARY, OFFERS_AUTH, ehlo, secure, with_login
from transports.checks import Check, Step
from transports.net import Net
from transports.smtp.transport import SmtpTransport

SENDER = "news@mail.example"


def verdicts(checks: list[Check]) -> str:
    assert [one.step for one in checks] == list(Step)
    return " ".join(one.verdict for one in checks)


def failed(checks: list[Check]) -> Check:
    return next(one for one in checks if one.verdict == "fail")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_every_step_passes_and_is_told(smtp: MakeTransport, server_context, ca_pem, security) -> None:
    with SmtpServer(context=server_context, tls=security == "tls", EHLO=ehlo) as there:
        checks = smtp(there.port, **with_login(there.port, ca_pem, security=security)).probe(SENDER)
    assert verdicts(checks) == "pass pass pass pass pass"
    resolve, connect, encrypt, login, sender = checks
    assert "127.0.0.1" in resolve.words
    assert connect.words == f"Port {there.port} answered."
    assert "220 test.example ESMTP" in connect.said + encrypt.said
    assert encrypt.words.startswith("TLS 1.3. The certificate matches the host name and is valid until ")
    assert login.words == "Signed in as mara."
    assert sender.said == "250 2.1.0 Ok"
    assert not there.mails
    said = [command for command in there.commands if command != "QUIT"]
    assert said[-2:] == [f"MAIL FROM:<{SENDER}>", "RSET"]


def test_a_wrong_password_fails_with_the_servers_words_and_three_remedies(
    smtp: MakeTransport, server_context, ca_pem
) -> None:
    with secure(server_context, AUTH="535 5.7.8 Error: authentication failed") as there:
        settings = with_login(there.port, ca_pem, username="post@northlight.example")
        checks = smtp(there.port, **settings).probe(SENDER)
    assert verdicts(checks) == "pass pass pass fail skip"
    login = failed(checks)
    assert login.words == "The server refused user name or password."
    assert login.said == "535 5.7.8 Error: authentication failed"
    assert login.remedies == (
        "Replace the password. Watch for a blank at the end.",
        "With two-factor sign-in at your provider, create an app password there and use that one.",
        "Some servers want the user name without @northlight.example.",
    )
    assert checks[-1].words == "not reached"
    assert CANARY not in repr(checks)


def test_without_a_login_and_without_encryption_these_steps_are_skipped(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        assert verdicts(smtp(there.port).probe(SENDER)) == "pass pass skip skip pass"


def test_a_refused_sender_fails_the_last_step(smtp: MakeTransport) -> None:
    with SmtpServer(MAIL="553 5.7.1 Not your address") as there:
        checks = smtp(there.port).probe(SENDER)
    assert verdicts(checks) == "pass pass skip skip fail"
    assert failed(checks).said == "553 5.7.1 Not your address"
    assert failed(checks).remedies


@pytest.mark.parametrize(
    "greeting",
    [
        DROP,
        "554 5.7.1 Blocked",
        "421 4.7.0 Too many",
        b"hello\r\n",
        drip("220 slow slow slow\r\n", 0.3),
        flood(b"220-x\r\n", 2),
    ],
    ids=["drop", "554", "421", "garbage", "drip", "flood"],
)
def test_whatever_greets_us_the_test_ends_with_words(smtp: MakeTransport, greeting) -> None:
    with SmtpServer(connect=greeting) as there:
        checks = smtp(there.port).probe(SENDER)
    assert verdicts(checks) == "pass fail skip skip skip"
    assert failed(checks).words
    assert 1 <= len(failed(checks).remedies) <= 3
    assert len(failed(checks).said) <= 500


def test_a_closed_port_fails_to_connect(smtp: MakeTransport) -> None:
    with SmtpServer() as there:
        port = there.port
    checks = smtp(port).probe(SENDER)
    assert verdicts(checks) == "pass fail skip skip skip"
    assert len(failed(checks).remedies) <= 3


def test_a_server_without_starttls_fails_to_encrypt(smtp: MakeTransport, ca_pem) -> None:
    with SmtpServer(EHLO=OFFERS_AUTH) as there:
        checks = smtp(there.port, **with_login(there.port, ca_pem)).probe(SENDER)
    assert verdicts(checks) == "pass pass fail skip skip"
    assert "AUTH" not in " ".join(there.commands)


def test_a_refused_destination_tells_nothing() -> None:
    settings = {"host": "169.254.169.254", "port": 25, "security": "none"}
    checks = SmtpTransport(settings, net=Net(floor=0), log=logging.getLogger()).probe(SENDER)
    assert verdicts(checks) == "fail skip skip skip skip"
    assert failed(checks).words == "This destination can't be used from here."


def test_settings_that_nobody_can_encode_are_a_failed_step() -> None:
    settings = {"host": "127.0.0.1", "port": 25, "username": "u", "password": "\udc80x"}
    checks = SmtpTransport(settings, net=Net(floor=0), log=logging.getLogger()).probe(SENDER)
    assert verdicts(checks) == "fail skip skip skip skip"


def test_missing_settings_are_a_failed_step_too() -> None:
    checks = SmtpTransport({}, net=Net(floor=0), log=logging.getLogger()).probe(SENDER)
    assert verdicts(checks) == "fail skip skip skip skip"
