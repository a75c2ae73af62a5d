"""Malformed and hostile bytes: each gets an answer from every rule, and in a time that does not explode."""

import time
from random import Random

import pytest

from tests.mail.check.letters import ANNOUNCEMENT, letter
from webapp.mail.check import check
from webapp.mail.check.checking import LAST_RESORT

LARGE = 300_000
HOSTILE = {
    "nothing": b"",
    "one byte": b"\xff",
    "no header": b"\r\n\r\nbody",
    "only colons": b":" * LARGE,
    "only field": b"X:" + b" y" * (LARGE // 2),
    "folded for ever": b"Subject: a" + b"\r\n b" * (LARGE // 4),
    "many fields": b"X: y\r\n" * (LARGE // 6),
    "half a coded word": b"Subject: " + b"=?utf-8?b?" * (LARGE // 10),
    "quotes in From": b'From: "' + b'\\"' * (LARGE // 2),
    "brackets in From": b"From: " + b"<a@b" * (LARGE // 4),
    "semicolons in a type": b'Content-Type: multipart/mixed; x="' + b";" * LARGE,
    "nested parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(5_000)
    ),
    "many parts": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 20_000,
    "open tags": letter("<p>" * 30_000),
    "closing tags": letter("<div>" * 30_000 + "</p>" * 30_000),
    "brackets": letter("<" * LARGE),
    "comments": letter("<!--" * (LARGE // 4)),
    "links": letter("<a href=x>" * 30_000),
    "one endless attribute": letter("<p " + "a=1 " * (LARGE // 4)),
    "styles": letter(f'<p style="{"a:b;" * (LARGE // 4)}">x</p>'),
    "rgb": letter(f'<p style="color:rgb({"1," * (LARGE // 2)}">x</p>'),
    "a host of dots": letter(f'<a href="https://a.example">{"a." * (LARGE // 4)}</a>'),
    "entities": letter("&#9999999999;" * (LARGE // 13)),
    "tokens": letter("[=" * (LARGE // 2)),
    "greetings": letter(text="hi " * (LARGE // 3)),
    "blanks": letter(text="hi" + " " * LARGE),
    "names of files": letter(
        files="--b\nContent-Disposition: attachment; " + "name=" * (LARGE // 5) + "\n\n"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_judged_in_time(name: str, caplog: pytest.LogCaptureFixture) -> None:
    start = time.process_time()
    found = check(HOSTILE[name], ANNOUNCEMENT)
    assert time.process_time() - start < 1.5, "the time grows faster than the mail"
    assert len(found) == 18
    assert LAST_RESORT not in {one.finding.words for one in found}, caplog.text


def test_a_damaged_mail_is_judged_whatever_byte_is_hit() -> None:
    random, sound = Random(5), letter()
    for _ in range(300):
        raw = bytearray(sound)
        for _ in range(random.randrange(1, 30)):
            raw[random.randrange(len(raw))] = random.choice(b'\x00\r\n\xff<>"=;:&[-')
        found = check(bytes(raw[: random.randrange(len(raw))]), ANNOUNCEMENT)
        assert LAST_RESORT not in {one.finding.words for one in found}
