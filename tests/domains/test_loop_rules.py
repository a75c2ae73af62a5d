"""A mail that arrived, judged: what is right passes, one fault is found as that fault, and forged words are not believed."""

from base64 import encodebytes
from datetime import UTC, datetime

import pytest

from tests.domains.northlight import DOMAIN, key, zone_with
from tests.domains.zones import DnsServer
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.loop import authres
from webapp.domains.loop.arrived import Arrived, Sent
from webapp.domains.loop.judging import RULES, judge
from webapp.errors import Invalid
from webapp.mail.dkim.signer import Signer

RECEIVED = (
    "Received: from smtp1.northlight.example (smtp1.northlight.example. [203.0.113.25])\r\n"
    "        by mx.receiver.test with ESMTPS id 1 (version=TLS1_3 cipher=X); Mon, 23 Nov 2026 10:00:07 +0000\r\n"
)
RESULTS = (
    "Authentication-Results: mx.receiver.test;\r\n"
    "       dkim=pass (good) header.i=@mail.northlight.example header.s=op1 header.b=abc;\r\n"
    "       spf=pass (sender is allowed) smtp.mailfrom=b+1@mail.northlight.example;\r\n"
    "       dmarc=pass (p=QUARANTINE) header.from=mail.northlight.example\r\n"
)
ON_TOP = "Return-Path: <b+1@mail.northlight.example>\r\n" + RECEIVED + RESULTS
LEFT = (
    b"From: Northlight <partners@mail.northlight.example>\r\nSubject: Loop test 0123456789\r\n"
    b"List-Unsubscribe: <https://desk.northlight.example/u/abc>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMessage-ID: <1.a@mail.northlight.example>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<p>Hello</p><p>See <a href="https://northlight.example/a">here</a></p>\r\n'
)
AT = datetime(2026, 11, 23, 10, 0, 2, tzinfo=UTC)


@pytest.fixture
def resolver(zone: DnsServer) -> Resolver:
    zone.fresh(zone_with(""))
    return Resolver(zone.address, patience=(1.0,))


def arrived(
    resolver: Resolver, *, top: str = ON_TOP, changes: dict[bytes, bytes] | None = None, **more
) -> Arrived:
    sent = more.pop(
        "sent", Sent("<1.a@mail.northlight.example>", AT, True, LEFT, lambda one: one.startswith("b+1@"))
    )
    signed = Signer(DOMAIN, [("op1", key())]).sign(more.pop("left", LEFT), at=1_790_000_000)
    for before, after in (changes or {}).items():
        assert before in signed
        signed = signed.replace(before, after)
    return Arrived(top.encode() + signed, resolver, sent=sent, **more)


def verdicts(mail: Arrived) -> dict[str, str]:
    return {title: one.verdict.value for title, one in judge(mail).findings.items()}


def test_a_mail_that_is_in_order_passes_everything(resolver: Resolver) -> None:
    found = verdicts(arrived(resolver))
    assert found.pop("Spam filter") == "unknown"
    assert set(found.values()) == {"pass"}
    assert judge(arrived(resolver)).dkim == "pass"


TOP = [
    ("SPF", "fail", "spf=pass", "spf=softfail"),
    ("SPF", "unknown", "spf=pass", "spf=temperror"),
    ("SPF", "warn", "b+1@mail.northlight.example;", "x@bounces.desk.test;"),
    ("SPF", "warn", "[203.0.113.25]", "[203.0.113.99]"),  # the receiver says pass, our own look fail
    ("DKIM", "warn", "dkim=pass", "dkim=fail"),  # it verifies here, and not there
    ("DMARC", "fail", "dmarc=pass", "dmarc=fail"),
    ("Encryption of the last hop", "fail", "with ESMTPS id 1 (version=TLS1_3 cipher=X)", "with ESMTP id 1"),
    ("Encryption of the last hop", "warn", "TLS1_3", "TLS1_0"),
    ("Encryption of the last hop", "unknown", RECEIVED, ""),
    ("Delay", "warn", "10:00:07", "10:20:00"),
    ("Delay", "fail", "10:00:07", "14:20:00"),
    ("Delay", "warn", "10:00:07", "09:20:00"),
    ("Envelope sender", "warn", "<b+1@mail.northlight.example>", "<x@relay.test>"),
    ("Envelope sender", "unknown", "Return-Path: <b+1@mail.northlight.example>\r\n", ""),
    ("Spam filter", "fail", "Return-Path", "X-Spam-Status: Yes, score=7.1\r\nReturn-Path"),
    ("Spam filter", "pass", "Return-Path", "X-Spam-Status: No, score=-0.1\r\nReturn-Path"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "verdict", "before", "after"), TOP)
def test_what_the_way_did_is_found(
    resolver: Resolver, title: str, verdict: str, before: str, after: str
) -> None:
    assert before in ON_TOP
    assert verdicts(arrived(resolver, top=ON_TOP.replace(before, after)))[title] == verdict


INSIDE = [
    ("DKIM", "fail", b"<p>Hello</p>", b"<p>Hello!</p>"),
    ("The text", "fail", b"<p>Hello</p>", b"<p>Hello</p>\r\n<p>Sent by a free service</p>"),
    ("The text", "fail", b"https://northlight.example/a", b"https://click.relay.test/x"),
    ("Message-ID", "warn", b"<1.a@mail.northlight.example>", b"<0100@relay.test>"),
    ("Message-ID", "fail", b"Message-ID: <1.a@mail.northlight.example>\r\n", b""),
    ("One-click unsubscribe", "fail", b"<https://desk", b"<http://desk"),
    ("One-click unsubscribe", "fail", b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "verdict", "before", "after"), INSIDE)
