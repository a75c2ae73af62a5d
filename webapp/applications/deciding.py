"""Approve and deny applications: one or many, with a reason, silently if so wished."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from webapp.accounts import audit
from webapp.accounts.models import User
from webapp.affiliates import access, service
from webapp.affiliates.details import CLEANERS
from webapp.announce import Guest, Happening, Note, announce
from webapp.applications.applying import values_of
from webapp.applications.models import Application
from webapp.db import utcnow
from webapp.errors import Invalid, NotFound
from webapp.imports.cleaning import clean

APPROVED, DENIED, WAITING = "approved", "denied", "waiting"
MOST_AT_ONCE = 100
FROM_APPLICATION = ("email", "first_name", "last_name", "company", "country")


def visible(user: User) -> ColumnElement[bool]:
    """Those that wait are everybody's who decides; decided ones are seen by who decided, and by who sees all affiliates."""
    confirmed = Application.state != "unconfirmed"
    if access.sees_all(user):
        return confirmed
    return confirmed & or_(Application.state == WAITING, Application.decided_by == user.id)


def get(session: Session, user: User, key: int) -> Application:
    found = session.scalar(select(Application).where(Application.id == key, visible(user)))
    if found is None:
        raise NotFound("There is no such application, or somebody else has decided it.")
    return found


def decide(
    session: Session, user: User, keys: Iterable[int], state: str, note: Note
) -> Sequence[Application]:
    """Decide those that still wait, and return them. Another one in the meantime was faster: that one stays as decided."""
    wanted = list(dict.fromkeys(keys))[:MOST_AT_ONCE]
    if not wanted:
        raise Invalid({"pick": "Tick at least one application first."})
    if state not in (APPROVED, DENIED):
        raise Invalid({"state": "Approve or deny: there is nothing else to decide."})
    query = select(Application).where(Application.id.in_(wanted), Application.state == WAITING, visible(user))
    found = session.scalars(query.order_by(Application.id).with_for_update()).all()
    for each in found:
        (_approve if state == APPROVED else _deny)(session, user, each, note)
    return found


def _approve(session: Session, user: User, application: Application, note: Note) -> None:
    del note
    values = {name: getattr(application, name) for name in FROM_APPLICATION}
    about = [application.website, application.traffic]
    values["additional_data1"] = "\n".join(part for part in about if part)
    try:
        affiliate = service.add(session, user, clean(values, CLEANERS))
    except Invalid as error:
        raise Invalid({"pick": f"{application.name}: {' '.join(error.problems.values())}"}) from error
    application.affiliate_id = affiliate.id
    _decided(session, user, application, APPROVED)
    announce(session, Happening("application_approved", str(application.id), [affiliate.id]))


def _deny(session: Session, user: User, application: Application, note: Note) -> None:
    application.reason = note.reason
    _decided(session, user, application, DENIED)
    values = {"denialreason": note.reason} if note.reason else {}
    guest = Guest(application.email, values_of(application))
    announce(session, Happening("application_denied", str(application.id), values=values, guest=guest))


def _decided(session: Session, user: User, application: Application, state: str) -> None:
    application.state, application.decided_by, application.decided_at = state, user.id, utcnow()
    session.flush()
    audit.record(session, user, f"application {state}", application.name, application=application.id)
