"""What a returned mail says: whom it is about, and how bad that is."""

import time

import pytest

from tests.feedback.returned import FREE, failed, fields, plain, report
from webapp.feedback.mailboxes import mails_of
from webapp.feedback.returned import Kind, Reading, read


def told(reading: Reading) -> list[tuple[str, str, str]]:
    return [(who.address, who.severity.value, who.status) for who in reading.recipients]


@pytest.mark.parametrize("raw, address, severity", [row[1:] for row in FREE], ids=[row[0] for row in FREE])
def test_a_bounce_in_free_words_names_the_address_and_how_bad_it_is(
    raw: bytes, address: str, severity: str
) -> None:
    reading = read(raw)
    assert (reading.kind, [(one.address, one.severity.value) for one in reading.recipients]) == (
        "bounce",
        [(address, severity)],
    )


@pytest.mark.parametrize(
    "status, words, severity",
    [
        ("5.1.1", "550 5.1.1 user unknown", "hard"),
        ("5.0.0", "550 no such user here", "hard"),
        ("5.1.2", "unknown host", "hard"),
        ("5.4.4", "Host or domain name not found. Name service error for name=a.example", "hard"),
        ("5.1.1", "550 5.1.1 mailbox over quota", "soft"),
        ("5.2.2", "mailbox full", "soft"),
        ("5.7.1", "550 5.7.1 message looks like spam", "soft"),
        ("4.1.1", "450 4.1.1 user unknown, greylisted", "soft"),
        ("5.2.1", "550 5.2.1 The account is disabled", "soft"),
        ("5.0.0", "552 message size exceeds the limit", "soft"),
        ("5.0.0", "550 Sender address rejected: domain not found", "soft"),
        ("5.0.0", "", "unknown"),
    ],
)
def test_the_code_is_asked_first_then_the_words(status: str, words: str, severity: str) -> None:
    reading = read(report(fields(failed("dana@a.example.com", status, words))))
    assert [one.severity.value for one in reading.recipients] == [severity]


def test_a_report_on_several_recipients_tells_each_of_them() -> None:
    lines = fields(
        failed("dana@a.example.com", "5.1.1", "550 5.1.1 unknown"),
        failed("eve@a.example.com", "4.4.1", "time out", action="delayed"),
        failed("fred@a.example.com", "2.0.0", "250 ok", action="delivered"),
    )
    assert told(read(report(lines))) == [
        ("dana@a.example.com", "hard", "5.1.1"),
        ("eve@a.example.com", "soft", "4.4.1"),
    ]


def test_a_receipt_is_no_bounce() -> None:
    assert (
        read(report(fields(failed("dana@a.example.com", "2.0.0", "250 ok", action="relayed")))).kind
        is Kind.OTHER
    )


def test_the_address_that_was_written_to_is_named_when_an_alias_forwards() -> None:
    lines = (
        "Original-Recipient: rfc822;dana@a.example.com\n"
        + failed("d@inner.example.com", "5.1.1", "unknown").lstrip()
    )
    assert told(read(report(fields("\n" + lines)))) == [("dana@a.example.com", "hard", "5.1.1")]


def test_a_report_is_found_in_plain_text_too() -> None:
    raw = plain("The report:\n" + failed("dana@a.example.com", "5.1.1", "550 5.1.1 unknown"))
    assert told(read(raw)) == [("dana@a.example.com", "hard", "5.1.1")]


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_line_ends_do_not_matter(ends: bytes) -> None:
    raw = report(fields(failed("dana@a.example.com", "5.1.1", "550 5.1.1 unknown"))).replace(b"\n", ends)
    assert told(read(raw)) == [("dana@a.example.com", "hard", "5.1.1")]


def test_an_encoded_report_is_read() -> None:
    from base64 import b64encode

    hidden = b64encode(fields(failed("dana@a.example.com", "5.1.1", "gone")).encode()).decode()
    raw = report(hidden, encoding="\nContent-Transfer-Encoding: base64")
    assert told(read(raw)) == [("dana@a.example.com", "hard", "5.1.1")]


COMPLAINT = b"""From: fbl@provider.example.net
To: complaints@example.com
Subject: FW: News
Content-Type: multipart/report; report-type=feedback-report; boundary=x

--x
Content-Type: text/plain

This is an abuse report.

--x
Content-Type: message/feedback-report

Feedback-Type: %s
User-Agent: Somebody/1.0
Original-Rcpt-To: <dana@a.example.com>

--x
Content-Type: message/rfc822

From: me@example.com
To: dana@a.example.com
Message-ID: <7.0123456789abcdef@example.com>

Hello
--x--
"""


def test_a_complaint_names_who_complained_and_the_mail() -> None:
    reading = read(COMPLAINT % b"abuse")
    assert (reading.kind, told(reading)) == ("complaint", [("dana@a.example.com", "unknown", "")])
    assert "<7.0123456789abcdef@example.com>" in reading.message_ids


def test_a_report_that_says_no_spam_is_no_complaint() -> None:
    assert read(COMPLAINT % b"not-spam").kind is not Kind.COMPLAINT


@pytest.mark.parametrize(
    "headers, subject",
    [
        ("Auto-Submitted: auto-replied\n", "Re: News"),
        ("X-Autoreply: yes\n", "Re: News"),
        ("Precedence: auto_reply\n", "Re: News"),
        ("", "Out of office: News"),
        ("", "Abwesenheitsnotiz: News"),
        ("", "Réponse automatique : News"),
        ("", "=?utf-8?b?0JDQstGC0L7QvtGC0LLQtdGC?="),
    ],
)
def test_an_answering_machine_is_no_bounce(headers: str, subject: str) -> None:
    raw = plain(
        "I am away until Monday. My old address dana@old.example.com does not exist.\n",
        sender="Dana <dana@a.example.com>",
        subject=subject,
        headers=headers,
    )
    assert read(raw).kind is Kind.AUTO_REPLY


def test_an_answer_of_a_person_is_none_of_these() -> None:
    raw = plain(
        "Thanks! Write to eve@a.example.com, the user unknown to me is gone.\n",
        sender="Dana <dana@a.example.com>",
        subject="Re: News",
    )
    assert read(raw).kind is Kind.OTHER


HOSTILE = {
    "nested": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000)
    ),
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50_000,
    "enclosed in itself": b"Content-Type: message/rfc822\n\n" * 20_000,
    "one long header": b"X: " + b"a" * 900_000,
    "addresses": b"\n" + b"a@b.cc " * 100_000,
    "recipients": b"\n" + b"Final-Recipient: rfc822; a@b.cc\n" * 30_000,
    "marks": b"Content-Type: text/html\n\n" + b"<" * 900_000,
    "words": b"\n" + b"the user is not " * 60_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a" * 80_000 + b"\n\n",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_takes_no_time_to_speak_of(body: bytes) -> None:
    started = time.process_time()
    read(b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n" + body)
    assert time.process_time() - started < 2.5


def test_a_mailbox_file_is_split_into_its_mails() -> None:
    box = b"From a@x Thu Jan  1 00:00:00 2026\nSubject: 1\n\nFrom here on\n\nFrom b@x Thu Jan  1 00:00:00 2026\nSubject: 2\n\nx\n"
    assert [one.split(b"\n")[0] for one in mails_of(box)] == [b"Subject: 1", b"Subject: 2"]
