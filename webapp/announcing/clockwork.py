"""Events that come by the clock: an offer's end, a missing tax form, and trouble that the team should hear of."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.affiliates.audience import MAILABLE
from webapp.affiliates.models import Affiliate
from webapp.announce import Happening, announce
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import Mailing
from webapp.mail.states import MailingState
from webapp.offers import telling
from webapp.offers.models import Offer
from webapp.offers.running import ACTIVE
from webapp.settings import store
from webapp.settings.models import MailServer

AT_ONCE = 1_000
GRACE = 3  # days: so long a reminder may be late because nothing was running
LOOKS_BACK = timedelta(days=1)
_WITHOUT = (Affiliate.status == MAILABLE, Affiliate.tax_form_on == "")


def offers_ending(desk: Desk) -> None:
    """Every active offer whose end is not further away than the setting says; each in a transaction of its own."""
    with desk.reading() as session:
        own = store.identity(session)
        days = int(own.ending_days)
        today = _today(own)
        near = select(Offer.id).where(
            Offer.status == ACTIVE, Offer.end_date >= today, Offer.end_date <= today + timedelta(days=days)
        )
        found = session.scalars(near).all() if days else []
    for number in found:
        with desk.session() as session:
            offer = session.get(Offer, number)
            if offer is not None:
                telling.ending_soon(session, offer)


def tax_forms_missing(desk: Desk) -> None:
    """Those who have been here for a whole number of intervals without a form, in groups."""
    with desk.reading() as session:
        own = store.identity(session)
    interval = int(own.tax_reminder_days or 0)
    last = 0
    while interval:
        with desk.session() as session:
            found = _without_form(session, last)
            _remind(session, found, interval, _today(own))
        if len(found) < AT_ONCE:
            break
        last = found[-1].id


def trouble(desk: Desk) -> None:
    """What went wrong since yesterday."""
    since = utcnow() - LOOKS_BACK
    with desk.reading() as session:
        failed = session.scalars(
            select(Mailing).where(
                Mailing.state == MailingState.FINISHED_WITH_FAILURES.value, Mailing.finished_at > since
            )
        ).all()
        paused = session.scalars(
            select(MailServer).where(MailServer.paused_by == "sender", MailServer.paused_at > since)
        ).all()
    heard = [_failures(mailing) for mailing in failed]
    heard += [_paused(server) for server in paused]
    for happening in heard:
        with desk.session() as session:
            announce(session, happening)


def _failures(mailing: Mailing) -> Happening:
    team = [mailing.created_by] if mailing.created_by is not None else []
    return Happening("staff_send_failures", str(mailing.id), team=team, page="/messages")


def _paused(server: MailServer) -> Happening:
    change = f"{server.id}:{server.paused_at.isoformat() if server.paused_at else ''}"
    return Happening("staff_server_paused", change, page="/account/email-settings")


def count_without_form(session: Session) -> int:
    """How many active affiliates have handed in no tax form."""
    return session.scalar(select(func.count()).select_from(Affiliate).where(*_WITHOUT)) or 0


def _without_form(session: Session, last: int) -> Sequence[Affiliate]:
    query = select(Affiliate).where(Affiliate.id > last, *_WITHOUT)
    return session.scalars(query.order_by(Affiliate.id).limit(AT_ONCE)).all()


def _remind(session: Session, found: Sequence[Affiliate], interval: int, today: date) -> None:
    changes: dict[int, str] = {}
    for affiliate in found:
        days = (today - affiliate.created_at.date()).days
        if days >= interval and days % interval < GRACE:
            changes[affiliate.id] = f"{interval}:{days // interval}"
    if changes:
        announce(session, Happening("tax_document_reminder", "", list(changes), changes=changes))


def _today(own: store.Identity) -> date:
    return utcnow().astimezone(own.zone).date()