def test_what_was_changed_in_the_mail_is_found(
    resolver: Resolver, title: str, verdict: str, before: bytes, after: bytes
) -> None:
    assert verdicts(arrived(resolver, changes={before: after}))[title] == verdict


def test_a_text_that_was_encoded_anew_is_advice(resolver: Resolver) -> None:
    body = LEFT.partition(b"\r\n\r\n")[2]
    anew = b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(body).replace(b"\n", b"\r\n")
    found = verdicts(arrived(resolver, changes={b"\r\n\r\n" + body: anew}))
    assert (found["The text"], found["DKIM"]) == ("warn", "fail")


@pytest.mark.parametrize(
    ("change", "title", "verdict"),
    [
        ("- op1._domainkey.mail", "DKIM", "fail"),
        ("- _dmarc.mail", "DMARC", "fail"),
        ("- op1._domainkey.mail\nop1._domainkey.mail SERVFAIL", "DKIM", "unknown"),
        ("_dmarc.mail SERVFAIL\n- _dmarc.mail TXT", "DMARC", "unknown"),
    ],
)
def test_the_dns_is_asked_by_ourselves(zone: DnsServer, change: str, title: str, verdict: str) -> None:
    zone.fresh(zone_with(change))
    assert (
        verdicts(arrived(Resolver(zone.address, patience=(1.0,)), top=ON_TOP.replace("dmarc=", "x=")))[title]
        == verdict
    )


FORGED = RESULTS.replace("spf=pass", "spf=fail")


@pytest.mark.parametrize(
    "top",
    [
        ON_TOP.replace(RESULTS, "")
        + RECEIVED.replace("mx.receiver.test", "relay.test")
        + RESULTS,  # below an earlier hop
        ON_TOP.replace(
            RESULTS, RESULTS.replace("mx.receiver.test", "mx.someone.test")
        ),  # another server's name
        ON_TOP.replace(RESULTS, "")
        + "From: x@mail.northlight.example\r\n"
        + RESULTS,  # below what the sender wrote
        ON_TOP.replace(RESULTS, "Authentication-Results: x (mx.receiver.test; spf=pass); none\r\n"),
    ],
)
def test_results_that_the_receiver_did_not_write_are_not_believed(resolver: Resolver, top: str) -> None:
    mail = arrived(resolver, top=top)
    assert mail.trace.believed == ()
    assert mail.trace.border is not None
    assert verdicts(mail)["Whose word counts"] in ("warn", "unknown")
    assert verdicts(mail)["SPF"] == "pass", "by our own look, for the address that the receiver wrote down"


def test_a_forged_header_in_the_receivers_name_is_named(resolver: Resolver) -> None:
    mail = arrived(resolver, left=b"Authentication-Results: mx.receiver.test; dkim=fail\r\n" + LEFT)
    assert verdicts(mail)["Whose word counts"] == "warn"
    assert verdicts(mail)["DKIM"] == "pass"


def test_the_named_host_is_believed_and_no_other(resolver: Resolver) -> None:
    assert arrived(resolver, receiver="mx.receiver.test").trace.believed
    assert arrived(resolver, receiver="receiver.test").trace.believed
    assert arrived(resolver, receiver="elsewhere.test").trace.believed == ()


def test_of_a_pasted_text_the_header_alone_proves_the_signature(resolver: Resolver) -> None:
    whole = arrived(resolver).raw
    mail = Arrived(whole.partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n"), resolver, exact=False)
    found = judge(mail).findings
    assert found["DKIM"].verdict == "pass"
    assert "only the header" in found["DKIM"].words.lower()


def test_a_text_that_pasting_changed_is_no_failure(resolver: Resolver) -> None:
    raw = arrived(resolver, top=ON_TOP.replace(RESULTS, "")).raw.replace(b"Hello", b"Hell0")
    assert verdicts(Arrived(raw, resolver, exact=False))["DKIM"] == "unknown"


def test_gmails_order_of_headers_is_read(resolver: Resolver) -> None:
    top = (
        "Delivered-To: a@gmail.com\r\nReceived: by 2002:a05:7412:1:b0:1:2 with SMTP id x; Mon, 23 Nov 2026 10:00:09 +0000\r\n"
        + ON_TOP.replace("mx.receiver.test", "mx.google.com")
    )
    found = verdicts(arrived(resolver, top=top))
    assert found["Whose word counts"] == found["SPF"] == found["Encryption of the last hop"] == "pass"


@pytest.mark.parametrize("raw", ["", "hello", "Subject: x\n", "From: a@b\n"])
def test_what_is_no_mail_is_refused(resolver: Resolver, raw: str) -> None:
    with pytest.raises(Invalid):
        Arrived(raw.encode(), resolver)


@pytest.mark.parametrize(
    "value",
    [
        "(" * 50_000,
        '"' * 9_999 + "\\",
        "a;" * 30_000,
        "x; dkim=" + "pass " * 20_000,
        "\\(" * 20_000,
        "x; " + "a.b=c " * 20_000,
    ],
)
def test_hostile_headers_are_read_quickly(resolver: Resolver, value: str) -> None:
    assert len(authres.read(value).results) <= authres.MOST
    top = f"Received: from {value}\r\nAuthentication-Results: {value}\r\nReturn-Path: {value}\r\n"
    assert set(RULES) == set(judge(arrived(resolver, top=top)).findings)


def test_comments_and_quotes_say_nothing() -> None:
    said = authres.read(
        'mx.test 1; spf=fail (dkim=pass; (spf=pass) ok) smtp.mailfrom="a; dkim=pass"@x.test; dkim = none'
    )
    assert [(one.method, one.result) for one in said.results] == [("spf", "fail"), ("dkim", "none")]
    assert said.server == "mx.test"
    assert said.results[0].domain("smtp.mailfrom") == "x.test"
