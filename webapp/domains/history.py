"""Checks that were made: kept, compared with the one before, and looked up."""

import time
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from webapp.desk import Desk
from webapp.domains.checking import check
from webapp.domains.lookup.resolver import QUERIES, Budget, Resolver
from webapp.domains.models import DomainCheck
from webapp.domains.shapes import described
from webapp.domains.subject import Subject, Way
from webapp.errors import NotFound

KEPT = 200  # checks of one domain
RANK = {"n/a": 0, "pass": 0, "unknown": 1, "warn": 2, "fail": 3}


def examine(desk: Desk, subject: Subject) -> DomainCheck:
    """Ask the DNS and the servers now: up to ten seconds, so call it with no transaction open. The result is not stored yet."""
    budget, began = Budget(), time.monotonic()
    found = check(subject, Resolver(desk.config.resolver, budget=budget), desk.net)
    results = [described(one) for one in found]
    counts = {verdict: sum(one["verdict"] == verdict for one in results) for verdict in RANK}
    return DomainCheck(
        domain=subject.domain,
        way=_words(subject.way),
        failed=counts["fail"],
        warned=counts["warn"],
        unknown=counts["unknown"],
        results=results,
        took_ms=round((time.monotonic() - began) * 1000),
        queries=QUERIES - budget.queries,
    )


def keep(session: Session, made: DomainCheck, by: int | None = None) -> DomainCheck:
    """Store a check with what has become worse since the last one, and what was worse then and still is."""
    before = latest(session, made.domain)
    made.by = by
    made.worse = worse(before.results, before.worse, made.results) if before else []
    session.add(made)
    session.flush()
    old = listed(made.domain).offset(KEPT).with_only_columns(DomainCheck.id)
    session.execute(delete(DomainCheck).where(DomainCheck.id.in_(list(session.scalars(old)))))
    return made


def worse(
    before: list[dict[str, Any]], noted: list[dict[str, str]], now: list[dict[str, Any]]
) -> list[dict[str, str]]:
    """Rules that warn or fail now and were better before. What is merely unknown is no change for the worse."""
    was = {one["id"]: one["verdict"] for one in before}
    open_since = {one["id"]: one["was"] for one in noted}
    found = []
    for one in now:
        rank, old = RANK[one["verdict"]], open_since.get(one["id"], was.get(one["id"], "n/a"))
        known = old != "unknown" or one["id"] in open_since
        if one["verdict"] in ("warn", "fail") and rank > RANK[old] and known and one["id"] in was:
            found.append(
                {
                    "id": one["id"],
                    "title": one["title"],
                    "was": old,
                    "now": one["verdict"],
                    "words": one["words"],
                }
            )
        elif one["verdict"] == "unknown" and one["id"] in open_since:
            found += [old_note for old_note in noted if old_note["id"] == one["id"]]
    return found


def latest(session: Session, domain: str) -> DomainCheck | None:
    return session.scalars(listed(domain).limit(1)).first()


def listed(domain: str) -> Select[DomainCheck]:
    """Checks of a domain, the newest first."""
    return select(DomainCheck).where(DomainCheck.domain == domain).order_by(DomainCheck.id.desc())


def find(session: Session, number: int) -> DomainCheck:
    made = session.get(DomainCheck, number)
    if made is None:
        raise NotFound("This check is not kept any more. The newest one is under Domain check.")
    return made


def acknowledge(session: Session, made: DomainCheck) -> None:
    """Somebody has seen what became worse; it is not shown on the overview any more."""
    newest = latest(session, made.domain) or made
    newest.worse = []


def domains(session: Session) -> list[str]:
    """Every domain that was checked once."""
    return list(session.scalars(select(DomainCheck.domain).distinct().order_by(DomainCheck.domain)))


def _words(way: Way) -> str:
    if way.host:
        return f"{way.name} ({way.host})" if way.name != way.host else way.host
    return way.name
