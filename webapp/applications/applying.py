"""From the public form to a filed application: the address is confirmed first, and only a press of a button confirms it."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from webapp.affiliates.models import Affiliate
from webapp.announce import Guest, Happening, announce
from webapp.applications import guard
from webapp.applications.details import APPLICATION
from webapp.applications.models import Application
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import Conflict, NotFound
from webapp.imports.cleaning import clean
from webapp.settings import store

PURPOSE = "application"
KEPT = timedelta(days=7)
OVER = "This link no longer works: its time is over, or it is not complete. Apply once more."


def submit(session: Session, desk: Desk, values: Mapping[str, str], terms_url: str, remote: str) -> None:
    """Mail a link that confirms the address. What the caller answers is the same whoever has that address."""
    cleaned = clean(values, APPLICATION)
    guard.check_network(session, remote)
    if guard.too_many_mails(session, cleaned["email"]):
        return
    application = Application(**cleaned, address=cleaned["email"].lower(), terms_url=terms_url)
    session.add(application)
    session.flush()
    link = f"{store.public_url(session, desk.config)}/apply/confirm/{token(desk, application)}"
    guest = Guest(application.email, values_of(application) | {"emailconfirmation.link": link})
    announce(session, Happening("application_submitted", str(application.id), guest=guest))


def look(session: Session, desk: Desk, typed: str) -> Application:
    """The application of a link; changes nothing. `NotFound` for a damaged link or one whose time is over."""
    number, _, signature = typed.partition(".")
    if not desk.vault.verify(PURPOSE, number, signature):
        raise NotFound(OVER)
    application = session.get(Application, int(number))
    if application is None or (
        application.state == "unconfirmed" and application.created_at < utcnow() - KEPT
    ):
        raise NotFound(OVER)
    return application


def confirm(session: Session, application: Application) -> None:
    """File the application and tell the team; a second press changes nothing.

    `Conflict` for somebody who has an account or an application already: whoever holds the link may know that.
    """
    if application.state != "unconfirmed":
        return
    if session.scalar(select(Affiliate.id).where(Affiliate.address == application.address).limit(1)):
        raise Conflict("There is an account with this address already. Write to us if you can’t get into it.")
    waiting = select(Application.id).where(
        Application.address == application.address, Application.state == "waiting"
    )
    if session.scalar(waiting.limit(1)):
        raise Conflict("We have an application with this address already, and you hear from us.")
    taken = session.execute(
        update(Application)
        .where(Application.id == application.id, Application.state == "unconfirmed")
        .values(state="waiting", confirmed_at=utcnow())
    )
    session.refresh(application)
    if taken.rowcount == 1:  # type: ignore[attr-defined]
        guest = Guest("", values_of(application))
        page = f"/applications/{application.id}"
        announce(session, Happening("staff_application", str(application.id), guest=guest, page=page))


def forget_unconfirmed(session: Session) -> int:
    """Delete what nobody confirmed in time; how many there were."""
    old = delete(Application).where(
        Application.state == "unconfirmed", Application.created_at < utcnow() - KEPT
    )
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def token(desk: Desk, application: Application) -> str:
    """Names the application, signed for this one purpose."""
    return f"{application.id}.{desk.vault.sign(PURPOSE, str(application.id))}"


def values_of(application: Application) -> dict[str, str]:
    """The applicant's own tokens, while there is no affiliate who has them."""
    return {
        "affiliate.firstname": application.first_name,
        "affiliate.lastname": application.last_name,
        "affiliate.companyname": application.company,
        "affiliate.email": application.email,
    }
