"""SES through real sockets to a service that checks signatures and misbehaves when it is told to."""

from __future__ import annotations

import logging
import ssl
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from tests.transports.ses.service import KEY_ID, REGION, SECRET, FakeSes, error
from tests.transports.smtp.mails import TestMail, mails
from transports.checks import Step
from transports.contract import Delivery, Stage, Status
from transports.errors import (
    AuthError,
    PermanentError,
    RateLimited,
    SettingsError,
    TemporaryError,
    TransportError,
)
from transports.net import Net
from transports.ses.transport import SesTransport
from transports.testing.servers import Cut, Drip, Hang, WebAnswer


class HastySes(SesTransport):
    patience = 1.5


@pytest.fixture
def service() -> Iterator[FakeSes]:
    with FakeSes() as running:
        yield running


def ses(service: FakeSes, *, connections: int = 1, **settings: Any) -> SesTransport:
    chosen = {
        "region": REGION,
        "access_key_id": KEY_ID,
        "secret_access_key": SECRET,
        "endpoint": service.url,
        "configuration_set": "",
        "topic_arn": "",
        **settings,
    }
    net = Net([f"127.0.0.1:{service.port}", f"localhost:{service.port}"], floor=0)
    transport = HastySes(chosen, net=net, log=logging.getLogger("offerpost.test"))
    transport.open(connections)
    return transport


def send(transport: SesTransport, batch: list[TestMail]) -> list[Delivery]:
    with transport:
        found = list(transport.send(iter(batch)))
    transport.net.close()
    return found


def send_one(service: FakeSes, **settings: Any) -> Delivery:
    [found] = send(ses(service, **settings), mails(1))
    return found


def refused(service: FakeSes, **settings: Any) -> tuple[TransportError, list[Delivery]]:
    transport, found = ses(service, **settings), []
    with pytest.raises(TransportError) as trouble:
        for one in transport.send(mails(5)):
            found.append(one)
    transport.net.close()
    return trouble.value, found


@pytest.mark.parametrize("connections", [1, 4])
def test_each_mail_is_sent_once_with_a_right_signature(service: FakeSes, connections: int) -> None:
    found = send(ses(service, connections=connections), mails(12))
    assert {one.status for one in found} == {Status.ACCEPTED}
    assert {one.stage for one in found} == {Stage.API}
    assert sorted(recipient for _, recipient, _ in service.inbox) == sorted(
        mail.recipient for mail in mails(12)
    )
    assert {one.provider_id for one in found} == {f"0107-{n:04}" for n in range(1, 13)}
    assert {one.code for one in found} == {"200"}


def test_the_message_and_the_envelope_arrive_unchanged(service: FakeSes) -> None:
    message = b"Subject: x\r\n\r\n.dot\r\n" + bytes(range(1, 256)) + b"\r\n"
    mail = TestMail(message=message, sender="b+7@bounce.example", recipient="b@b\u00fccher.example")
    [found] = send(ses(service), [mail])
    assert found.status is Status.ACCEPTED
    assert service.inbox == [("b+7@bounce.example", "b@xn--bcher-kva.example", message)]


def test_configuration_set_and_tags_go_along(service: FakeSes) -> None:
    mail = TestMail(tags=("campaign=autumn 26", "welcome"))
    send(ses(service, configuration_set="desk"), [mail])
    wanted = service.requests[-1].json()
    assert wanted["ConfigurationSetName"] == "desk"
    assert wanted["EmailTags"] == [
        {"Name": "campaign", "Value": "autumn_26"},
        {"Name": "tag-2", "Value": "welcome"},
    ]


