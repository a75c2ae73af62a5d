"""Reads one returned mail: what kind it is, whom it is about, and how bad that is."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from webapp.feedback.returned import addresses, automatic, complaint, report, reported, unreached
from webapp.feedback.returned.anatomy import Mail
from webapp.feedback.returned.answer import answer
from webapp.feedback.returned.reading import Kind, Reading, Recipient, Severity

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
TEXT = 20_000


def read(raw: bytes) -> Reading:
    """Never raises. At most the first million bytes are looked at, and time grows with the length only."""
    mail = Mail.of(raw)
    complainants = complaint.about(mail.headers, mail.parts)
    if complainants is not None:
        return _reading(Kind.COMPLAINT, mail, [Recipient(one) for one in complainants])
    if complaint.is_report(mail.parts):  # of somebody content, or of a signature that failed
        return _reading(Kind.OTHER, mail, [])
    if automatic.is_receipt(mail.parts) and not automatic.tells_failure(mail.subject):
        return _answer(mail, by_machine=True)
    blocks = report.blocks(mail.parts)
    if not blocks:
        return _free(mail)
    recipients = reported.recipients(mail, blocks)
    # Without any it is a receipt: delivered, relayed, expanded.
    return _reading(Kind.BOUNCE if recipients else Kind.OTHER, mail, recipients)


def _free(mail: Mail) -> Reading:
    of_server = automatic.is_from_server(mail.headers)
    failure = automatic.tells_failure(mail.subject)
    by_machine = automatic.is_reply(mail.headers)
    if automatic.is_away(mail.headers) or not (of_server or failure):
        return _answer(mail, by_machine or automatic.asks_to_prove(mail.text))
    found = unreached.recipients(mail)
    if found and (failure or _is_about_failure(mail, found)):
        return _reading(Kind.BOUNCE, mail, found)
    if addresses.is_daemon(mail.sender):
        by_machine = False
    elif not failure:
        by_machine = by_machine or automatic.wants_no_answer(mail.headers)
    if by_machine or not (failure and of_server):
        return _answer(mail, by_machine)
    return _reading(Kind.BOUNCE, mail, [])


def _is_about_failure(mail: Mail, found: Sequence[Recipient]) -> bool:
    known = any(one.severity is not Severity.UNKNOWN for one in found)
    return known or automatic.tells_failure(mail.text[:3_000]) or addresses.is_daemon(mail.sender)


def _answer(mail: Mail, by_machine: bool) -> Reading:
    if not by_machine:
        reading = _reading(Kind.OTHER, mail, [])
        personal = automatic.is_personal(mail.headers) and not addresses.is_daemon(mail.sender)
        return replace(reading, personal=True, answer=answer(mail.whole, mail.parts)) if personal else reading
    return _reading(Kind.AUTO_REPLY, mail, [Recipient(mail.sender)] if mail.sender else [])


def _reading(kind: Kind, mail: Mail, recipients: Sequence[Recipient]) -> Reading:
    of = dict(mail.headers)
    sent_to = [one for name, value in mail.headers if name in ENVELOPE for one in addresses.found_in(value)]
    names = [value for part in mail.enclosed for name in NAMES for value in [part.header(name)] if value]
    answered = [of.get("in-reply-to", ""), *of.get("references", "").split()[-3:]]
    return Reading(
        kind=kind,
        recipients=tuple(recipients),
        sender=mail.sender,
        subject=mail.subject[:300],
        message_id=of.get("message-id", "")[:300],
        sent_to=tuple(addresses.distinct([*sent_to, *_returned_to(mail)])),
        message_ids=tuple(dict.fromkeys(one.strip() for one in [*names, *answered] if one.strip())),
        text=mail.text[:TEXT].strip(),
    )


def _returned_to(mail: Mail) -> Iterable[str]:
    """The envelope sender of the mail that came back, where its copy tells it."""
    for part in mail.enclosed:
        for name in ("return-path", "x-envelope-from", "x-return-path"):
            yield from addresses.found_in(part.header(name))
