"""Reads one returned mail: what kind it is, whom it is about, and how bad that is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape

from webapp.feedback.returned import addresses, automatic, complaint, freeform, report, verdict, wording
from webapp.feedback.returned.reading import Kind, Reading, Recipient, Severity
from webapp.mail.mime import FIELD, Headers, Part, decoded, fields, take_apart

ENVELOPE = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "original-recipient",
    "to",
    "cc",
    "received",
)
NAMES = ("message-id", "x-original-message-id", "original-message-id")
NEAR = 3  # places at which an address is looked at
WORDS = 500  # characters of a server's words that are kept
TEXT = 20_000
MOST = 100  # recipients of one bounce
BREAK = re.compile(r"(?i)<(?:br|p|/p|div|/div|tr|/tr|li|/td|h\d)\b[^<>]{0,200}>")
TAG = re.compile(r"<[^<>]*>")
HIDDEN = re.compile(r"(?is)<(style|script|head)\b[^<>]{0,500}>[^<]*</\1>")


@dataclass(frozen=True, slots=True)
class _Mail:
    headers: Headers
    parts: list[Part]
    text: str  # what its writer says
    returned: str  # what follows that in the same text: the mail that came back

    @property
    def enclosed(self) -> list[Part]:
        loose = [Part("message/rfc822", _fields_behind(self.returned), "")] if self.returned else []
        whole = [
            part
            for part in self.parts
            if part.type == "message/rfc822" or (part.original and part.header("received"))
        ]
        return whole + loose


def read(raw: bytes) -> Reading:
    """Never raises. At most the first million bytes are looked at, and time grows with the length only."""
    headers, parts = take_apart(raw)
    own, returned = freeform.told(_text(parts))
    mail = _Mail(headers, parts, own, returned)
    complainants = complaint.about(headers, parts)
    if complainants is not None:
        return _reading(Kind.COMPLAINT, mail, [Recipient(one) for one in complainants])
    blocks = report.blocks(parts)
    if blocks:
        return _reported(mail, blocks)
    return _free(mail)


def _reported(mail: _Mail, blocks: Sequence[report.Block]) -> Reading:
    about = [block for block in blocks if block.failed or block.delayed]
    if not about:
        return _reading(Kind.OTHER, mail, [])  # a receipt: delivered, relayed, expanded
    meant = {one.lower() for one in complaint.recipients_of(mail.enclosed)}
    mentioned = freeform.mentions(mail.text)
    recipients: dict[str, Recipient] = {}
    for block in about:
        address = next((one for one in block.addresses if one.lower() in meant), block.addresses[0])
        recipients.setdefault(
            address.lower(), _of_block(mail, mentioned, block, address, alone=len(about) == 1)
        )
    return _reading(Kind.BOUNCE, mail, list(recipients.values()))


def _of_block(
    mail: _Mail, mentioned: Sequence[freeform.Mention], block: report.Block, address: str, *, alone: bool
) -> Recipient:
    judged = verdict.judge(block.status, block.words, delayed=block.delayed)
    words = block.words
    if judged.severity is Severity.UNKNOWN or not words:
        near = [one.words for one in mentioned if _in(one.address, block.addresses)][:NEAR]
        for text in [*near, *([mail.text] if alone else [])]:
            if judged.severity is not Severity.UNKNOWN:
                break
            judged = verdict.judge(block.status, text, delayed=block.delayed)
        words = words or next(iter(near), "") or (mail.text if alone else "")
    return Recipient(address, judged.severity, judged.status, _short(words))


def _free(mail: _Mail) -> Reading:
    of_server = automatic.is_from_server(mail.headers)
    failure = automatic.tells_failure(decoded(dict(mail.headers).get("subject", "")))
    sender = _sender(mail.headers)
    if automatic.is_away(mail.headers) or not (of_server or failure):
        kind = Kind.AUTO_REPLY if automatic.is_reply(mail.headers) else Kind.OTHER
        return _reading(kind, mail, [Recipient(sender)] if kind is Kind.AUTO_REPLY and sender else [])
    found = _unreached(mail)
    about_failure = (
        failure
        or automatic.tells_failure(mail.text[:3_000])
        or any(one.severity is not Severity.UNKNOWN for one in found)
        or addresses.is_daemon(sender)
    )
    if found and about_failure:
        return _reading(Kind.BOUNCE, mail, found)
    if automatic.is_reply(mail.headers) and not addresses.is_daemon(sender):
        return _reading(Kind.AUTO_REPLY, mail, [Recipient(sender)] if sender else [])
    return _reading(Kind.BOUNCE if failure and of_server else Kind.OTHER, mail, [])


def _unreached(mail: _Mail) -> list[Recipient]:
    own = {one.lower() for one in _participants(mail.headers)}
    meant = complaint.recipients_of(mail.enclosed)
    declared = [
        one
        for name, value in mail.headers
        if name == "x-failed-recipients"
        for one in addresses.found_in(value)
    ]
    mentioned = [one for one in freeform.mentions(mail.text) if _may_be_meant(one.address, own)]
    sure = [one.address for one in mentioned if one.sure]
    weak = [one.address for one in mentioned]
    bare = [f"{name}@{_sender(mail.headers).partition('@')[2]}" for name in freeform.bare_names(mail.text)]
    chosen = addresses.distinct(
        declared
        or sure
        or bare
        or [one for one in weak if _in(one, meant)]
        or weak[:1]
        or [one for one in meant if one.lower() not in own]
        or meant
    )
    if len(chosen) > 1 and not declared:
        chosen = [one for one in chosen if _in(one, meant)] or chosen
    delayed = bool(
        wording.is_warning(
            " ".join(f"{dict(mail.headers).get('subject', '')} {mail.text[:6_000]}".lower().split())
        )
    )
    judged = [
        _of_mentions(mail, one, mentioned, delayed=delayed, alone=len(chosen) == 1) for one in chosen[:MOST]
    ]
    if any(one.severity is not Severity.UNKNOWN for one in judged):
        return judged
    return [
        _of_mentions(mail, one, mentioned, delayed=delayed, alone=True) for one in chosen[:MOST]
    ]  # one reason for all


def _of_mentions(
    mail: _Mail, address: str, mentioned: Sequence[freeform.Mention], *, delayed: bool, alone: bool
) -> Recipient:
    near = [one.words for one in mentioned if addresses.same(one.address, address)][:NEAR]
    subject = decoded(dict(mail.headers).get("subject", ""))
    subject = subject if subject.lower().startswith(("returned mail", "mail returned")) else ""
    judged, words = verdict.Verdict(Severity.UNKNOWN, ""), ""
    for text in [*near, *([mail.text, subject] if alone else [])]:
        judged, words = verdict.judge("", text, delayed=delayed), text
        if judged.severity is not Severity.UNKNOWN:
            break
    return Recipient(address, judged.severity, judged.status, _short(words or mail.text))


def _may_be_meant(address: str, own: set[str]) -> bool:
    return (
        address.lower() not in own
        and not addresses.is_daemon(address)
        and not addresses.is_message_id(address)
    )


def _participants(headers: Headers) -> list[str]:
    """Whose mail this is: neither its writer nor its reader is the one who was not reached."""
    wanted = (
        "from",
        "to",
        "cc",
        "reply-to",
        "sender",
        "return-path",
        "delivered-to",
        "errors-to",
        "message-id",
    )
    return [one for name, value in headers if name in wanted for one in addresses.found_in(value)]


def _sender(headers: Headers) -> str:
    of = dict(headers)
    named = (of.get(name, "") for name in ("from", "reply-to", "return-path"))
    return next((one for value in named for one in addresses.found_in(decoded(value))), "")


def _reading(kind: Kind, mail: _Mail, recipients: list[Recipient]) -> Reading:
    of = dict(mail.headers)
    sent_to = [one for name, value in mail.headers if name in ENVELOPE for one in addresses.found_in(value)]
    names = [value for part in mail.enclosed for name in NAMES for value in [part.header(name)] if value]
    answered = [of.get("in-reply-to", ""), *of.get("references", "").split()[-3:]]
    return Reading(
        kind=kind,
        recipients=tuple(recipients),
        sender=_sender(mail.headers),
        subject=decoded(of.get("subject", ""))[:300],
        message_id=of.get("message-id", "")[:300],
        sent_to=tuple(addresses.distinct([*sent_to, *_returned_to(mail)])),
        message_ids=tuple(dict.fromkeys(one.strip() for one in [*names, *answered] if one.strip())),
        text=mail.text[:TEXT].strip(),
    )


def _returned_to(mail: _Mail) -> Iterable[str]:
    """The envelope sender of the mail that came back, where its copy tells it."""
    for part in mail.enclosed:
        for name in ("return-path", "x-envelope-from", "x-return-path"):
            yield from addresses.found_in(part.header(name))


def _text(parts: Sequence[Part]) -> str:
    """What the writer says: the plain text outside of an enclosed mail, or the HTML made plain."""
    plain = [part.text for part in parts if not part.original and part.type in ("text/plain", "text")]
    if any(one.strip() for one in plain):
        return "\n".join(plain)
    marked = [part.text for part in parts if not part.original and part.type == "text/html"]
    other = [part.text for part in parts if not part.original and part.type.startswith("text/")]
    return "\n".join(_plain(one) for one in marked) or "\n".join(other)


def _plain(html: str) -> str:
    return unescape(TAG.sub(" ", BREAK.sub("\n", HIDDEN.sub(" ", html.replace("\n", " ")))))


def _fields_behind(text: str) -> Headers:
    """The headers of a mail in running text, behind the line that announces it."""
    lines = text.split("\n")[:60]
    start = next(
        (number for number, line in enumerate(lines) if FIELD.match(line) and not line.startswith(" ")), 0
    )
    return fields("\n".join(text.split("\n")[start:]))


def _in(address: str, others: Iterable[str]) -> bool:
    return address.lower() in {one.lower() for one in others}


def _short(words: str) -> str:
    return " ".join(words[: 8 * WORDS].split())[:WORDS]