def test_it_talks_tls_to_a_verified_service(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with FakeSes(tls=context) as service:
        trouble, _ = refused(service)
        assert isinstance(trouble, SettingsError)
        assert service.inbox == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert send_one(service).status is Status.ACCEPTED
        transport = ses(service)
        steps = transport.probe("news@mail.example")
        transport.net.close()
    assert [one.verdict for one in steps] == ["pass"] * 5
    assert steps[2].words.startswith("TLS 1.3")


def test_a_mail_that_must_not_leave_is_never_requested(service: FakeSes) -> None:
    found = send(ses(service), [TestMail(1, may_leave=False), TestMail(2)])
    assert [one.key for one in found] == ["2"]
    assert len(service.requests) == 1


def test_an_address_that_ses_cannot_take_is_refused_before_anything_is_sent(service: FakeSes) -> None:
    mail = TestMail(recipient="j\u00f6rg@example.net")
    [found] = send(ses(service), [mail])
    assert (found.status, found.stage, found.enhanced) == (Status.REJECTED, Stage.RCPT, "5.6.7")
    assert mail.asked == 0
    assert service.requests == []


@pytest.mark.parametrize("cut", [Cut(), Cut(reset=True), Hang(3), Drip("HTTP/1.1 200 OK", 0.5)])
@pytest.mark.parametrize("effect", [True, False])
def test_f25_an_answer_that_never_comes_is_unknown(service: FakeSes, cut, effect) -> None:
    service.next, service.after_effect = [cut], effect
    assert send_one(service).status is Status.UNKNOWN
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "answer", [WebAnswer(200, "<html>"), WebAnswer(200, ""), WebAnswer(200, [1]), WebAnswer(200, {})]
)
def test_f25_a_200_that_names_no_mail_is_unknown(service: FakeSes, answer) -> None:
    service.next = [answer]
    assert send_one(service).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (error(503, "ServiceUnavailable"), Status.DEFERRED),
        (error(500, "InternalFailure"), Status.UNKNOWN),
        (WebAnswer(502, "bad gateway"), Status.UNKNOWN),
        (WebAnswer(504, "gateway time-out"), Status.UNKNOWN),
        (error(400, "MessageRejected", "Illegal content"), Status.REJECTED),
        (error(400, "BadRequestException", "Domain ends with dot"), Status.REJECTED),
        (WebAnswer(413, "too large"), Status.REJECTED),
    ],
)
def test_f25_an_answer_about_one_mail_is_its_outcome(service: FakeSes, answer, status) -> None:
    service.next, service.after_effect = [answer], False
    found = send(ses(service), mails(2))
    assert [one.status for one in found] == [status, Status.ACCEPTED]
    assert found[0].code == str(answer.status)
    assert str(answer.status) in found[0].detail


