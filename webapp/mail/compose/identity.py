"""Who the mail is from and what list it belongs to: the header fields that are the same for every recipient."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from webapp.mail.compose.addresses import BadAddress, needs_smtputf8, wire_address, wire_domain
from webapp.mail.compose.draft import Draft
from webapp.mail.compose.headers import mailbox, one_line
from webapp.mail.tokens.problems import Problem

_FEEDBACK = re.compile(r"[A-Za-z0-9_.-]{1,60}(?::[A-Za-z0-9_.-]{0,60}){0,3}")
_ADDRESSES = {
    "from_address": "Correct the from address in Email Settings.",
    "reply_to": "Correct the reply address in Email Settings.",
    "sender": "Correct the address of the sender.",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Checked and already encoded."""

    draft: Draft
    from_field: bytes
    reply_to: bytes | None
    sender: bytes | None
    list_id: bytes
    domain: str
    needs_smtputf8: bool

    @classmethod
    def of(cls, draft: Draft) -> "Identity":
        """The identity of a draft in which `identity_problems` found nothing."""
        own = wire_address(draft.from_address)
        sender = wire_address(draft.sender) if draft.sender else own
        others = [address for address in (draft.from_address, draft.reply_to, draft.sender) if address]
        return cls(
            draft=draft,
            from_field=mailbox("From", draft.from_name, own),
            reply_to=wire_address(draft.reply_to).encode() if draft.reply_to else None,
            sender=sender.encode() if sender != own else None,
            list_id=_list_id(draft),
            domain=wire_domain(draft.domain_for_message_ids),
            needs_smtputf8=any(needs_smtputf8(address) for address in others),
        )


def _list_id(draft: Draft) -> bytes:
    identifier = wire_domain(draft.list_id or f"announcements.{draft.domain_for_message_ids}")
    named = one_line(draft.network_name)
    return mailbox("List-Id", named, identifier) if named else f"<{identifier}>".encode("ascii")


def identity_problems(draft: Draft) -> list[Problem]:
    """What keeps the identity from being written into a header, each with the field that is to be corrected."""
    problems = []
    for field, remedy in _ADDRESSES.items():
        address = getattr(draft, field)
        if address or field == "from_address":
            problems += _checked(field, wire_address, address or "", remedy)
    problems += _checked("domain_for_message_ids", wire_domain, draft.domain_for_message_ids, "Correct it.")
    if draft.list_id:
        problems += _checked("list_id", wire_domain, draft.list_id, "Correct it.")
    if "[=" in draft.from_name:
        reason = "The from name cannot hold tokens: every mail comes from the same name."
        problems.append(Problem(1, "", reason, "Write the name out.", "from_name"))
    if "@" in one_line(draft.from_name):
        reason = "The from name must not hold an “@”: mail programs take it for a forgery."
        problems.append(Problem(1, "", reason, "Use a name.", "from_name"))
    if draft.feedback_id and not _FEEDBACK.fullmatch(draft.feedback_id):
        problems.append(
            Problem(1, "", "The feedback id has characters that are not allowed.", "", "feedback_id")
        )
    if draft.announces and not draft.postal_address.strip():
        reason = "An announcement must name your postal address; the law asks for it."
        problems.append(Problem(1, "", reason, "Fill it in under Network.", "postal_address"))
    return problems


def _checked(field: str, check: Callable[[str], str], text: str, remedy: str) -> list[Problem]:
    try:
        check(text)
    except BadAddress as error:
        return [Problem(1, "", str(error), remedy, field)]
    return []
