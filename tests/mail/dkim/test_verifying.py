"""Our verifier beside dkimpy's: the same verdicts, and what exactly was changed on the way."""

from base64 import b64decode
from itertools import product

import dkim
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from tests.mail.dkim.signing import DOMAIN, by_dkimpy, dns, keys, signed
from webapp.mail.dkim.verifier import Verified, verify

MAIL = (
    b"From: Northlight <partners@mail.network.example>\r\nTo: a@b.example\r\n"
    b"Subject: New  terms\r\n for you\r\nMessage-ID: <1.a@mail.network.example>\r\n\r\n"
    b"Hello,  \r\n\r\n\tnew terms.\r\n\r\n\r\n"
)
FORMS = list(product((b"simple", b"relaxed"), repeat=2))


def asked(name: str) -> list[str]:
    return [dns()[name]] if name in dns() else []


def results(message: bytes, **more: bool) -> list[tuple[str, str]]:
    return [(one.result, one.changed) for one in verify(message, asked, **more)]


def foreign(header: bytes, body: bytes) -> bytes:
    """Signed by dkimpy in these canonical forms."""
    key = dict(keys())["op1"]
    loaded = load_der_private_key(b64decode(key.text), None)
    pem = loaded.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return bytes(dkim.sign(MAIL, b"op1", DOMAIN.encode(), pem, canonicalize=(header, body))) + MAIL


def test_our_own_signatures_verify_rsa_and_ed25519() -> None:
    assert results(signed(MAIL)) == [("pass", ""), ("pass", "")]


@pytest.mark.parametrize(("header", "body"), FORMS)
def test_signatures_of_others_verify_in_every_canonical_form(header: bytes, body: bytes) -> None:
    message = foreign(header, body)
    assert results(message) == [("pass", "")]
    for changed in (
        message.replace(b"Hello,  \r\n", b"Hello, \r\n"),
        message.replace(b"New  terms", b"New terms"),
        message + b"\r\n\r\n",
        message + b"--\r\nfooter\r\n",
        message.replace(b"Subject:", b"SUBJECT:"),
    ):
        assert [result == "pass" for result, _ in results(changed)] == by_dkimpy(changed)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (b"new terms.", b"new terms!", "body"),
        (b"Subject: New", b"Subject: Old", "header"),
        (b"From: Northlight", b"From: Somebody", "header"),
        (b"To: a@", b"Subject: another\r\nTo: a@", "header"),
    ],
)
def test_a_change_is_named_by_its_place(before: bytes, after: bytes, changed: str) -> None:
    message = signed(MAIL)
    assert before in message
    assert set(results(message.replace(before, after))) == {("fail", changed)}


def test_without_the_body_only_the_header_is_judged() -> None:
    message = signed(MAIL)
    assert results(message.partition(b"\r\n\r\n")[0], whole=False) == [("pass", ""), ("pass", "")]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([], "There is no key"),
        (["v=DKIM1; p="], "revoked"),
        (["x"], "no DKIM key"),
        (["v=DKIM1; p=AAAA"], "can’t be read"),
        (["v=DKIM1; k=ed25519; p=AAAA"], "not for rsa"),
        (["v=DKIM1; h=sha1; p=AAAA"], "does not allow"),
        (["v=DKIM1; p=a", "v=DKIM1; p=b"], "2 records"),
    ],
)
def test_a_key_that_receivers_cannot_use_is_called_by_its_fault(record: list[str], reason: str) -> None:
    first = verify(foreign(b"relaxed", b"relaxed"), lambda _: record)[0]
    assert first.result == "permerror"
    assert reason in first.reason


def test_a_name_server_that_is_silent_is_no_failure() -> None:
    def silent(_: str) -> list[str]:
        raise LookupError("time-out")

    assert {one.result for one in verify(signed(MAIL), silent)} == {"temperror"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"v=1;", b"v=2;"),
        (b"a=rsa-sha256", b"a=rsa-sha1"),
        (b"h=from:", b"h=x-from:"),
        (b" d=mail.network.example;", b" d=mail.network.example; i=@else.example;"),
        (b"c=relaxed/relaxed;", b"c=relaxed/relaxed; c=simple;"),
        (b"t=1790000000;", b"t=1; x=2;"),
    ],
)
def test_a_damaged_signature_counts_for_nothing(before: bytes, after: bytes) -> None:
    message = signed(MAIL)
    assert before in message
    assert verify(message.replace(before, after, 1), asked)[0].result in ("permerror", "fail")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n\r\n", b"DKIM-Signature:\r\n\r\n", b"DKIM-Signature: v=1;;;=;\r\n" * 5000, b"\r\n" * 400_000 + b"x",
     b"DKIM-Signature: v=1; a=rsa-sha256; b=" + b"=;" * 100_000 + b"\r\nFrom: x\r\n\r\n", b"a" * 900_000],
)  # fmt: skip
def test_hostile_bytes_end_soon_and_raise_nothing(raw: bytes) -> None:
    assert all(isinstance(one, Verified) and one.result != "pass" for one in verify(raw, asked))
