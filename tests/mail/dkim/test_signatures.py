"""Signatures that other people's programs accept, over any message, and refuse as soon as something was changed."""

import re
import shutil
import subprocess
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import message as sample
from tests.mail.dkim.rfc6376 import tags_of, verdicts
from tests.mail.dkim.signing import AT, DOMAIN, by_dkimpy, by_perl, dns, keys, signed
from webapp.mail.compose import compile_message
from webapp.mail.dkim.canonical import relaxed_body, relaxed_fields
from webapp.mail.dkim.signer import Signer

PASSED = {"op1": "pass", "op2": "pass"}
HEAD = b"From: Northwind <news@mail.network.example>\r\nTo: ada@x.example\r\nSubject: News\r\n"

_blanks = st.text(" \t", max_size=4)
_words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
_line = st.builds(
    lambda parts, end: "".join(parts) + end, st.lists(st.one_of(_words, _blanks), max_size=8), _blanks
)
_long = st.builds(lambda word, times: word * times, _words, st.integers(50, 200))
_bodies = st.lists(st.one_of(_line, _long, st.just(""), st.just("=C3=A9=20=\t")), max_size=12).map(
    lambda lines: "".join(f"{line}\r\n" for line in lines).encode()
)
_values = st.lists(_words, min_size=1, max_size=6).flatmap(
    lambda words: st.lists(
        st.sampled_from([" ", "  ", "\t", "\r\n ", "\r\n\t ", " \r\n  "]),
        min_size=len(words),
        max_size=len(words),
    ).map(lambda gaps: "".join(gap + word for gap, word in zip(gaps, words, strict=True)).lstrip("\r\n"))
)
_names = st.sampled_from(
    [
        "Subject",
        "Reply-To",
        "Sender",
        "List-Id",
        "List-Unsubscribe",
        "X-Other",
        "MIME-Version",
        "content-TYPE",
        "Cc",
    ]
)
_heads = st.lists(st.tuples(_names, _values, _blanks), max_size=8).map(
    lambda fields: "".join(f"{name}:{value}{end}\r\n" for name, value, end in fields).encode()
)


@settings(max_examples=60, deadline=None)
@given(_heads, _bodies)
def test_any_message_verifies_with_two_independent_verifiers(head: bytes, body: bytes) -> None:
    message = signed(HEAD + head + b"\r\n" + body)
    assert verdicts(message, dns()) == PASSED
    if body:  # dkimpy hashes an empty body as if it held a line break, whatever RFC 6376 §3.4.4 says
        assert by_dkimpy(message) == [True, True]


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"\r\n\r\n", b"   \r\n\t\r\n", b"text", b"text  \r\n\r\n \r\n"]
)
def test_bodies_that_are_nearly_nothing_verify(body: bytes) -> None:
    assert verdicts(signed(HEAD + b"\r\n" + body), dns()) == PASSED


def test_an_empty_body_has_the_hash_of_nothing() -> None:
    assert tags_of(signed(HEAD + b"\r\n"))[0]["bh"] == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_the_example_of_the_standard_takes_its_canonical_form() -> None:
    """RFC 6376 §3.4.5."""
    assert relaxed_fields(b"A: X\r\nB : Y\t\r\n\tZ  \r\n") == [(b"a", b"X"), (b"b", b"Y Z")]
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"


def _composed(number: int = 3) -> bytes:
    compiled = sample.compiled()
    url = sample.unsubscribe_url(number)
    date = message_from_bytes(sample.ready(), policy=SMTP)["Date"].datetime
    return compiled.fill(
        sample.address(number), sample.person(number), message_id="3.ab", unsubscribe_url=url, date=date
    )


def test_our_own_messages_verify_for_every_recipient() -> None:
    for number in range(20):
        message = signed(_composed(number))
        assert verdicts(message, dns()) == PASSED
        assert by_dkimpy(message) == [True, True]


def test_an_indented_message_is_signed_over_what_the_composer_says_is_hashed() -> None:
    html = (
        "<html><body>\n    <p>\t  Two  blanks   [=Affiliate.CompanyName=]</p>\n"
        + "  x" * 200
        + "</body></html>"
    )
    compiled = compile_message(replace(sample.DRAFT, html=html))
    for company in ("Plain", "Two  blanks and é", "   ", "x  " * 60):
        values = {**sample.person(1), "affiliate.companyname": company}
        message, canonical = compiled.fill_to_sign(
            sample.address(1),
            values,
            message_id="3.ab",
            unsubscribe_url=sample.unsubscribe_url(1),
            date=message_from_bytes(sample.ready(), policy=SMTP)["Date"].datetime,
        )
        done = Signer(DOMAIN, keys()).sign(message, at=AT, canonical=canonical)
        assert verdicts(done, dns()) == PASSED
        assert by_dkimpy(done) == [True, True]


