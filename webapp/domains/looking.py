"""Makes the looks that somebody asked for: the DNS is asked with no transaction open."""

from typing import Any

from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.desk import Desk
from webapp.domains import assistant, history, key_pages, looks
from webapp.domains.case import Case
from webapp.domains.loading import subject_of
from webapp.domains.lookup.resolver import Resolver
from webapp.domains.models import Look
from webapp.domains.shapes import record
from webapp.domains.subject import Subject
from webapp.mail.dkim.records import Record
from webapp.mail.models import DkimKey
from webapp.mail.signing import keys
from webapp.mail.signing.published import fault_in_dns
from webapp.settings import store


def look(desk: Desk, number: int) -> None:
    """Raises `DomainError` when there is nothing that could be looked at."""
    with desk.reading() as session:
        asked = session.get(Look, number)
        if asked is None or asked.done_at is not None:
            return
        if asked.kind in (looks.KEY, looks.SIGN):
            key = key_pages.find(session, int(asked.found["key"]))
            return _key(desk, number, key.id, keys.record_of(key))
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


def _key(desk: Desk, number: int, key_id: int, wanted: Record) -> None:
    """Only a key whose record is seen in the DNS signs: receivers refuse what they cannot check."""
    fault = fault_in_dns(wanted, resolver=desk.config.resolver)
    with desk.session() as session:
        asked = session.get_one(Look, number)
        words = f"The record of {wanted.selector} is there and holds our key."
        if fault and asked.kind == looks.SIGN:
            fault = f"{fault} So nothing was changed. A new record may take an hour to be seen."
        elif asked.kind == looks.SIGN:
            words = _signs(session, asked, key_pages.find(session, key_id))
        looks.end(asked, trouble=fault, found={"key": key_id, "words": "" if fault else words})


def _signs(session: Session, asked: Look, key: DkimKey) -> str:
    replaced = keys.activate(session, key)
    by = session.get(User, asked.by) if asked.by else None
    audit.record(session, by, "DKIM key activated", f"{key.domain} {key.selector}")
    words = f"Mail from {key.domain} is signed with {key.selector}."
    if replaced is not None:
        words += (
            f" Leave the record of {replaced.selector} for a week: mail that it signed is still under way."
        )
    return words


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
