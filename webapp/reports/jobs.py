"""Counts what is new and keeps the reports of messages, every minute; and clears away days by domain that no page shows."""

from functools import partial

from webapp.desk import Desk

LOOK, CLEAR = "reports.look", "reports.clear"


def register(desk: Desk) -> None:
    desk.jobs.task(LOOK)(partial(look, desk))
    desk.jobs.task(CLEAR)(partial(clear, desk))
    desk.jobs.periodic(LOOK, 1)
    desk.jobs.periodic(CLEAR, 50)


def look(desk: Desk) -> None:
    from webapp.reports import counting, keeping

    counting.catch_up(desk)
    keeping.keep(desk, desk.jobs.stopping)


def clear(desk: Desk) -> None:
    """Recipient domains may be as many as recipients: their months stay, their days only as long as pages show them."""
    from datetime import timedelta

    from sqlalchemy import delete

    from webapp.db import utcnow
    from webapp.reports.counting import DOMAIN
    from webapp.reports.models import ReportSum
    from webapp.reports.spans import DAYS_KEPT

    first = (utcnow() - timedelta(days=DAYS_KEPT)).date().isoformat()
    with desk.session() as session:
        session.execute(delete(ReportSum).where(ReportSum.facet == DOMAIN, ReportSum.span < first))
