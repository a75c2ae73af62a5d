"""Limits and the overtaking of operational mail with real processes, counted at a real SMTP server."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import String, cast, insert, literal, select

from tests.databases import on_postgres
from tests.mail.conftest import draft, everybody, mail_to
from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import Worker, arrived, until, until_over, use_smtp
from transports.testing.listener import Drip
from transports.testing.smtp_server import Action, SmtpServer
from webapp.affiliates.models import Affiliate
from webapp.desk import Desk
from webapp.mail.models import Mailing
from webapp.mail.outbox.enqueue import enqueue_one, start_mailing

pytestmark = pytest.mark.timeout(120)


class Counter(SmtpServer):
    """Counts over how many connections mails to a.example and to all others are coming in at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.most = {True: 0, False: 0}, {True: 0, False: 0}
        self._counting = threading.Lock()

    def rule(self, place: str, about: bytes) -> Action | None:
        if place == "DOT":
            ours = b"@a.example" in about
            with self._counting:
                self.now[ours] += 1
                self.most[ours] = max(self.most[ours], self.now[ours])
            time.sleep(0.05)
            with self._counting:
                self.now[ours] -= 1
        return super().rule(place, about)


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with Counter() as server:
        yield server


PROMISED = 2.0  # seconds until a password reset has left
OVERTAKEN = 12  # announcements that may still leave before it: four in each of three connections
STILL = 1.5  # three looks of a sender at the queue


def reset_link(desk: Desk, smtp: SmtpServer) -> int:
    """Queue a password reset, which leaves as soon as is promised; how many other mails the server got before it."""
    began = time.monotonic()
    before = len(smtp.inbox)
    with desk.session() as session:
        content = draft(kind="operational", subject="Your new password")
        enqueue_one(session, desk.vault, key="reset:1", content=content, address="mara@x.example")
    until(lambda: arrived(smtp)["mara@x.example"])
    assert time.monotonic() - began < PROMISED
    order = [mail.recipients[0] for mail in smtp.inbox]
    return order.index("mara@x.example") - before


def crowd(desk: Desk, count: int) -> None:
    """So many affiliates, each with a mail in the queue: real rows, made by two statements."""
    number = select(literal(1).label("n")).cte("numbers", recursive=True)
    number = number.union_all(select(number.c.n + 1).where(number.c.n < count))
    address = literal("p") + cast(number.c.n, String) + "@x.example"
    everyone = select(cast(number.c.n, String), address, address)
    with desk.session() as session:
        session.execute(insert(Affiliate).from_select(["affiliate_id", "email", "address"], everyone))
        start_mailing(
            session,
            content=draft(),
            kind="announcement",
            server_id=None,
            created_by=None,
            audience=everybody(),
        )


def test_a_password_reset_overtakes_a_hundred_thousand_announcements(
    desk: Desk, smtp: SmtpServer, worker: StartWorker
) -> None:
    smtp.on(
        "DOT", Drip("250 2.0.0 Ok\r\n", 0.05)
    )  # each mail takes most of a second, so hundreds are a long queue
    with desk.session() as session:
        use_smtp(session, smtp, connections=3)
    crowd(desk, 100_000)
    worker()
    until(lambda: len(smtp.inbox) > 4)
    assert reset_link(desk, smtp) <= OVERTAKEN
    with desk.reading() as session:
        mailing = session.scalars(select(Mailing)).one()
        assert mailing.queued > 90_000


def test_four_children_keep_to_one_budget_and_leave_its_part_to_operational_mail(
    desk: Desk, smtp: SmtpServer, mailing_to: Callable[..., Mailing], worker: StartWorker
) -> None:
    mailing_to(200, server={"max_per_day": 40, "connections": 8})
    worker("--processes", "4")
    until(lambda: len(smtp.inbox) >= 38)
    time.sleep(STILL)
    assert len(smtp.inbox) == 38
    assert reset_link(desk, smtp) == 0
    time.sleep(STILL)
    assert len(smtp.inbox) == 39


def test_four_children_use_no_more_connections_to_a_domain_than_it_likes(
    desk: Desk, smtp: Counter, mailing_to: Callable[..., Mailing], worker: StartWorker
) -> None:
    people = [f"p{number}@{'b' if number % 8 else 'a'}.example" for number in range(320)]
    mailing = mailing_to(people, server={"domain_limits": "a.example 2 connections", "connections": 9})
    worker("--processes", "4")
    assert until_over(desk, mailing).counts["sent"] == 320
    assert smtp.most[True] == 2
    assert smtp.most[False] > 2


@pytest.mark.postgres
def test_four_senders_on_postgresql_share_one_budget(
    environ: dict[str, str], postgres_url: str, smtp: Counter, started: list[Worker]
) -> None:
    there = environ | {"OFFERPOST_DATABASE_URL": postgres_url}
    desk = on_postgres(there)
    with desk.session() as session:
        use_smtp(
            session, smtp, max_per_hour=60, connections=8, domain_limits="a.example 20/hour 2 connections"
        )
        # Which domain comes first is nobody's promise: 45 for b.example leave at least 12 of the 57 to a.example.
        people = [f"p{number}@{'b' if number < 45 else 'a'}.example" for number in range(400)]
        mail_to(session, people, server_id=None)
    started += [Worker(there, "--processes", "1") for _ in range(4)]
    until(lambda: len(smtp.inbox) >= 57)
    time.sleep(STILL)
    desk.close()
    assert len(smtp.inbox) == 57
    assert 12 <= sum(address.endswith("@a.example") for address in arrived(smtp)) <= 19
    assert smtp.most[True] <= 2


@pytest.fixture
def started() -> Iterator[list[Worker]]:
    workers: list[Worker] = []
    yield workers
    for one in workers:
        one.kill()
