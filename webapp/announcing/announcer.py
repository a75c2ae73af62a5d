"""Implements the port `webapp.announce`: rows in the outbox, in the transaction of the change."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.announce import NAMED, Announced, Expected, Happening
from webapp.announcing import catalogue, held
from webapp.announcing.models import AnnouncedEvent
from webapp.announcing.recipients import Batch, batches
from webapp.config import DEFAULT_ADDRESS, Config
from webapp.errors import Invalid
from webapp.mail import suppressions
from webapp.mail.outbox.each import enqueue_each, not_queued
from webapp.mail.states import State
from webapp.mail.topics import topic_of
from webapp.mail_templates import letterhead, queries
from webapp.settings import store
from webapp.vault import Vault


@dataclass(frozen=True)
class Announcer:
    """Of one instance."""

    config: Config
    vault: Vault

    def announce(self, session: Session, happening: Happening) -> Announced:
        """Queue the mails. Who was mailed for this change before is not mailed again, and counts as nobody."""
        event = catalogue.find(happening.event)
        _check(event, happening)
        template = queries.find(session, event.name)
        if not template.enabled:
            return Announced(template.name, held="off")
        if not store.identity(session).from_address:
            return Announced(template.name, held="nobody")
        found = self._batches(session, event, happening)
        if why := self._held_back(session, event, happening, found):
            return Announced(template.name, held=why)
        queued = suppressed = 0
        for batch in found:
            draft = letterhead.draft(session, self.config, template.text, template.kind, batch.sender)
            counts = enqueue_each(
                session,
                self.vault,
                batch.letters,
                content=draft.as_dict(),
                context=template.context,
                offer=happening.offer,
                kind=template.kind,
            )
            queued += counts[State.QUEUED]
            suppressed += counts[State.SUPPRESSED]
        if queued or suppressed:
            made = {"offer": happening.offer, "queued": queued, "suppressed": suppressed}
            session.add(AnnouncedEvent(event=event.name, **made))
            session.flush()
        return Announced(template.name, queued, suppressed)

    def expect(self, session: Session, happening: Happening, viewer: User) -> Expected:
        """Who would get it, by name the first few whom the viewer may see."""
        event = catalogue.find(happening.event)
        template = queries.find(session, event.name)
        ready = bool(store.identity(session).from_address)
        found = (
            [one for batch in self._batches(session, event, happening) for one in batch.people]
            if ready
            else []
        )
        topic = topic_of(template.kind, template.context, happening.offer)
        addresses = [one.address for one in found]
        barred = suppressions.reasons_of(session, addresses, template.kind, topic) if found else {}
        reached = [one for one in found if suppressions.normal(one.address) not in barred]
        names = [one.shown_to(viewer) for one in reached]
        return Expected(
            event.name,
            template.name,
            count=len(reached),
            suppressed=len(found) - len(reached),
            names=tuple([name for name in names if name][:NAMED]),
            off=not template.enabled,
            waits=not event.to_team and happening.guest is None and _are_many(session, len(found)),
        )

    def _held_back(
        self, session: Session, event: catalogue.Event, happening: Happening, found: Sequence[Batch]
    ) -> str:
        """Why nobody may be mailed yet; "" if nothing is in the way. What is new and for very many is kept and told the team."""
        letters = [letter for batch in found for letter in batch.letters]
        if event.to_team or happening.guest is not None or not _are_many(session, len(letters)):
            return ""
        row = held.of(session, happening)
        if row is None:
            new = len(not_queued(session, letters))
            if not _are_many(session, new):
                return ""
            row = held.hold(session, self.vault, happening, new)
            self.announce(session, Happening(held.NOTICE, f"event {row.id}", page=held.PAGE))
        return {held.APPROVED: "", held.DECLINED: "declined"}.get(row.state, "approval")

    def _batches(self, session: Session, event: catalogue.Event, happening: Happening) -> list[Batch]:
        public_url = store.public_url(session, self.config) or DEFAULT_ADDRESS
        return batches(session, event, happening, public_url)


def _are_many(session: Session, count: int) -> bool:
    """Whether so many people need the eyes of two."""
    limit = int(store.identity(session).approve_above or 0)
    return bool(limit) and count > limit


def _check(event: catalogue.Event, happening: Happening) -> None:
    """A value that no template of the event could show is a mistake of the caller's."""
    given = {*happening.values, *(key for own in happening.own.values() for key in own)}
    unknown = sorted(given - event.keys) if not event.to_team else []
    if unknown:
        takes = ", ".join(event.values) or "none"
        raise Invalid({"values": f"{event.template.name} has no value “{unknown[0]}”. It takes: {takes}."})
    if event.about_offer and not happening.offer:
        raise Invalid({"offer": f"{event.template.name} is about an offer. Name it by its CID."})
