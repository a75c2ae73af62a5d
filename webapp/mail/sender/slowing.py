"""Turns what this sender has seen into rests that all senders honour: of one recipient domain, or of the server."""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.among import among
from webapp.mail.models import OutboxMail
from webapp.mail.outbox import rests, waking
from webapp.mail.outbox.held import Held
from webapp.mail.outbox.pace import domain_of
from webapp.mail.outbox.rests import WHOLE, Rests
from webapp.mail.sender.asking import PASSED
from webapp.mail.sender.health import Health, is_plain
from webapp.mail.sender.results import Result

UNREACHED = 0.05  # of a full rest: a server that could not be reached may be there again soon
SEVERAL, SOON = 5, 60.0  # so many unclear deferrals of one domain within so many seconds
DOMAINS = 3  # so many domains that rest: then it is not about them


def settle(session: Session, healths: Mapping[int, Health], seconds: float, now: datetime) -> Rests:
    """Write down what was seen, for the caller's transaction; returns every rest. `Health.forget` after its commit."""
    for server_id, health in sorted(healths.items()):
        _whole_server(session, server_id, health, seconds, now)
        if health.asking.answer == PASSED and health.asking.about is not None:
            rests.prove(session, server_id, health.asking.about)
        if health.put_off:
            _domains(session, server_id, health, seconds, now)
        if health.recovering and health.accepted:
            _recover(session, server_id, health, now)
    found = rests.standing(session)
    for server_id, health in healths.items():
        health.recovering = server_id in found
    return found


def put_off(session: Session, held: Mapping[int, Held], slowed: Rests, now: datetime) -> set[int]:
    """Those of the mails that children hold which go to a domain that rests by now."""
    found: set[int] = set()
    for server_id, known in slowed.items():
        resting = {domain for domain, rest in known.items() if domain != WHOLE and not rest.over(now)}
        ids = [mail_id for mail_id, one in held.items() if one.server_id == server_id] if resting else []
        found |= {mail_id for mail_id, to in _addresses(session, ids).items() if domain_of(to) in resting}
    return found


def _whole_server(session: Session, server_id: int, health: Health, seconds: float, now: datetime) -> None:
    for slow in health.slowdowns:
        length = seconds if slow.busy else seconds * UNREACHED
        _rest(session, server_id, WHOLE, slow.words, length, slow.retry_after, now)


def _domains(session: Session, server_id: int, health: Health, seconds: float, now: datetime) -> None:
    addresses = _addresses(session, (result.mail_id for result in health.put_off))
    for result in health.put_off:
        domain = domain_of(addresses.get(result.mail_id, ""))
        if domain and (is_plain(result) or _often(health, domain)):
            words = f"{domain} puts us off: {result.code} {result.detail}".strip()
            _rest(session, server_id, domain, words, seconds, _asked(result), now)
    resting = [
        domain for domain, rest in rests.standing(session).get(server_id, {}).items() if not rest.over(now)
    ]
    if len(resting) >= DOMAINS and WHOLE not in resting:
        last = health.put_off[-1]
        words = f"It puts off mail to {len(resting)} domains: {last.code} {last.detail}".strip()
        _rest(session, server_id, WHOLE, words, seconds, _asked(last), now)


def _recover(session: Session, server_id: int, health: Health, now: datetime) -> None:
    rests.accepted(session, server_id, WHOLE, health.accepted, health.most)
    counts: dict[str, int] = {}
    for address in _addresses(session, health.accepted_ids).values():
        counts[domain_of(address)] = counts.get(domain_of(address), 0) + 1
    for domain in sorted(rests.standing(session).get(server_id, {}).keys() & counts.keys()):
        if rests.accepted(session, server_id, domain, counts[domain], health.most):
            waking.wake(session, domain, now)


def _rest(
    session: Session,
    server_id: int,
    domain: str,
    words: str,
    seconds: float,
    retry_after: float | None,
    now: datetime,
) -> None:
    rests.begin(session, server_id, domain, words, seconds=seconds, at_least=retry_after or 0.0, now=now)


def _asked(result: Result) -> float | None:
    """How long the server wants us to wait. That of a 4.7.28 was added by us, and the operator decides about the rest."""
    return None if result.enhanced == "4.7.28" else result.retry_after


def _often(health: Health, domain: str) -> bool:
    count, since = health.tallies.get(domain, (0, 0.0))
    if time.monotonic() - since > SOON:
        count, since = 0, time.monotonic()
    health.tallies[domain] = (count + 1, since)
    return count + 1 >= SEVERAL


def _addresses(session: Session, mail_ids: Iterable[int]) -> dict[int, str]:
    wanted = select(OutboxMail.id, OutboxMail.address).where(among(OutboxMail.id, sorted(set(mail_ids))))
    return dict(session.execute(wanted).all())
