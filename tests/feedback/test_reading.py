"""What a returned mail says: whom it is about, and how bad that is."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.feedback.returned import FREE, TO, failed, fields, plain, report
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
        ("5.1.1", "550 5.1.1 unknown user, or its mailbox is full", "soft"),
        ("5.0.0", "5.1.0 - unknown address error 550-'5.2.2 mailbox full'", "soft"),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "hard"),
        ("5.1.8", "550 5.1.8 domain of the sender does not exist", "soft"),
        ("5.4.4", "host not found, please try again", "soft"),
        ("5.5.0", "550 mailbox unavailable", "hard"),
        ("5.0.0", "host mx.spam-filter.example.com said: 550 spam.trap@example.com: no such user", "hard"),
        ("5.0.0", "552 the account does not have enough space", "soft"),
        ("5.0.0", "554 message looping", "soft"),
        (
            "5.0.0",
            "It was turned down by the server for the recipient domain. It said: 554 Message rejected",
            "soft",
        ),
        ("5.0.0", "5.1.0 - Unknown address error 554-'5.7.1 Message rejected'", "soft"),
        ("5.0.0", "5.1.0 - Unknown address error 550-'no such user'", "hard"),
        ("5.0.0", "550 mailbox unavailable. Sender address is not allowed", "soft"),
        ("5.0.0", "550 this server does not accept mail from your network", "soft"),
        ("5.0.0", "550 the domain does not accept mail", "hard"),
        ("5.0.0", "Sorry, I could not find any host by that name. (#4.1.2)", "soft"),
        ("5.0.0", "Sorry, I was not able to find a mail exchanger for it. (#5.4.4)", "hard"),
    ],
)
def test_the_code_is_asked_first_then_the_words(status: str, words: str, severity: str) -> None:
    reading = read(report(fields(failed("dana@a.example.com", status, words))))
    assert [one.severity.value for one in reading.recipients] == [severity]


@pytest.mark.parametrize(
    "words, severity",
    [
        ("Das Postfach des Empfängers ist voll.", "soft"),
        ("Diese Adresse existiert nicht.", "hard"),
        ("La boîte aux lettres du destinataire est pleine.", "soft"),
        ("L'adresse indiquée n'existe pas.", "hard"),
        ("Destinatario desconocido en este servidor", "hard"),
        ("Destinatario desconocido, o su buzón está lleno", "soft"),
        ("A caixa postal do destinatário está cheia", "soft"),
        ("La casella di posta è piena", "soft"),
        ("Почтовый ящик получателя переполнен", "soft"),
        ("Такой пользователь не найден", "hard"),
        ("宛先のメールボックスが一杯です", "soft"),
        ("アドレスが見つかりませんでした", "hard"),
        ("收件人邮箱已满", "soft"),
        ("用户不存在", "hard"),
        ("받는 사람이 존재하지 않습니다", "hard"),
    ],
)
def test_servers_speak_many_languages(words: str, severity: str) -> None:
    reading = read(report(fields(failed("dana@a.example.com", "5.0.0", words))))
    assert [one.severity.value for one in reading.recipients] == [severity]


def test_japanese_in_seven_bits_is_read_although_nobody_declares_it() -> None:
    raw = plain("宛先のメールボックスが一杯です。\n\n<dana@a.example.com>\n")
    assert told(read(raw.decode().encode("iso-2022-jp"))) == [("dana@a.example.com", "soft", "")]


def test_a_code_that_says_little_yields_to_the_words_around_the_report() -> None:
    raw = report(
        fields(failed("dana@a.example.com", "5.5.0", "").replace("Diagnostic-Code: smtp; \n", "")),
        text="<dana@a.example.com>\nlocal delivery: unknown user: dana",
    )
    assert told(read(raw)) == [("dana@a.example.com", "hard", "5.5.0")]


@pytest.mark.parametrize("action", ["expired", "undeliverable", ""])
def test_whatever_did_not_arrive_has_failed(action: str) -> None:
    raw = report(fields(failed("dana@a.example.com", "", "Connection timed out", action=action)))
    assert told(read(raw)) == [("dana@a.example.com", "soft", "")]


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


@pytest.mark.parametrize(
    "before, after",
    [
        (b'; boundary="=_x"', b';\nboundary="=_x"'),
        (b'boundary="=_x"', b'boundary="=_other"'),
        (b"multipart/report", b"multipart/mixed"),
    ],
    ids=["a parameter that is not set in", "another boundary than announced", "another type"],
)
def test_a_damaged_report_is_read(before: bytes, after: bytes) -> None:
    raw = report(fields(failed("dana@a.example.com", "5.1.1", "550 5.1.1 unknown"))).replace(before, after)
    assert told(read(raw)) == [("dana@a.example.com", "hard", "5.1.1")]


def test_who_writes_to_himself_is_named_by_the_bounce() -> None:
    raw = plain(f"I was not able to deliver your message.\n\n<{TO}>:\n552 disk quota exceeded\n")
    assert told(read(raw)) == [(TO, "soft", "552")]


def test_an_alias_is_named_beside_where_it_leads_to() -> None:
    raw = plain("<d@inner.example.com>\n    (expanded from: <dana@a.example.com>)\n550 user unknown\n")
    assert [one.address for one in read(raw).recipients] == ["d@inner.example.com", "dana@a.example.com"]


def test_an_address_in_a_piece_of_advice_is_not_who_failed() -> None:
    raw = plain(
        "Delivery to the following recipient failed:\n\n     dana@a.example.com\n\n"
        "550 5.7.1 blocked. To be let in, write to desk@filter.example.com with your name.\n"
    )
    assert told(read(raw)) == [("dana@a.example.com", "soft", "5.7.1")]


def test_one_reason_behind_a_list_goes_for_all_of_it_unless_it_would_bar() -> None:
    body = "Not delivered:\n\n<dana@a.example.com>\n<eve@a.example.com>\n{}\n"
    assert [one[1] for one in told(read(plain(body.format("mailbox full"))))] == ["soft", "soft"]
    assert [one[1] for one in told(read(plain(body.format("no such user"))))] == ["unknown", "hard"]


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


@pytest.mark.parametrize("kind", [b"not-spam", b"auth-failure"])
def test_a_feedback_report_of_another_kind_is_neither_complaint_nor_bounce(kind: bytes) -> None:
    assert read(COMPLAINT % kind).kind is Kind.OTHER


def test_the_comment_behind_a_code_speaks_where_no_diagnosis_does() -> None:
    lines = "Final-Recipient: rfc822; dana@a.example.com\nAction: failed\nStatus: 5.4.4 (Illegal domain name found)\n"
    assert told(read(report(fields("\n" + lines)))) == [("dana@a.example.com", "hard", "5.4.4")]


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


@pytest.mark.parametrize(
    "headers, body",
    [
        ("Return-Path: <>\n", "Thank you for writing. I answer as soon as I can.\n"),
        ("", "Your message is being held. Please click on this link to prove that you are a person.\n"),
    ],
    ids=["a machine that wants no answer", "a challenge"],
)
def test_a_machine_gives_itself_away(headers: str, body: str) -> None:
    raw = plain(body, sender="Dana <dana@a.example.com>", subject="Re: News", headers=headers)
    assert read(raw).kind is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "subject, kind", [(b"Read: News", "auto_reply"), (b"Automatically rejected mail", "bounce")]
)
def test_a_receipt_of_a_reader_is_no_bounce_unless_it_refuses(subject: bytes, kind: str) -> None:
    raw = report("Final-Recipient: rfc822; dana@a.example.com\nDisposition: automatic-action; deleted")
    raw = raw.replace(b"message/delivery-status", b"message/disposition-notification")
    assert read(raw.replace(b"Undelivered Mail Returned to Sender", subject)).kind == kind


def test_a_person_who_quotes_our_own_mail_is_no_machine() -> None:
    raw = plain(
        "Gladly!\n\n> Please click on this link to prove that you are a person.\n",
        sender="Dana <dana@a.example.com>",
        subject="Re: News",
    )
    assert read(raw).kind is Kind.OTHER


def test_a_complaint_may_be_the_mail_itself_with_the_providers_mark() -> None:
    raw = plain("News\n", sender="me@example.com", headers="X-HmXmrOriginalRecipient: dana@a.example.com\n")
    reading = read(raw)
    assert (reading.kind, told(reading)) == ("complaint", [("dana@a.example.com", "unknown", "")])


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


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    raw=st.sampled_from(
        [row[1] for row in FREE] + [report(fields(failed("a@b.cc", "5.1.1", "no"))), COMPLAINT]
    ),
    cut=st.floats(0, 1),
    inserted=st.one_of(
        st.binary(max_size=40), st.sampled_from([b"\n\n", b"--=_x\n", b"=?utf-8?b?", b"@" * 99])
    ),
    keep=st.booleans(),
)
def test_no_damage_makes_it_raise(raw: bytes, cut: float, inserted: bytes, keep: bool) -> None:
    place = int(cut * len(raw))
    read(raw[:place] + inserted + (raw[place:] if keep else b""))


def test_a_mailbox_file_is_split_into_its_mails() -> None:
    box = b"From a@x Thu Jan  1 00:00:00 2026\nSubject: 1\n\nFrom here on\n\nFrom b@x Thu Jan  1 00:00:00 2026\nSubject: 2\n\nx\n"
    assert [one.split(b"\n")[0] for one in mails_of(box)] == [b"Subject: 1", b"Subject: 2"]
