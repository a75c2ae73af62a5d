"""Events that come by the clock: an offer's end, a missing tax form, and trouble that the team should hear of."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.affiliates.audience import MAILABLE
from webapp.affiliates.models import Affiliate
from webapp.announce import Happening, announce
from webapp.announcing.jobs import ENDING, TAX, WATCH
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.mail.models import Mailing
from webapp.mail.states import MailingState
from webapp.offers import telling
from webapp.offers.models import Offer
from webapp.offers.running import ACTIVE
from webapp.setbacks.work import Pieces
from webapp.settings import store
from webapp.settings.models import MailServer

AT_ONCE = 1_000
GRACE = 3  # days: so long a reminder may be late because nothing was running
LOOKS_BACK = timedelta(days=1)
_WITHOUT = (Affiliate.status == MAILABLE, Affiliate.tax_form_on == "")


def offers_ending(desk: Desk) -> None:
    """Every active offer whose end is not further away than the setting says; one that fails holds up no other."""
    with desk.reading() as session:
        own = store.identity(session)
        days = int(own.ending_days)
        today = _today(own)
        near = select(Offer.cid).where(
            Offer.status == ACTIVE, Offer.end_date >= today, Offer.end_date <= today + timedelta(days=days)
        )
        found = session.scalars(near).all() if days else []
    pieces = Pieces(desk, ENDING)
    for cid in found:
        pieces.do(f"offer {cid}", partial(_ending_soon, cid))


def _ending_soon(cid: str, session: Session) -> None:
    offer = session.scalar(select(Offer).where(Offer.cid == cid))
    if offer is not None:
        telling.ending_soon(session, offer)


def tax_forms_missing(desk: Desk) -> None:
    """Those who have been here for a whole number of intervals without a form, in groups."""
    with desk.reading() as session:
        own = store.identity(session)
    interval = int(own.tax_reminder_days or 0)
    last, pieces = 0, Pieces(desk, TAX)
    while interval:
        with desk.reading() as session:
            found = _without_form(session, last)
        due = _due(found, interval, _today(own))
        pieces.together({f"affiliate #{one[0]}": one for one in due}, _remind)
        if len(found) < AT_ONCE:
            break
        last = found[-1][0]


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
    heard = {f"message {mailing.id}": _failures(mailing) for mailing in failed}
    heard |= {f"mail server #{server.id}": _paused(server) for server in paused}
    pieces = Pieces(desk, WATCH)
    for item, happening in heard.items():
        pieces.do(item, partial(announce, happening=happening))


def _failures(mailing: Mailing) -> Happening:
    team = [mailing.created_by] if mailing.created_by is not None else []
    return Happening("staff_send_failures", str(mailing.id), team=team, page="/messages")


def _paused(server: MailServer) -> Happening:
    change = f"{server.id}:{server.paused_at.isoformat() if server.paused_at else ''}"
    return Happening("staff_server_paused", change, page="/account/email-settings")


def count_without_form(session: Session) -> int:
    """How many active affiliates have handed in no tax form."""
    return session.scalar(select(func.count()).select_from(Affiliate).where(*_WITHOUT)) or 0


def _without_form(session: Session, last: int) -> Sequence[tuple[int, datetime]]:
    """Number and first day; no more is read, so that a row with something wrong in it keeps none of the others back."""
    query = select(Affiliate.id, Affiliate.created_at).where(Affiliate.id > last, *_WITHOUT)
    return [(row.id, row.created_at) for row in session.execute(query.order_by(Affiliate.id).limit(AT_ONCE))]


def _due(found: Sequence[tuple[int, datetime]], interval: int, today: date) -> Iterator[tuple[int, str]]:
    """Number and change of those whose interval is over just now."""
    for number, since in found:
        days = (today - since.date()).days
        if days >= interval and days % interval < GRACE:
            yield number, f"{interval}:{days // interval}"


def _remind(session: Session, due: Sequence[tuple[int, str]]) -> None:
    changes = dict(due)
    if changes:
        announce(session, Happening("tax_document_reminder", "", list(changes), changes=changes))


def _today(own: store.Identity) -> date:
    return utcnow().astimezone(own.zone).date()
