"""Who was not reached, by a bounce in free words."""

from collections.abc import Sequence
from dataclasses import replace

from webapp.feedback.returned import addresses, complaint, freeform, verdict, wording
from webapp.feedback.returned.anatomy import Mail
from webapp.feedback.returned.freeform import NAMED_BEFORE, OWN_LINE, Mention
from webapp.feedback.returned.reading import Recipient, Severity, brief
from webapp.mail.mime import Headers

NEAR = 3  # places at which an address is looked at
MOST = 100  # recipients of one bounce
PARTICIPANTS = frozenset(
    ["from", "to", "cc", "reply-to", "sender", "return-path", "delivered-to", "errors-to", "message-id"]
)  # neither the writer of a bounce nor its reader is the one who was not reached


def recipients(mail: Mail) -> list[Recipient]:
    """Each of them once, with what was said nearest to it."""
    mentioned = freeform.mentions(mail.text)
    chosen = _chosen(mail, mentioned)
    said = " ".join(f"{mail.subject} {mail.text[:6_000]}".lower().split())
    delayed = bool(wording.is_warning(said))
    judged = [_judged(mail, one, mentioned, delayed=delayed, alone=len(chosen) == 1) for one in chosen]
    known = {one.severity for one in judged} - {Severity.UNKNOWN}
    if known == {
        Severity.SOFT
    }:  # what is said once may go for the others of the list, unless it would bar them
        return [replace(one, severity=Severity.SOFT) for one in judged]
    if known:
        return judged
    return [
        _judged(mail, one, mentioned, delayed=delayed, alone=True) for one in chosen
    ]  # one reason for all


def _chosen(mail: Mail, mentioned: Sequence[Mention]) -> list[str]:
    """The best evidence there is: what a header declares, what has a line for itself, what the words lead up to."""
    own = _participants(mail.headers)
    meant = complaint.recipients_of(mail.enclosed)
    declared = [
        one
        for name, value in mail.headers
        if name == "x-failed-recipients"
        for one in addresses.found_in(value)
    ]
    others = [one for one in mentioned if _may_be_meant(one.address, own)]
    alone = [one.address for one in others if one.place == OWN_LINE]
    named = [one.address for one in others if one.place == NAMED_BEFORE]
    domain = mail.sender.partition("@")[2]
    chosen = addresses.distinct(
        declared
        or alone
        or [f"{name}@{domain}" for name in freeform.bare_names(mail.text)]
        or named
        or [one.address for one in others if addresses.among(one.address, meant)]
        or [one.address for one in others][:1]
        or [one for one in meant if not addresses.among(one, own)]
        or _to_oneself(mail, mentioned)
        or meant
    )
    if len(chosen) > 1 and not declared:
        chosen = [one for one in chosen if addresses.among(one, meant)] or chosen
    return addresses.distinct([*chosen, *freeform.aliases(mail.text)])[:MOST]


def _to_oneself(mail: Mail, mentioned: Sequence[Mention]) -> list[str]:
    """The reader's own address: who writes to himself gets the bounce, too."""
    reader = [one for name, value in mail.headers if name == "to" for one in addresses.found_in(value)]
    return [
        one.address for one in mentioned if one.place == OWN_LINE and addresses.among(one.address, reader)
    ]


def _judged(
    mail: Mail, address: str, mentioned: Sequence[Mention], *, delayed: bool, alone: bool
) -> Recipient:
    near = [one.words for one in mentioned if addresses.same(one.address, address)][:NEAR]
    telling = mail.subject.lower().startswith(("returned mail", "mail returned"))
    judged, words = verdict.Verdict(Severity.UNKNOWN, ""), ""
    for text in [*near, *([mail.text, mail.subject if telling else ""] if alone else [])]:
        judged, words = verdict.judge("", text, delayed=delayed), text
        if judged.severity is not Severity.UNKNOWN:
            break
    return Recipient(address, judged.severity, judged.status, brief(words or mail.text), judged.reason)


def _may_be_meant(address: str, own: Sequence[str]) -> bool:
    return not (
        addresses.among(address, own) or addresses.is_daemon(address) or addresses.is_message_id(address)
    )


def _participants(headers: Headers) -> list[str]:
    return [one for name, value in headers if name in PARTICIPANTS for one in addresses.found_in(value)]
