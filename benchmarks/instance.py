"""A real instance of Offerpost in a folder of its own: database, mail server, affiliates, and the sender as people start it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Select, insert, select, text

from benchmarks import message
from benchmarks.peers import HOME, ROOT
from benchmarks.processes import family
from webapp.accounts.audit import COMMAND_LINE
from webapp.affiliates.models import Affiliate, AffiliateGroup
from webapp.config import Config
from webapp.desk import Desk
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.enqueue import start_mailing
from webapp.settings import servers
from webapp.settings.settle import Typed
from webapp.wiring import open_desk

CONNECTIONS = 10
LONGEST = 900.0


class Instance:
    """`worker` is the process of `offerpost worker`, while one runs. `fields` are those of its SMTP server."""

    def __init__(self, name: str, port: int, *, database: str = "", **fields: object) -> None:
        self.home = HOME / "instances" / name
        shutil.rmtree(self.home, ignore_errors=True)
        self.environ = {
            **os.environ,
            "OFFERPOST_HOME": str(self.home),
            "OFFERPOST_ALLOW_HOSTS": f"127.0.0.1:{port}",
            "OFFERPOST_PUBLIC_URL": "https://desk.network.example",
            **({"OFFERPOST_DATABASE_URL": database} if database else {}),
        }
        self.desk: Desk = open_desk(Config.from_environment(self.environ))
        self.worker: subprocess.Popen[bytes] | None = None
        self.server_id = self._add_server(port, fields)
        self._people = 0

    def _add_server(self, port: int, more: dict[str, object]) -> int:
        usual = {"host": "127.0.0.1", "port": port, "security": "none", "connections": CONNECTIONS}
        fields = {name: str(value) for name, value in (usual | more).items()}
        with self.desk.session() as session:
            return servers.add(self.desk, session, COMMAND_LINE, "sink", Typed("smtp", fields)).id

    def people(self, count: int) -> None:
        """See to it that there are so many affiliates."""
        with self.desk.session() as session:
            if not self._people:
                session.execute(insert(AffiliateGroup), [{"name": f"Group {n}"} for n in range(7)])
            for start in range(self._people, count, 10_000):
                numbers = range(start, min(start + 10_000, count))
                session.execute(insert(Affiliate), [_affiliate(number) for number in numbers])
        self._people = max(self._people, count)

    def mail(self, count: int) -> int:
        """Start a mailing to the first `count` affiliates; its id. Committed when this returns."""
        self.people(count)
        with self.desk.session() as session:
            return start_mailing(
                session,
                content=message.DRAFT.as_dict(),
                kind="announcement",
                server_id=self.server_id,
                created_by=None,
                audience=first(count),
            ).id

    def wait(self, mailing_id: int, *, sent: int | None = None) -> Mailing:
        """Until it is finished, or has sent so many."""
        ends = time.monotonic() + LONGEST
        while time.monotonic() < ends:
            mailing = self.state(mailing_id)
            if mailing.finished_at is not None or (sent is not None and mailing.sent >= sent):
                return mailing
            if mailing.state == "paused" or (self.worker is not None and self.worker.poll() is not None):
                raise RuntimeError(f"sending has stopped: {mailing.state} {mailing.reason}")
            time.sleep(0.02 if sent is not None else 0.1)  # looking costs the sender CPU that it may need
        raise TimeoutError(f"mailing {mailing_id} is not finished after {LONGEST:.0f} s")

    def state(self, mailing_id: int) -> Mailing:
        with self.desk.reading() as session:
            return session.scalars(select(Mailing).where(Mailing.id == mailing_id)).one()

    def states(self, mailing_id: int) -> dict[str, str]:
        """The state of every mail, by address."""
        with self.desk.reading() as session:
            rows = session.execute(
                select(OutboxMail.address, OutboxMail.state).where(OutboxMail.mailing_id == mailing_id)
            )
            return dict(rows.all())

    @contextmanager
    def sending(self, processes: int = 1) -> Iterator["Instance"]:
        """With `offerpost worker` running, and warmed up by some mails."""
        self.start(processes)
        try:
            self.wait(self.mail(500))
            yield self
        finally:
            self.stop()

    def start(self, processes: int = 1) -> None:
        command = [sys.executable, "-m", "webapp.cli", "worker", "--processes", str(processes)]
        log = (self.home / "worker.log").open("ab")
        self.worker = subprocess.Popen(
            command, env=self.environ, cwd=ROOT, stderr=log, stdin=subprocess.DEVNULL
        )
        log.close()

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.terminate()
            try:
                self.worker.wait(30)
            except subprocess.TimeoutExpired:
                self.worker.kill()
                self.worker.wait()
            self.worker = None

    @property
    def pids(self) -> list[int]:
        """The sender parent, then its children."""
        return family(self.worker.pid) if self.worker is not None else []

    def close(self) -> None:
        self.stop()
        self.desk.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def forget_mails(self) -> None:
        """Make the outbox empty again."""
        with self.desk.session() as session:
            for table in ("attempts", "outbox", "mailings", "mail_contents"):
                session.execute(text(f"DELETE FROM {table}"))


def first(count: int) -> Select[int, str]:
    """The audience: the oldest `count` affiliates."""
    return select(Affiliate.id, Affiliate.email).order_by(Affiliate.id).limit(count)


def _affiliate(number: int) -> dict[str, object]:
    values = message.person(number)
    return {
        "affiliate_id": values["affiliate.id"],
        "email": values["affiliate.email"],
        "address": values["affiliate.email"].lower(),
        "first_name": values["affiliate.firstname"],
        "last_name": values["affiliate.lastname"],
        "company": values["affiliate.companyname"],
        "group_id": number % 7 + 1,
    }
