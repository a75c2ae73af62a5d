"""The header that leaves: complete, in order, and readable by a parser that is not ours."""

from datetime import datetime

import pytest

from webapp.mail.compose import BadAddress, TokenProblems, compile_message, needs_smtputf8, wire_address

from .drafts import UNSUBSCRIBE, VALUES, WHEN, draft, parsed, read_mailbox, sent

COMMON = ["Date", "Message-ID", "From", "Reply-To", "To", "Subject"]
MIME = ["MIME-Version", "Content-Type"]


def test_an_announcement_has_exactly_the_fields_it_should_have() -> None:
    raw = sent({})
    assert parsed(raw).keys() == [*COMMON, "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", *MIME]
    assert b"\r\nList-Id: Northwind Partners <announcements.mail.network.example>\r\n" in raw


def test_operational_mail_says_that_a_machine_wrote_it_and_cannot_be_unsubscribed_from() -> None:
    message = parsed(sent({"kind": "operational"}))
    assert message.keys() == [*COMMON, "Auto-Submitted", *MIME]
    assert message["Auto-Submitted"] == "auto-generated"


def test_one_click_unsubscribe_stands_literally_on_one_line() -> None:
    long = "https://desk.example/u/" + "a1B2" * 60
    raw = compile_message(draft()).fill(
        "a@b.example", VALUES, message_id="1", unsubscribe_url=long, date=WHEN
    )
    assert f"\r\nList-Unsubscribe: <{long}>\r\n".encode() in raw
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


@pytest.mark.parametrize(
    "url", [None, "", "ftp://x", "https://x/>\r\nBcc: a@b", "https://x/ä", "https://x/a b"]
)
def test_an_announcement_without_a_sound_unsubscribe_link_is_not_made(url: str | None) -> None:
    with pytest.raises(ValueError, match="unsubscribe"):
        compile_message(draft()).fill("a@b.example", VALUES, message_id="1", unsubscribe_url=url, date=WHEN)


def test_the_same_row_gives_the_same_bytes_every_time() -> None:
    assert sent({}) == sent({})


def test_date_and_message_id_are_what_the_caller_says() -> None:
    message = parsed(sent({}))
    assert message["Date"].datetime == WHEN
    assert message["Message-ID"] == "<17.a1b2@mail.network.example>"


def test_a_complete_message_id_is_kept() -> None:
    raw = compile_message(draft()).fill(
        "a@b.example", {}, message_id="<x@y.example>", unsubscribe_url=UNSUBSCRIBE, date=WHEN
    )
    assert parsed(raw)["Message-ID"] == "<x@y.example>"


def test_a_message_id_or_a_date_that_would_break_the_header_is_refused() -> None:
    message = compile_message(draft())
    for bad in ("a b", "a@b@c", "a\r\nBcc: x@y", "", "ä"):
        with pytest.raises(ValueError):
            message.fill("a@b.example", {}, message_id=bad, unsubscribe_url=UNSUBSCRIBE, date=WHEN)
    with pytest.raises(ValueError, match="time zone"):
        message.fill(
            "a@b.example", {}, message_id="1", unsubscribe_url=UNSUBSCRIBE, date=datetime(2026, 1, 1)
        )


def test_the_recipient_is_named_when_his_name_is_known() -> None:
    to = parsed(sent({}))["To"]
    assert [(one.display_name, one.addr_spec) for one in to.addresses] == [
        ("Dana Whitfield", "dana@brightleads.example")
    ]
    assert parsed(sent({}, {}))["To"] == "dana@brightleads.example"


def test_a_sender_is_named_only_when_it_is_another_address() -> None:
    assert parsed(sent({"sender": "desk@network.example"}))["Sender"] == "desk@network.example"
    assert "Sender" not in parsed(sent({"sender": "news@mail.network.example"}))


def test_names_outside_ascii_survive() -> None:
    for name in (
        "Nörthwind",
        "日本アフィリエイト" * 6,
        'The "Best", Inc.',
        "a =?utf-8?q?b?= c",
        "x" * 100,
        "🦊" * 40,
        "a\\b",
    ):
        shown, address = read_mailbox(sent({"from_name": name}), "From")
        assert (shown, address) == (name, "news@mail.network.example")


def test_long_and_foreign_subjects_survive_on_short_lines() -> None:
    for subject in (
        "word " * 60,
        "Größe " * 40,
        "x" * 400,
        "🦊" * 90,
        "a =?utf-8?q?=0D=0ABcc:_x@y?= b",
        "е" * 200,
        "%s %d 100 %",
    ):
        raw = sent({"subject": subject})
        assert parsed(raw)["Subject"] == subject.strip()
        assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_header_lines_keep_within_78_columns_and_no_line_of_a_mail_passes_998() -> None:
    values = dict.fromkeys(VALUES, "ü" * 300)
    assert (
        max(map(len, sent({"html": "<p>[=Affiliate.LastName=]" + "x" * 3000}, values).split(b"\r\n"))) <= 78
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("from_address", "nobody"),
        ("from_address", ""),
        ("from_address", "a@b\r\nBcc: c@d.example"),
        ("from_address", "a b@c.example"),
        ("reply_to", "x@-.example"),
        ("sender", "<a@b.example>"),
        ("domain_for_message_ids", "no domain"),
        ("list_id", "a b"),
        ("from_name", "[=Affiliate.FirstName=]"),
        ("from_name", "news@other.example"),
        ("feedback_id", "a\r\nb"),
        ("postal_address", " "),
        ("subject", " "),
        ("subject", "[=Nobody=]"),
        ("subject", "[=Unsubscribe.Link=]"),
        ("subject", "x" * 501),
        ("preheader", "[=OfferName=]"),
        ("html", "  "),
    ],
)
def test_each_bad_part_of_a_draft_is_refused_under_its_own_name(field: str, value: str) -> None:
    with pytest.raises(TokenProblems) as refusal:
        compile_message(draft(**{field: value}))
    assert list(refusal.value.problems) == [field]
    assert "\r" not in str(refusal.value)


def test_a_domain_in_letters_of_any_script_is_written_in_ascii() -> None:
    assert wire_address("info@münchen.example") == "info@xn--mnchen-3ya.example"
    assert b"\r\nTo: info@xn--mnchen-3ya.example\r\n" in sent({}, {}, "info@münchen.example")


def test_a_local_part_outside_ascii_needs_a_server_that_takes_it() -> None:
    assert needs_smtputf8("дана@network.example")
    assert not needs_smtputf8("dana@münchen.example")
    assert "To: дана@network.example\r\n".encode() in sent({}, {}, "дана@network.example")
    assert compile_message(draft(from_address="дана@network.example")).needs_smtputf8
    assert not compile_message(draft()).needs_smtputf8


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "@b.example",
        "a@",
        "a@b@c.example",
        "a\r\n@b.example",
        "a@b.example\n",
        "a b@c.example",
        "a@b..example",
        ".a@b.example",
        "a.@b.example",
        "a..b@c.example",
        '"a b"@c.example',
        "a,b@c.example",
        "a@[127.0.0.1]",
        "x" * 65 + "@b.example",
        "a@" + "b." * 130,
        "a\0@b.example",
        "a@b.example,c@d.example",
        "a@b.example>",
        "ä\r\n@b.example",
        "ä\u2028@b.example",
        "a@\u2100.example",
    ],
)
def test_a_recipient_that_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        sent({}, {}, address)