@pytest.mark.parametrize("status", [429, 400])
@pytest.mark.parametrize(
    "kind", ["TooManyRequestsException", "ThrottlingException", "LimitExceededException"]
)
def test_f25_throttling_slows_down_and_the_mail_is_only_deferred(service: FakeSes, status, kind) -> None:
    service.next = [error(status, kind, "Maximum sending rate exceeded.")]
    service.after_effect = False
    trouble, found = refused(service)
    assert isinstance(trouble, RateLimited)
    assert trouble.retry_after
    assert [one.status for one in found] == [Status.DEFERRED]
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (error(403, "AccessDeniedException", "no"), AuthError, "may not send"),
        (error(403, "ExpiredTokenException"), AuthError, "may not send"),
        (
            error(403, "InvalidSignatureException", "Signature expired: 2026"),
            AuthError,
            "time of our signature",
        ),
        (error(400, "AccountSuspendedException"), PermanentError, "suspended"),
        (error(400, "SendingPausedException"), PermanentError, "paused"),
        (error(400, "MailFromDomainNotVerifiedException"), PermanentError, "MAIL FROM"),
        (error(400, "MessageRejected", "Email address is not verified."), PermanentError, "verified"),
        (
            error(404, "NotFoundException", "Configuration set <x> does not exist"),
            SettingsError,
            "configuration set",
        ),
        (
            error(400, "BadRequestException", "Configuration set x does not exist"),
            SettingsError,
            "configuration set",
        ),
        (WebAnswer(404, "<html>"), SettingsError, "not the SES API"),
        (WebAnswer(302, "", {"Location": "http://127.0.0.1/"}), SettingsError, "not the SES API"),
    ],
)
def test_f25_trouble_with_the_account_stops_the_server(service: FakeSes, answer, kind, words) -> None:
    service.next, service.after_effect = [answer], False
    trouble, found = refused(service)
    assert type(trouble) is kind
    assert words in trouble.reason
    assert trouble.hint
    assert [one.status for one in found] == [Status.DEFERRED]
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"secret_access_key": "kanarienvogel-wrong"}, {"access_key_id": "AKIDOTHER"}, {"region": "us-east-1"}],
)
def test_a_wrong_key_is_tried_once_and_told_nowhere(
    service: FakeSes, wrong, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    transport = ses(service, **wrong)
    with pytest.raises(AuthError) as trouble:
        list(transport.send(mails(50)))
    checks = transport.probe("news@mail.example")
    transport.net.close()
    assert service.inbox == []
    told = "".join(traceback.format_exception(trouble.value)) + caplog.text + repr(transport) + repr(checks)
    told += repr(transport.account()) + repr(trouble.value.__dict__)
    assert "kanarienvogel" not in told
    assert next(one.step for one in checks if one.verdict == "fail") is Step.LOGIN
    assert len(next(one.remedies for one in checks if one.verdict == "fail")) == 3


def test_a_service_that_is_not_there_takes_no_mail_with_it() -> None:
    with FakeSes() as service:
        pass
    trouble, found = refused(service)
    assert isinstance(trouble, TemporaryError)
    assert {one.status for one in found} <= {Status.DEFERRED}


def test_a_private_endpoint_that_nobody_listed_is_refused() -> None:
    with FakeSes() as service:
        transport = ses(service)
        transport.net = Net(floor=0)
        with pytest.raises(SettingsError, match="can't be used from here"):
            list(transport.send(mails(1)))
    assert service.requests == []


def test_the_connection_test_asks_about_the_account_and_sends_nothing(service: FakeSes) -> None:
    transport = ses(service)
    checks = transport.probe("news@mail.example")
    assert [one.verdict for one in checks] == ["pass", "pass", "skip", "pass", "pass"]
    assert service.inbox == []
    service.account["ProductionAccessEnabled"] = False
    assert "sandbox" in transport.probe("news@mail.example")[-1].words
    service.account["SendingEnabled"] = False
    last = transport.probe("news@mail.example")[-1]
    assert (last.verdict, last.words) == ("fail", "Sending is switched off for this account.")
    service.deny_account = True
    assert [one.verdict for one in transport.probe("x@mail.example")] == [
        "pass",
        "pass",
        "skip",
        "pass",
        "skip",
    ]
    service.next = [Cut()]
    assert [one.verdict for one in transport.probe("x@mail.example")][3:] == ["fail", "skip"]
    transport.net.close()
    assert service.inbox == []


GOOD = {"region": REGION, "access_key_id": KEY_ID, "secret_access_key": SECRET}


def test_good_settings_are_silent() -> None:
    topic = "arn:aws:sns:eu-central-1:123456789012:desk"
    more = {"endpoint": "https://ses.example/api", "configuration_set": "desk", "topic_arn": topic}
    assert SesTransport.check(GOOD) == []
    assert SesTransport.check({**GOOD, **more}) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", ""), ("region", "Frankfurt"), ("region", "eu-central-1a"), ("access_key_id", ""), ("access_key_id", "AK ID"),
        ("secret_access_key", ""), ("secret_access_key", "a\nb"), ("endpoint", "ses.example"), ("endpoint", "ftp://ses.example"),
        ("endpoint", "https://u:p@ses.example"), ("endpoint", "https://ses.example/?x=1"), ("endpoint", "https://[::1"),
        ("configuration_set", "a b"), ("topic_arn", "desk"), ("topic_arn", "arn:aws:sns:us-east-1:123456789012:desk"),
    ],
)  # fmt: skip
def test_each_bad_setting_is_named(field: str, value: str) -> None:
    assert [one.field for one in SesTransport.check({**GOOD, field: value})] == [field]


def test_without_settings_it_says_so_and_never_raises() -> None:
    assert SesTransport.check({})
    checks = SesTransport({}, net=Net(floor=0), log=logging.getLogger()).probe("x@mail.example")
    assert [one.verdict for one in checks] == ["fail", "skip", "skip", "skip", "skip"]


def test_the_fields_are_those_that_people_script_against() -> None:
    names = {field.name for field in SesTransport.fields}
    assert names == {
        "region",
        "access_key_id",
        "secret_access_key",
        "endpoint",
        "configuration_set",
        "topic_arn",
    }
    assert {field.name for field in SesTransport.fields if field.destination} == {
        "region",
        "access_key_id",
        "endpoint",
    }


def test_the_endpoint_follows_the_region() -> None:
    from transports.ses.account import account_of

    assert account_of(GOOD).base == "https://email.eu-central-1.amazonaws.com"
    assert account_of({**GOOD, "region": "cn-north-1"}).base == "https://email.cn-north-1.amazonaws.com.cn"
