"""The pages' time in the server, with many rows in the outbox: as asked for by somebody who may see everything."""

import time
from statistics import median

from flask.testing import FlaskClient

from benchmarks.instance import Instance
from benchmarks.measures import Occasion
from benchmarks.table import Table, at_most, number
from webapp.accounts.models import User
from webapp.accounts.rights import ALL
from webapp.accounts.sessions import times
from webapp.app import create_app
from webapp.db import utcnow

ROWS, LONG_ROWS = 100_000, 1_000_000
GOAL = 100.0
TIMES = 7
PATHS = (
    "/",
    "/messages",
    "/affiliates",
    "/affiliates?q=whitfield99",
    "/affiliates/5000",
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
        for _ in range(rows // ROWS):
            instance.mail(ROWS)
        client = _signed_in(instance)
        found = [(path, *_timed(client, path)) for path in PATHS]
    finally:
        instance.close()
    table = Table(
        f"Pages with {rows:,} mails in the outbox", ["page", "answer", "ms (median)", "ms (slowest)"]
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
