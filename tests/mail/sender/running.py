"""A sender as it really runs: `offerpost worker` in a process of its own, which tests may kill."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from transports.testing.smtp_server import SmtpServer
from webapp.desk import Desk
from webapp.mail.models import Mailing, OutboxMail
from webapp.mail.outbox.counters import audit_counters
from webapp.mail.outbox.outcomes import Progress, progress
from webapp.settings.models import MailServer

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0  # for a machine that has much else to do; nobody waits longer than it takes


class Worker:
    """`offerpost worker` on one instance. Kill it as you like; `stop` asks it politely."""

    def __init__(self, environ: dict[str, str], *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "webapp.cli", "worker", *options],
            env={**os.environ, **environ},
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def kill_a_child(self) -> None:
        until(lambda: self.children() != [])
        os.kill(self.children()[0], signal.SIGKILL)

    def kill(self) -> None:
        self.process.kill()
        self._collect()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self._collect()
        return self.process.returncode

    def _collect(self) -> None:
        _, said = self.process.communicate(timeout=PATIENCE)
        self.said += said or ""


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for something that another process does."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def now_of(desk: Desk, mailing: Mailing) -> Progress:
    with desk.reading() as session:
        return progress(session, mailing.id)


def until_over(desk: Desk, mailing: Mailing) -> Progress:
    until(lambda: now_of(desk, mailing).remaining == 0)
    return now_of(desk, mailing)


def states(desk: Desk) -> Counter[str]:
    with desk.reading() as session:
        return Counter(session.scalars(select(OutboxMail.state)))


def arrived(server: SmtpServer) -> Counter[str]:
    return Counter(mail.recipients[0] for mail in server.inbox)


def use_smtp(session: Session, server: SmtpServer, **changes: object) -> None:
    """Make this SMTP server the default one."""
    session.execute(update(MailServer).values(is_default=False))
    values = {"host": "127.0.0.1", "port": server.port, "security": "none", "helo_name": "localhost"}
    settings = {"kind": "smtp", "values": values, "is_default": True, "connections": 4} | changes
    session.add(MailServer(public_id="smtp", name="Own server", **settings))
    session.flush()


def assert_truthful(desk: Desk, mailing: Mailing, server: SmtpServer) -> None:
    """Nobody lost, nobody doubled, counters right: what the server got against what the rows say."""
    got = arrived(server)
    with desk.reading() as session:
        rows = session.execute(select(OutboxMail.address, OutboxMail.state)).all()
        assert audit_counters(session, mailing.id) == {}
    assert [address for address, count in got.items() if count > 1] == []
    lost = [address for address, state in rows if state == "sent" and not got[address]]
    untold = [address for address, state in rows if got[address] and state not in ("sent", "unknown")]
    assert (lost, untold) == ([], [])
