"""Makes the looks that somebody asked for: the DNS is asked with no transaction open."""

from typing import Any

from webapp.desk import Desk
from webapp.domains import assistant, history, looks
from webapp.domains.case import Case
from webapp.domains.loading import subject_of
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.models import Look
from webapp.domains.shapes import record
from webapp.domains.subject import Subject
from webapp.settings import store


def look(desk: Desk, number: int) -> None:
    """Raises `DomainError` when there is nothing that could be looked at."""
    with desk.reading() as session:
        asked = session.get(Look, number)
        if asked is None or asked.done_at is not None:
            return
        subject = subject_of(desk, session, asked.domain)
        public_url = store.public_url(session, desk.config)
    if asked.kind == looks.RECORDS:
        found = _records(desk, subject, public_url)
        with desk.session() as session:
            looks.end(session.get_one(Look, number), found=found)
        return
    made = history.examine(desk, subject)
    with desk.session() as session:
        looks.end(session.get_one(Look, number))
        history.keep(session, made, asked.by)


def _records(desk: Desk, subject: Subject, public_url: str) -> dict[str, Any]:
    """The assistant's plan as plain data."""
    case = Case(subject, Resolver(desk.config.resolver))
    lines, notes = assistant.plan(case, public_url=public_url)
    zone = case.zone_of(case.domain)
    return {
        "zone": zone,
        "notes": notes,
        "lines": [{"record": record(one.record), "why": one.why, "there": one.there} for one in lines],
        "relative": assistant.snippet(lines, zone, relative=True),
        "absolute": assistant.snippet(lines, zone, relative=False),
    }
