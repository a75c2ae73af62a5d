"""Live tests that were judged: kept without the headers themselves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.domains.arrival import Judged
from webapp.domains.models import Arrival


def keep(session: Session, judged: Judged, user: User | None) -> Arrival:
    results = [
        {"title": title, "verdict": one.verdict.value, "words": one.words, "remedy": one.remedy}
        for title, one in judged.findings.items()
    ]
    kept = Arrival(domain=judged.domain, dkim=judged.dkim, results=results, by=user.id if user else None)
    session.add(kept)
    session.flush()
    return kept


def latest(session: Session, domain: str) -> Arrival | None:
    query = select(Arrival).where(Arrival.domain == domain).order_by(Arrival.id.desc()).limit(1)
    return session.scalars(query).first()
