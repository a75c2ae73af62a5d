"""The pages' time in the server, with many rows in the outbox: as asked for by somebody who may see everything."""

import time
from decimal import Decimal
from statistics import median

from flask.testing import FlaskClient
from sqlalchemy import insert, literal, select, update

from benchmarks import message
from benchmarks.instance import Instance
from benchmarks.measures import Occasion
from benchmarks.table import Table, at_most, number
from webapp.accounts.models import User
from webapp.accounts.rights import ALL
from webapp.accounts.sessions import times
from webapp.affiliates.models import Affiliate
from webapp.app import create_app
from webapp.broadcasts.models import Broadcast
from webapp.db import UtcDateTime, utcnow
from webapp.mail.models import Attempt, Mailing, OutboxMail
from webapp.offers.models import Assignment, Offer

ROWS, LONG_ROWS, RUNNING = 100_000, 1_000_000, 50_000
HEARD = {"lease": 1, "number": 1, "status": "accepted", "stage": "dot", "code": "250", "detail": "Ok"} | {
    "peer": "",
    "tls": "",
    "took_ms": 20,
    "late": False,
}
OFFERS, EVERY = 200, 20  # each is run by every twentieth affiliate: a million assignments
STATES = ("approved", "approved", "approved", "denied", "requested")
GOAL = 100.0
TIMES = 7
PATHS = (
    "/",
    "/messages",
    "/messages/1",
    "/messages/1?state=failed",
    "/messages/1?state=sent&q=whitfield99",
    "/messages/1?state=sent&q=a",
    "/messages/1?state=sent&sort=-last",
    "/messages/1?state=&page=1000",
    "/messages/{last}",
    "/affiliates",
    "/affiliates?q=whitfield99",
    "/affiliates?q=a",
    "/affiliates?status=all&sort=-number&page=200",
    "/affiliates/5000",
    "/offers",
    "/offers/1",
    "/assignments",
    "/assignments?state=all",
    "/assignments?state=all&q=whitfield99",
    "/messages/new",
    "/messages/new?offer=C1",
    "/segments/new",
    "/reports",
    "/suppressions",
    "/account/users",
    "/account/audit",
    "/account/email-settings",
)


def measure(occasion: Occasion) -> Table:
    rows = LONG_ROWS if occasion.long else ROWS
    instance = Instance("pages", 9)
    try:
        instance.people(ROWS)
        mailings = [instance.mail(ROWS) for _ in range(rows // ROWS)]
        for mailing_id in mailings:
            _as_it_ended(instance, mailing_id)
        _offers(instance)
        running = instance.mail(RUNNING)
        _as_it_runs(instance, running)
        client = _signed_in(instance)
        paths = [path.format(last=len(mailings) + 1) for path in PATHS]
        found = [(path, *_timed(client, path)) for path in paths]
    finally:
        instance.close()
    table = Table(
        f"Pages with {rows:,} mails in the outbox and {OFFERS * ROWS // EVERY:,} assignments",
        ["page", "answer", "ms (median)", "ms (slowest)"],
    )
    slowest = 0.1
    for path, status, some in found:
        table.add(path, status, number(median(some)), number(max(some)))
        if status == 200:
            slowest = max(slowest, median(some))
    table.goals.append(at_most(f"every page ≤ {GOAL:.0f} ms", slowest, GOAL, " ms at worst"))
    if any(status != 200 for _, status, _ in found):
        table.notes.append("A page that does not answer 200 does not count.")
    return table


def _offers(instance: Instance) -> None:
    """Each is asked for by every twentieth affiliate."""
    keys = (Assignment.offer_id, Assignment.affiliate_id, Assignment.state)
    with instance.desk.session() as session:
        for number_ in range(1, OFFERS + 1):
            session.add(Offer(id=number_, cid=f"C{number_}", name=f"Offer {number_}", payout=Decimal(12)))
        session.flush()
        for place, state in enumerate(STATES):
            theirs = (Affiliate.id + Offer.id) % EVERY == 0
            which = (Affiliate.id // EVERY) % len(STATES) == place
            pairs = select(Offer.id, Affiliate.id, literal(state)).join(Affiliate, theirs).where(which)
            session.execute(insert(Assignment).from_select(keys, pairs))


def _as_it_ended(instance: Instance, mailing_id: int) -> None:
    """A message whose mails have left, but for one in a hundred."""
    failed, total = ROWS // 100, ROWS
    with instance.desk.session() as session:
        ours = OutboxMail.mailing_id == mailing_id
        for state, which in (("sent", OutboxMail.id % 100 != 0), ("failed", OutboxMail.id % 100 == 0)):
            session.execute(
                update(OutboxMail)
                .where(ours, which)
                .values(state=state, code="250 2.0.0", detail="250 2.0.0 Ok")
            )
        over = {"queued": 0, "sent": total - failed, "failed": failed, "finished_at": utcnow()}
        session.execute(
            update(Mailing).where(Mailing.id == mailing_id).values(state="finished_with_failures", **over)
        )
        session.add(_broadcast(mailing_id))


def _as_it_runs(instance: Instance, mailing_id: int) -> None:
    """A message in the middle of its sending, with an answer for each mail that has left."""
    with instance.desk.session() as session:
        ours = OutboxMail.mailing_id == mailing_id
        session.execute(
            update(OutboxMail)
            .where(ours, OutboxMail.id % 2 == 0)
            .values(state="sent", code="250", detail="Ok")
        )
        heard = select(
            OutboxMail.id, *(literal(value) for value in HEARD.values()), literal(utcnow(), UtcDateTime)
        )
        session.execute(
            insert(Attempt).from_select(
                ("mail_id", *HEARD, "at"),
                heard.where(ours, OutboxMail.state == "sent"),
            )
        )
        half = {"queued": RUNNING // 2, "sent": RUNNING // 2}
        session.execute(update(Mailing).where(Mailing.id == mailing_id).values(**half))
        session.add(_broadcast(mailing_id))


def _broadcast(mailing_id: int) -> Broadcast:
    draft = message.DRAFT
    return Broadcast(name="News", subject=draft.subject, html=draft.html, mailing_id=mailing_id)


def _signed_in(instance: Instance) -> FlaskClient:
    with instance.desk.session() as session:
        user = User(
            email="owner@network.example",
            password_hash="!",
            last_seen_at=utcnow(),
            rights=sorted(ALL),
            generation=1,
            preset="administrator",
        )
        session.add(user)
        session.flush()
        identity = user.get_id()
    client = create_app(instance.desk).test_client()
    with client.session_transaction() as cookie:
        cookie.update({**times(), "_user_id": identity, "_fresh": True})
    return client


def _timed(client: FlaskClient, path: str) -> tuple[int, list[float]]:
    status = client.get(path).status_code
    took = []
    for _ in range(TIMES):
        started = time.perf_counter()
        status = client.get(path).status_code
        took.append((time.perf_counter() - started) * 1000)
    return status, took
