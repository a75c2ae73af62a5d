"""Which notices are believed: real signatures, certificates over real TLS, and everything that a forger would try."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transports.ses.topic import (
    ARN,
    HOST,
    REGION,
    FakeSns,
    certificate,
    event,
    request,
    stamp,
    trust,
)
from transports.errors import TemporaryError
from transports.events import MESSAGE_ID, SENDER, DeliveryEvent, EventKind, ForgedRequest, WebhookRequest
from transports.ses.certificates import MOST_A_MINUTE
from transports.ses.transport import SesTransport
from transports.testing.servers import Cut


@pytest.fixture(scope="module")
def service() -> Iterator[FakeSns]:
    with FakeSns() as running:
        yield running


@pytest.fixture
def sns(service: FakeSns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSns:
    """The service, with nothing that an earlier test left."""
    trust(service, tmp_path, monkeypatch)
    service.requests.clear()
    service.confirmed.clear()
    return service


def told(sns: FakeSns, came: WebhookRequest, topic: str = ARN) -> list[DeliveryEvent]:
    settings = {"region": REGION, "topic_arn": topic}
    transport = SesTransport(settings, net=sns.net(), log=logging.getLogger("offerpost.ses"))
    try:
        return transport.events(came)
    finally:
        transport.net.close()


def refused(sns: FakeSns, came: WebhookRequest, words: str, topic: str = ARN) -> None:
    with pytest.raises(ForgedRequest, match=words):
        told(sns, came, topic)


def fetched(sns: FakeSns) -> list[str]:
    return [one.path for one in sns.requests]


@pytest.mark.parametrize("version", ("1", "2"))
def test_a_genuine_bounce_is_understood_with_either_signature(sns: FakeSns, version: str) -> None:
    mail = {
        "source": "b+7.x@b.example.com",
        "headers": [{"name": "Message-ID", "value": "<7.a@example.com>"}],
    }
    [found] = told(sns, sns.notification(event("Bounce", mail=mail), version=version))
    assert (found.kind, found.permanent, found.code) == (EventKind.BOUNCED, True, "5.1.1")
    assert (found.provider_id, found.recipient) == ("0107-1", "dana@brightpath.example.com")
    assert found.metadata == {SENDER: "b+7.x@b.example.com", MESSAGE_ID: "<7.a@example.com>"}
    assert "user unknown" in found.detail


def test_a_certificate_is_fetched_once(sns: FakeSns) -> None:
    for _ in range(3):
        told(sns, sns.notification(event("Delivery")))
    assert len(fetched(sns)) == 1


@pytest.mark.parametrize("field", ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"))
def test_every_signed_field_is_covered(sns: FakeSns, field: str) -> None:
    other = {
        "Message": json.dumps(event("Complaint")),
        "MessageId": "0000-another",
        "Timestamp": stamp(minutes=1),
        "Type": "UnsubscribeConfirmation",
        "TopicArn": ARN + "x",
    }
    with pytest.raises(ForgedRequest):
        told(sns, sns.notification(event("Bounce"), after_signing={field: other.get(field, "x")}))


def test_somebody_elses_key_signs_nothing(sns: FakeSns) -> None:
    refused(sns, sns.notification(event("Bounce"), signer="forger"), "signature of the notice is wrong")


@pytest.mark.parametrize("version", ("0", "3", ""))
def test_an_unknown_kind_of_signature_is_refused(sns: FakeSns, version: str) -> None:
    refused(sns, sns.notification(event("Bounce"), version=version), "unknown kind")


def test_another_topic_is_refused_before_anything_is_fetched(sns: FakeSns) -> None:
    theirs = f"arn:aws:sns:{REGION}:999999999999:desk"
    refused(sns, sns.notification(event("Bounce"), TopicArn=theirs), "another topic")
    refused(sns, sns.subscription(TopicArn=theirs), "another topic")
    assert fetched(sns) == []


def test_without_a_topic_in_the_settings_nothing_is_believed(sns: FakeSns) -> None:
    refused(sns, sns.notification(event("Bounce")), "names no topic", topic="")


@pytest.mark.parametrize(
    "url",
    (
        "http://{host}/SimpleNotificationService-abc.pem",
        "https://s3.amazonaws.com/SimpleNotificationService-abc.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-abc.pem",
        "https://{host}.evil.example/SimpleNotificationService-abc.pem",
        "https://evil.example/?{host}/SimpleNotificationService-abc.pem",
        "https://{host}@evil.example/SimpleNotificationService-abc.pem",
        "https://{host}:8443/SimpleNotificationService-abc.pem",
        "https://{host}/evil/SimpleNotificationService-abc.pem",
        "https://{host}/SimpleNotificationService-../abc.pem",
        "https://{host}/SimpleNotificationService-abc.pem?x=1",
        "https://{host}/SimpleNotificationService-abc.pem\n",
        "https://{host}/other.pem",
        "file:///SimpleNotificationService-abc.pem",
        "",
    ),
)
def test_a_certificate_elsewhere_is_not_even_asked_for(sns: FakeSns, url: str) -> None:
    refused(sns, sns.notification(event("Bounce"), SigningCertURL=url.format(host=HOST)), "lies elsewhere")
    assert fetched(sns) == []


def test_an_expired_certificate_is_refused(sns: FakeSns) -> None:
    url = sns.serve(certificate(days=-1))
    refused(sns, sns.notification(event("Bounce"), SigningCertURL=url), "not valid today")


def test_a_certificate_for_another_name_is_refused(sns: FakeSns) -> None:
    url = sns.serve(certificate(names=("sns.example.com",)))
    refused(sns, sns.notification(event("Bounce"), SigningCertURL=url), "not that of Amazon SNS")


def test_a_weak_key_is_refused(sns: FakeSns) -> None:
    url = sns.serve(certificate(whose="weak"))
    refused(sns, sns.notification(event("Bounce"), SigningCertURL=url, signer="weak"), "no sound RSA key")


def test_a_chain_that_is_brought_along_must_hold(sns: FakeSns) -> None:
    authority = certificate(whose="authority", issuer="authority", ca=True)
    stranger = certificate(whose="forger", issuer="forger", ca=True)
    no_authority = certificate(whose="authority", issuer="authority")
    whole, broken, weak = (sns.serve(certificate(), one) for one in (authority, stranger, no_authority))
    assert told(sns, sns.notification(event("Bounce"), SigningCertURL=whole))
    for url in (broken, weak):
        refused(
            sns, sns.notification(event("Bounce"), SigningCertURL=url), "chain of the notice does not hold"
        )


def test_what_is_no_certificate_is_refused(sns: FakeSns) -> None:
    url = sns.serve()
    refused(sns, sns.notification(event("Bounce"), SigningCertURL=url), "can't be read")
    refused(
        sns,
        sns.notification(event("Bounce"), SigningCertURL=url.replace(".pem", "0.pem")),
        "can't be fetched",
    )


def test_unknown_certificates_are_not_fetched_without_end(sns: FakeSns) -> None:
    for number in range(MOST_A_MINUTE):
        url = f"https://{HOST}/SimpleNotificationService-{number}.pem"
        refused(sns, sns.notification(event("Bounce"), SigningCertURL=url), "can't be fetched")
    with pytest.raises(TemporaryError, match="Too many"):
        told(sns, sns.notification(event("Bounce")))


def test_a_line_that_breaks_is_no_verdict(sns: FakeSns) -> None:
    sns.next = [Cut()]
    with pytest.raises(TemporaryError):
        told(sns, sns.notification(event("Bounce")))


@pytest.mark.parametrize("ago", ({"minutes": 61}, {"minutes": -6}, {"days": 9000}))
def test_what_is_too_old_or_of_tomorrow_is_refused(sns: FakeSns, ago: dict[str, float]) -> None:
    refused(sns, sns.notification(event("Bounce"), Timestamp=stamp(**ago)), "too old")


@pytest.mark.parametrize("text", ("yesterday", "", "2026-13-45T99:00:00Z", "2026-01-01T00:00:00+00:00"))
def test_a_time_that_is_none_is_refused(sns: FakeSns, text: str) -> None:
    refused(sns, sns.notification(event("Bounce"), Timestamp=text), "bears no time")


def test_an_unsigned_event_names_the_setting_that_made_it_so(sns: FakeSns) -> None:
    with pytest.raises(ForgedRequest) as caught:
        told(sns, request(event("Bounce")))
    assert "raw message delivery" in caught.value.hint


@pytest.mark.parametrize(
    "body",
    (
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"Type": 1}',
        b"[" * 50_000,
        b'{"TopicArn": "a", "TopicArn": "a"}',
        b'{"a": "' + b"x" * 400_000 + b'"}',
    ),
)
def test_nonsense_is_refused_and_nothing_is_fetched(sns: FakeSns, body: bytes) -> None:
    with pytest.raises(ForgedRequest):
        told(sns, request(body))
    assert fetched(sns) == []


def test_text_without_bytes_is_refused_like_a_wrong_signature(sns: FakeSns) -> None:
    refused(
        sns, sns.notification("x", after_signing={"Message": "\ud800"}), "signature of the notice is wrong"
    )


def test_the_pinned_topic_is_confirmed_and_said(sns: FakeSns) -> None:
    [found] = told(sns, sns.subscription())
    assert (found.kind, found.detail, sns.confirmed) == (EventKind.CONNECTED, ARN, [ARN])


@pytest.mark.parametrize(
    "url",
    (
        "https://evil.example/?Action=ConfirmSubscription&TopicArn={arn}&Token=x",
        "http://169.254.169.254/latest/meta-data",
        "https://{host}/?Action=Unsubscribe&TopicArn={arn}&Token=x",
        "https://{host}:444/?Action=ConfirmSubscription&TopicArn={arn}&Token=x",
        "https://{host}/?Action=ConfirmSubscription&TopicArn={arn}&Token=other",
        "https://[/",
    ),
)
def test_a_confirmation_that_leads_elsewhere_is_refused_although_it_is_signed(sns: FakeSns, url: str) -> None:
    refused(sns, sns.subscription(SubscribeURL=url.format(host=HOST, arn=ARN)), "would confirm")
    assert sns.confirmed == []


def test_a_topic_that_was_left_is_said_and_asked_nothing(sns: FakeSns) -> None:
    [found] = told(sns, sns.subscription("UnsubscribeConfirmation"))
    assert (found.kind, sns.confirmed) == (EventKind.DISCONNECTED, [])


@pytest.mark.parametrize(
    ("published", "kind", "permanent"),
    (
        (event("Bounce", bounceType="Transient", bounceSubType="MailboxFull"), EventKind.BOUNCED, False),
        (event("Bounce", bounceType="Undetermined"), EventKind.BOUNCED, False),
        (event("Complaint"), EventKind.COMPLAINED, False),
        (event("Delivery"), EventKind.DELIVERED, False),
        (event("DeliveryDelay"), EventKind.DEFERRED, False),
        (event("Reject"), EventKind.BOUNCED, False),
        ({**event("Bounce"), "eventType": "", "notificationType": "Bounce"}, EventKind.BOUNCED, True),
    ),
)
def test_each_kind_of_event_in_the_words_of_the_contract(
    sns: FakeSns, published: dict[str, Any], kind: EventKind, permanent: bool
) -> None:
    [found] = told(sns, sns.notification(published))
    assert (found.kind, found.permanent) == (kind, permanent)
    assert found.recipient == "dana@brightpath.example.com"


@pytest.mark.parametrize(
    "published",
    (
        event("Send"),
        event("Open"),
        event("Complaint", complaintFeedbackType="not-spam"),
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "[[[",
        {"eventType": "Bounce", "mail": {"messageId": 5}, "bounce": []},
        {"eventType": "Bounce", "mail": {"messageId": "1"}, "bounce": {"bouncedRecipients": ["x", None]}},
    ),
)
def test_what_means_nothing_to_us_is_no_event(sns: FakeSns, published: object) -> None:
    assert told(sns, sns.notification(published)) == []


def test_two_recipients_are_two_events_with_ids_of_their_own(sns: FakeSns) -> None:
    people = [{"emailAddress": "Ann <ann@x.example>"}, {"emailAddress": "bob@x.example"}]
    found = told(sns, sns.notification(event("Complaint", complainedRecipients=people)))
    assert [one.recipient for one in found] == ["ann@x.example", "bob@x.example"]
    assert len({one.event_id for one in found}) == 2
