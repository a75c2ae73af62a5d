"""M04: what may go over the line (RFC 5321 §2.3.8 and §4.5.3.1.6, RFC 5322 §2.1.1; smuggling: VU#302671)."""

import re
from collections.abc import Iterator

from webapp.mail.check.circumstances import Circumstances
from webapp.mail.check.finding import Evidence, Finding, fails, seen, warns
from webapp.mail.check.mail import Mail
from webapp.mail.check.table import rule

LINE = 998
HEADER = 32 * 1024
_ALONE = re.compile(rb"(?<!\r)\n|\r(?!\n)|\0")
_HIGH = re.compile(rb"[\x80-\xff]")
_NAMES = {
    b"\n": "A line ends with LF alone",
    b"\r": "A line ends with CR alone",
    b"\0": "There is a NUL character",
}
_OURS = "Servers refuse it or take it for two mails. Do not send it; tell the operator."


@rule("M04", "On the wire", "Lines end with CRLF, none is too long.", must="Mail servers would refuse it.")
def wire(mail: Mail, about: Circumstances) -> Iterator[Finding]:
    if odd := _ALONE.search(mail.raw):
        yield fails(f"{_NAMES[odd.group()]}.", _OURS, _place(mail.raw, odd.start()))
    start = 0
    for line in mail.raw.split(b"\n"):
        if len(line.rstrip(b"\r")) > LINE:
            words = f"A line has {len(line):,} bytes; {LINE} is the most."
            yield fails(words, _OURS, _place(mail.raw, start))
            break
        start += len(line) + 1
    if len(mail.head) > HEADER:
        yield fails(f"The header has {len(mail.head):,} bytes; {HEADER:,} is the most.", "Shorten it.")
    if (high := _HIGH.search(mail.raw)) and not about.eight_bit:
        words = "There are bytes above 127, which not every server takes."
        yield warns(words, "Encode them as quoted-printable.", _place(mail.raw, high.start()))
    if about.largest and len(mail.raw) > about.largest:
        words = f"The mail has {len(mail.raw):,} bytes; the mail server takes {about.largest:,}."
        yield fails(words, "Shorten it.")


def _place(raw: bytes, position: int) -> Evidence:
    start = raw.rfind(b"\n", 0, position) + 1
    line = raw.count(b"\n", 0, position) + 1
    return seen("mail", line, raw[start : start + 200].decode("latin-1"))
