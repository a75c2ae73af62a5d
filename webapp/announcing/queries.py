"""What the page of events shows."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.announcing.catalogue import EVENTS, Event
from webapp.announcing.models import AnnouncedEvent
from webapp.mail_templates.queries import Template, templates


@dataclass(frozen=True)
class Row:
    """An event with its template as it is now, and when it mailed somebody last."""

    event: Event
    template: Template
    last: AnnouncedEvent | None


def rows(session: Session, search: str = "", state: str = "") -> list[Row]:
    """The events in the order of the catalogue; `state` is "", on or off."""
    latest = select(func.max(AnnouncedEvent.id)).group_by(AnnouncedEvent.event)
    last = {
        one.event: one for one in session.scalars(select(AnnouncedEvent).where(AnnouncedEvent.id.in_(latest)))
    }
    known = {one.slug: one for one in templates(session)}
    found = [Row(event, known[name], last.get(name)) for name, event in EVENTS.items()]
    return [
        row
        for row in found
        if _fits(row, search.lower()) and state in ("", "on" if row.template.enabled else "off")
    ]


def _fits(row: Row, search: str) -> bool:
    said = (row.event.name, row.template.name, row.event.when, row.event.who)
    return any(search in text.lower() for text in said)
