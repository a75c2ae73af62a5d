"""The mails of a message as the sender would make them, signed with the keys in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from webapp.config import DEFAULT_ADDRESS
from webapp.desk import Desk
from webapp.mail.check import Circumstances
from webapp.mail.clicks import click_url
from webapp.mail.compose import BadAddress, CompiledMessage, Draft, compile_message, wire_address
from webapp.mail.compose.links import KEY as CLICK_LINK
from webapp.mail.dkim.signers import Signers, Unsignable
from webapp.mail.outbox.identity import domain_of, message_id
from webapp.mail.signing.ring import KeyRing
from webapp.mail.unsubscribe import THROW_AWAY, unsubscribe_url
from webapp.mailcheck.samples import EXAMPLE, Sample


@dataclass(frozen=True)
class Printed:
    """One finished mail, and what its judge must know."""

    sample: Sample
    raw: bytes
    about: Circumstances


def print_mails(
    desk: Desk,
    session: Session,
    draft: Draft,
    context: str,
    people: Sequence[tuple[Sample, Mapping[str, str]]],
) -> list[Printed]:
    """A mail for each, with a link to unsubscribe that is genuine and belongs to nobody.

    Raises TokenProblems for a draft that can't be mailed.
    """
    compiled = compile_message(draft, context=context)
    signers = Signers(KeyRing(desk.vault).keys(session))
    now = datetime.now(UTC).replace(microsecond=0)
    ids = [_message_id(number, draft, now) for number in range(1, len(people) + 1)]
    leave = unsubscribe_url(desk.vault, draft.public_url or DEFAULT_ADDRESS, THROW_AWAY)
    if draft.links:
        counted = {CLICK_LINK: click_url(desk.vault, draft.tracking_url, THROW_AWAY)}
        people = [(sample, {**values, **counted}) for sample, values in people]
    printed = []
    for own, (sample, values) in zip(ids, people, strict=True):
        raw = compiled.fill(_sound(sample.address), values, message_id=own, unsubscribe_url=leave, date=now)
        about = _about(draft, compiled, values, now, frozenset(ids) - {own})
        printed.append(Printed(sample, _signed(signers, raw, draft.from_address), about))
    return printed


def _sound(address: str) -> str:
    """An address that can't be written fails alone when it is sent to; it is no fault of the message."""
    try:
        return wire_address(address)
    except BadAddress:
        return EXAMPLE


def _message_id(number: int, draft: Draft, now: datetime) -> str:
    return message_id(number, f"check:{number}", now, domain_of(draft.as_dict()))


def _signed(signers: Signers, raw: bytes, sender: str) -> bytes:
    """Unsigned if the key can't be used: the sender says that, and the other rules have their say here."""
    try:
        return signers.sign(raw, sender)
    except Unsignable:
        return raw


def _about(
    draft: Draft, compiled: CompiledMessage, values: Mapping[str, str], now: datetime, others: frozenset[str]
) -> Circumstances:
    return Circumstances(
        announces=draft.announces,
        now=now,
        postal_address=draft.postal_address,
        planned=compiled.field_names,
        domains=(draft.domain_for_message_ids.lower(),),
        others=others,
        names=(values.get("affiliate.firstname", ""), values.get("affiliate.lastname", "")),
        eight_bit=compiled.needs_smtputf8,
    )
