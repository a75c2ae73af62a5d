"""The parser of replies and the reader of EHLO, without any socket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports.smtp.features import features_of
from transports.smtp.replies import BadReply, Reply, ReplyParser


def parsed(data: bytes) -> list[Reply]:
    return list(ReplyParser().feed(data))


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"250 Ok\r\n", Reply(250, ("Ok",))),
        (b"250\r\n", Reply(250, ("",))),
        (b"250 Ok\n", Reply(250, ("Ok",))),
        (b"250-one\r\n250-\r\n250 three\r\n", Reply(250, ("one", "", "three"))),
        (b"571 Odd but seen\r\n", Reply(571, ("Odd but seen",))),
        (b"550 \xff\xfe\r\n", Reply(550, ("��",))),
    ],
)
def test_a_reply_is_read(data: bytes, reply: Reply) -> None:
    assert parsed(data) == [reply]


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n", b"25 Ok\r\n", b"2500 Ok\r\n", b"150 Ok\r\n", b"600 Ok\r\n", b"-50 Ok\r\n", b"250Ok\r\n", b"\r\n",
        b" 250 Ok\r\n", b"250-a\r\n350 b\r\n", b"\xb2\xb5\xb0 Ok\r\n", b"250-a\r\n\r\n", b"2" * 3000,
        b"250 " + b"x" * 3000 + b"\r\n", b"250-x\r\n" * 300, (b"250-" + b"x" * 1000 + b"\r\n") * 70,
    ],
)  # fmt: skip
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(BadReply):
        parsed(data)


@given(st.data())
def test_it_does_not_matter_how_the_bytes_are_cut(data: st.DataObject) -> None:
    whole = b"250-one\r\n250 two\r\n354 go\r\n550 5.1.1 no\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    parser, found = ReplyParser(), []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        found += parser.feed(whole[start:end])
    assert found == parsed(whole)
    assert not parser.mid_reply


@given(st.binary(max_size=400))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    try:
        parsed(data)
    except BadReply:
        pass


@pytest.mark.parametrize(
    ("text", "enhanced"),
    [
        ("5.1.1 No such user", "5.1.1"),
        ("No 5.1.1 here", ""),
        ("4.1.1 does not fit", ""),
        ("5.1.1.1 is none", ""),
        ("", ""),
    ],
)
def test_the_enhanced_code_must_fit_the_basic_one(text: str, enhanced: str) -> None:
    assert Reply(550, (text,)).enhanced == enhanced
    assert Reply(550, (text,)).codes == f"550 {enhanced}".strip()


def test_the_words_are_printable_and_short() -> None:
    words = Reply(550, ("\x1b[31mred\x00 " + "x" * 900,)).words
    assert words.isprintable()
    assert len(words) <= 500


def test_what_a_server_offers_is_read() -> None:
    lines = (
        "test.example",
        "PIPELINING",
        "size 1000",
        "AUTH PLAIN login",
        "AUTH=XOAUTH2",
        "StartTLS",
        "8BITMIME",
    )
    found = features_of(Reply(250, (*lines, "SMTPUTF8", "CHUNKING", "X-UNKNOWN 7")))
    assert found.auth == {"PLAIN", "LOGIN", "XOAUTH2"}
    assert found.size == 1000
    assert found.pipelining
    assert found.starttls
    assert found.eight_bit
    assert found.utf8
    assert found.chunking


@pytest.mark.parametrize("size", ["", "x", "-5", "9" * 30, "²"])
def test_an_odd_size_means_no_limit(size: str) -> None:
    assert features_of(Reply(250, ("x", f"SIZE {size}"))).size == 0
