"""From a happening to letters, by whoever they come from: an affiliate's manager once he has one, else the network."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.affiliates import access
from webapp.affiliates.audience import MAILABLE
from webapp.affiliates.models import Affiliate
from webapp.among import among
from webapp.announce import Happening
from webapp.announcing.catalogue import Event
from webapp.announcing.team import members
from webapp.mail.compose.head import RECIPIENT
from webapp.mail.outbox.each import Letter
from webapp.offers.values import OfferValues


@dataclass(frozen=True)
class Person:
    """Who gets a letter. Of an affiliate that somebody may not see he learns no name."""

    address: str
    name: str
    affiliate: Affiliate | None = None

    def shown_to(self, viewer: User) -> str:
        if self.affiliate is None:
            return self.name
        return access.shown_name(self.affiliate, viewer) if access.sees(viewer, self.affiliate) else ""


@dataclass(frozen=True)
class Batch:
    """Letters that leave under one name; None is the network."""

    sender: User | None
    letters: list[Letter]
    people: list["Person"]


def batches(session: Session, event: Event, happening: Happening, public_url: str) -> list[Batch]:
    """Everybody who is to get a mail, each once."""
    if event.to_team:
        return _to_team(session, happening, public_url)
    if happening.guest is not None:
        guest = happening.guest
        letter = Letter(key_of(happening, "guest"), guest.address, None, {**guest.values, **happening.values})
        return [Batch(None, [letter], [Person(guest.address, guest.address)])]
    return _to_affiliates(session, happening)


def _to_affiliates(session: Session, happening: Happening) -> list[Batch]:
    found: dict[int | None, Batch] = {}
    for affiliate, manager in _people(session, happening):
        own = manager if manager is not None and manager.disabled_at is None else None
        batch = found.setdefault(own.id if own else None, Batch(own, [], []))
        values = {**happening.values, **happening.own.get(affiliate.id, {})}
        batch.letters.append(
            Letter(key_of(happening, str(affiliate.id)), affiliate.address, affiliate.id, values)
        )
        batch.people.append(Person(affiliate.address, affiliate.name, affiliate))
    return list(found.values())


def _people(session: Session, happening: Happening) -> Iterator[tuple[Affiliate, User | None]]:
    if not happening.people:
        return
    query = select(Affiliate, User).outerjoin(User, User.id == Affiliate.manager_id)
    query = query.where(among(Affiliate.id, happening.people), Affiliate.status == MAILABLE)
    for row in session.execute(query.order_by(Affiliate.id)):
        yield row[0], row[1]


def _to_team(session: Session, happening: Happening, public_url: str) -> list[Batch]:
    values = dict(happening.guest.values) if happening.guest else {}
    if happening.people:
        person = happening.people[0]
        values |= OfferValues().load(session, [person], happening.offer).get(person, {})
    values |= {**happening.values, "network.loginurl": public_url.rstrip("/") + happening.page}
    users = members(session, happening)
    letters = [
        Letter(key_of(happening, f"u{user.id}"), user.email, None, {**values, RECIPIENT: user.name})
        for user in users
    ]
    return [Batch(None, letters, [Person(user.email, user.name) for user in users])]


def key_of(happening: Happening, person: str) -> str:
    """One mail for each person and change, whoever announces it and however often."""
    change = happening.changes.get(int(person), "") if person.isdecimal() else ""
    digest = sha256(f"{happening.offer}\0{change or happening.change}".encode()).hexdigest()[:24]
    return f"{happening.event}:{digest}:{person}"
