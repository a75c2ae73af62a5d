"""The public address of counted links: how many openings a second, each written down before the browser is sent on."""

import http.client
import subprocess
import sys
import threading
import time

from sqlalchemy import select

from benchmarks.instance import Instance
from benchmarks.measures import Occasion
from benchmarks.peers import ROOT
from benchmarks.processes import cpu_seconds
from benchmarks.sink import free_port, wait_for
from benchmarks.table import Table, at_least, number
from webapp.mail.clicks import Click, click_url
from webapp.mail.models import MailContent, OutboxMail
from webapp.tracking.intake import Intake

PEOPLE, CALLERS, EACH = 1_000, 4, 1_500
GOAL = 1_000.0


def measure(_occasion: Occasion) -> Table:
    instance, port = Instance("clicks", 9), free_port()
    try:
        paths = _paths(instance)
        command = [sys.executable, "-m", "webapp.cli", "serve", "--no-worker", "--port", str(port)]
        quiet = subprocess.DEVNULL
        server = subprocess.Popen(command, env=instance.environ, cwd=ROOT, stdout=quiet, stderr=quiet)
        try:
            wait_for(port)
            seconds, cpu = _opened(server.pid, port, paths)
        finally:
            server.terminate()
            server.wait(40)
        kept = _kept(instance)
    finally:
        instance.close()
    hits = CALLERS * EACH
    table = Table("Counted links", ["what", "hits/s", "CPU µs a hit", "kept"])
    table.add(
        "`offerpost serve`, over HTTP",
        number(hits / seconds),
        number(cpu / hits * 1e6),
        f"{kept:,} of {hits:,}",
    )
    table.goals.append(
        at_least("≥ 1,000 hits/s on one core", min(hits / seconds, hits / cpu), GOAL, " a second")
    )
    table.goals.append(at_least("none lost", kept / hits, 1.0, " of those answered"))
    table.notes.append(
        f"{CALLERS} callers on the same machine. Every hit was answered with the right address."
    )
    return table


def _paths(instance: Instance) -> list[str]:
    mailing_id = instance.mail(PEOPLE)
    with instance.desk.session() as session:
        content = session.scalars(select(MailContent)).one()
        content.draft = {**content.draft, "links": [f"https://shop.example/{n}" for n in range(12)]}
        ids = session.scalars(select(OutboxMail.id).where(OutboxMail.mailing_id == mailing_id)).all()
    return [f"{click_url(instance.desk.vault, '', mail_id)}/{mail_id % 12}" for mail_id in ids]


def _opened(pid: int, port: int, paths: list[str]) -> tuple[float, float]:
    """Seconds and CPU seconds of the server."""
    callers = [threading.Thread(target=_call, args=(port, paths[n:] + paths[:n])) for n in range(CALLERS)]
    _call(port, paths[:50], 50)
    before, started = cpu_seconds([pid]), time.perf_counter()
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return time.perf_counter() - started, cpu_seconds([pid]) - before


def _call(port: int, paths: list[str], hits: int = EACH) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for n in range(hits):
        path = paths[n % len(paths)]
        connection.request("GET", path, headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140"})
        answer = connection.getresponse()
        answer.read()
        if answer.headers["Location"] != f"https://shop.example/{path.rpartition('/')[2]}":
            raise RuntimeError(f"{path} led to {answer.headers['Location']}")


def _kept(instance: Instance) -> int:
    Intake(instance.desk).run()
    with instance.desk.reading() as session:
        return session.query(Click).count() - 50