def test_what_mail_programs_act_upon_is_signed() -> None:
    names = tags_of(signed(_composed()))[0]["h"].split(":")
    assert {"from", "to", "reply-to", "subject", "list-id", "mime-version", "content-type"} <= set(names)
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(names)


def test_from_and_subject_are_named_once_more_than_they_occur() -> None:
    for tags in tags_of(signed(_composed())):
        names = tags["h"].split(":")
        assert names.count("from") == names.count("subject") == 2
        assert "l" not in tags


def test_what_some_services_write_anew_is_not_signed() -> None:
    message = signed(_composed())
    changed = re.sub(rb"\r\nDate: [^\r]*", b"\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000", message)
    changed = re.sub(
        rb"\r\nMessage-ID: [^\r]*", b"\r\nMessage-ID: <0107@eu-central-1.amazonses.com>", changed
    )
    assert changed.count(b"0107@") == 1
    assert verdicts(changed, dns()) == PASSED


@pytest.mark.parametrize("field", ["From: Eve <eve@evil.example>", "Subject: Win"])
@pytest.mark.parametrize("top", [True, False])
def test_a_second_from_or_subject_breaks_the_signature(field: str, top: bool) -> None:
    head, _, body = signed(_composed()).partition(b"\r\n\r\n")
    line = field.encode()
    changed = line + b"\r\n" + head if top else head + b"\r\n" + line
    message = changed + b"\r\n\r\n" + body
    assert set(verdicts(message, dns()).values()) == {"the signature does not fit"}
    assert by_dkimpy(message) == [False, False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"List-Unsubscribe: <https://desk", b"List-Unsubscribe: <https://evil"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"),
        (b"news@mail.network.example>", b"news@mail.netw0rk.example>"),
        (b"landing page", b"landing pages"),
    ],
)
def test_a_changed_byte_breaks_the_signature(old: bytes, new: bytes) -> None:
    message = signed(_composed()).replace(old, new, 1)
    assert "pass" not in verdicts(message, dns()).values()
    assert by_dkimpy(message) == [False, False]


def test_what_relays_may_do_does_not_break_the_signature() -> None:
    message = signed(_composed()).replace(b"MIME-Version: 1.0", b"MIME-Version:   1.0 ") + b"\r\n\r\n"
    message = b"Received: from a by b\r\n" + message
    assert verdicts(message, dns()) == PASSED


def test_one_key_makes_one_signature() -> None:
    message = Signer(DOMAIN, keys()[:1]).sign(_composed(), at=AT)
    assert verdicts(message, dns()) == {"op1": "pass"}


def test_the_signature_every_receiver_knows_stands_first() -> None:
    message = Signer(DOMAIN, tuple(reversed(keys()))).sign(_composed(), at=AT)
    assert [tags["a"] for tags in tags_of(message)] == ["rsa-sha256", "ed25519-sha256"]
    assert [tags["t"] for tags in tags_of(message)] == [str(AT), str(AT)]


def test_no_line_of_a_signature_is_longer_than_78_characters() -> None:
    message = signed(_composed())
    signatures = message[: message.index(b"Date: ")]
    assert max(map(len, signatures.split(b"\r\n"))) <= 78


def _has_perl() -> bool:
    perl = shutil.which("perl")
    return bool(perl) and subprocess.run([perl, "-MMail::DKIM", "-e1"], capture_output=True).returncode == 0


@pytest.mark.skipif(not _has_perl(), reason="Mail::DKIM for Perl is not installed")
@pytest.mark.parametrize("body", [None, b"", b"text  \r\n\t\r\n \r\n", b"a  b\t c" * 300])
def test_mail_dkim_for_perl_accepts_the_rsa_signature(body: bytes | None) -> None:
    message = signed(_composed() if body is None else HEAD + b"\r\n" + body)
    assert "op1=pass" in by_perl(message)
    assert "op1=fail" in by_perl(message.replace(b"Subject: ", b"Subject: Re: "))
