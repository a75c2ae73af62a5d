"""The envelope and the message as they go on the wire."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transports.contract import Stage
from transports.smtp.commands import Unfit, body, envelope
from transports.smtp.features import Features

ALL = Features(size=1_000_000, eight_bit=True, utf8=True)
NONE = Features()
PLAIN = b"Subject: x\r\n\r\nHello\r\n"


def said(
    sender: str, recipient: str, message: bytes = PLAIN, features: Features = ALL
) -> tuple[bytes, bytes]:
    found = envelope(sender, recipient, message, features)
    return found.mail, found.rcpt


def test_the_envelope_names_size_and_addresses() -> None:
    assert said("a@mail.example", "b@example.net") == (
        b"MAIL FROM:<a@mail.example> SIZE=%d\r\n" % len(PLAIN),
        b"RCPT TO:<b@example.net>\r\n",
    )
    assert said("", "b@example.net", features=NONE)[0] == b"MAIL FROM:<>\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", "a@b.example\n", "a\r@b.example", "a@b\x00.example",
        "<a@b.example>", "a@b.example> SIZE=1", "a", "@b.example", "a@", "a@b..example", "a@.b.example",
        '"a\r\nb"@c.example', "a@[127.0.0.1]]", "a\u2028@b.example", "a@b.example,c@d.example",
        "x" * 65 + "@b.example", "a@" + "b" * 300 + ".example", "a\ud800@b.example", "a(c)@b.example",
    ],
)  # fmt: skip
def test_an_address_that_could_smuggle_is_refused(address: str) -> None:
    with pytest.raises(Unfit) as refused:
        said("a@mail.example", address)
    assert (refused.value.stage, refused.value.code) == (Stage.RCPT, "5.1.3")
    with pytest.raises(Unfit) as refused:
        said(address, "b@example.net")
    assert (refused.value.stage, refused.value.code) == (Stage.MAIL, "5.1.7")


@pytest.mark.parametrize(
    "address",
    ['"a b"@c.example', "o'neil+tag=x@sub.c.example", "a@[192.0.2.1]", "a.b@xn--bcher-kva.example", "a@b"],
)
def test_an_unusual_but_right_address_is_taken(address: str) -> None:
    assert said("a@mail.example", address)[1] == b"RCPT TO:<%s>\r\n" % address.encode()


@given(st.text(max_size=40))
def test_no_address_ever_makes_a_second_command(address: str) -> None:
    try:
        line = said("a@mail.example", address)[1]
    except Unfit:
        return
    assert re.fullmatch(rb"RCPT TO:<[^<>\r\n\0]+>\r\n", line)


def test_a_name_in_other_letters_goes_as_its_ascii_form() -> None:
    assert (
        said("a@mail.example", "b@bücher.example", features=NONE)[1]
        == b"RCPT TO:<b@xn--bcher-kva.example>\r\n"
    )


def test_a_local_part_in_other_letters_needs_smtputf8() -> None:
    mail, rcpt = said("a@mail.example", "jörg@example.net")
    assert mail.endswith(b" SMTPUTF8\r\n")
    assert rcpt == "RCPT TO:<jörg@example.net>\r\n".encode()
    with pytest.raises(Unfit) as refused:
        said("a@mail.example", "jörg@example.net", features=NONE)
    assert (refused.value.stage, refused.value.code) == (Stage.RCPT, "5.6.7")


def test_eight_bit_text_is_announced_or_refused() -> None:
    message = "Subject: x\r\n\r\nGrüße\r\n".encode()
    assert b" BODY=8BITMIME" in said("a@mail.example", "b@example.net", message)[0]
    with pytest.raises(Unfit, match="8BITMIME"):
        said("a@mail.example", "b@example.net", message, NONE)


def test_raw_utf8_in_a_header_needs_smtputf8() -> None:
    message = "Subject: Grüße\r\n\r\nHello\r\n".encode()
    assert said("a@mail.example", "b@example.net", message)[0].endswith(b" BODY=8BITMIME SMTPUTF8\r\n")
    with pytest.raises(Unfit, match="SMTPUTF8"):
        said("a@mail.example", "b@example.net", message, Features(eight_bit=True))


def test_a_message_that_is_too_big_or_holds_a_nul_is_refused() -> None:
    with pytest.raises(Unfit, match="too big") as refused:
        said("a@mail.example", "b@example.net", b"x" * 3_000_000)
    assert refused.value.code == "5.3.4"
    with pytest.raises(Unfit, match="NUL"):
        said("a@mail.example", "b@example.net", b"x\0")


@pytest.mark.parametrize(
    ("message", "wire"),
    [
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
        (b".\r\n", b"..\r\n.\r\n"),
        (b"a\r\n.\r\nb\r\n", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\n.\nb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r.\rb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"a\r\n.\nMAIL FROM:<x>", b"a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n"),
    ],
)
def test_the_body_ends_once_and_only_at_its_end(message: bytes, wire: bytes) -> None:
    assert body(message) == wire


@given(st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n", b"MAIL FROM:<x>"]), max_size=30))
def test_no_message_ends_early(parts: list[bytes]) -> None:
    wire = body(b"".join(parts))
    assert wire.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in wire[:-2]
    assert not wire.startswith(b".\r\n")
    assert wire.count(b"\n") == wire.count(b"\r") == wire.count(b"\r\n")


def test_a_message_whose_maker_vouches_for_it_goes_out_as_it_is() -> None:
    assert body(b"Subject: x\r\n\r\nHi\r\n", ready=True) == b"Subject: x\r\n\r\nHi\r\n.\r\n"


def test_a_message_that_does_not_end_its_last_line_is_walked_through_all_the_same() -> None:
    assert body(b"Subject: x\r\n\r\n.\n", ready=True) == b"Subject: x\r\n\r\n..\r\n.\r\n"
