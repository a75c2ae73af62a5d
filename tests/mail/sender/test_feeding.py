"""How the parent shares out what waits: no child runs dry while mails are waiting for it."""

from collections.abc import Callable
from typing import cast

import pytest

from webapp.affiliates.values import AffiliateValues
from webapp.desk import Desk
from webapp.mail import heartbeat
from webapp.mail.models import Mailing
from webapp.mail.outbox.claim import LARGEST, prepare
from webapp.mail.sender.feeding import Feeder
from webapp.mail.sender.office import Office
from webapp.mail.sender.worker import Load, Worker
from webapp.settings.directory import Directory

Start = Callable[..., Mailing]


class Seat:
    """What a feeder sees of a child."""

    def __init__(self, *, ready: bool = True, held: int = 0) -> None:
        self.ready, self.urgent, self.seat = ready, set[int](), 0
        self._load = Load(size=10, held=held)

    def load(self, _server_id: int) -> Load:
        return self._load


@pytest.fixture
def claimed(desk: Desk, mailing_to: Start) -> Callable[[Seat], tuple[int, int]]:
    """How many mails a child is given of thirty, and for how many servers more may wait."""
    mailing_to(30)

    def claim(seat: Seat) -> tuple[int, int]:
        with desk.session() as session:
            prepare(session)
            sender_id = heartbeat.begin(session, "here", "boot").id
            feeder = Feeder(Office(desk, Directory(desk), AffiliateValues(), 1), sender_id)
            deliveries, hungry = feeder.claim(session, [cast(Worker, seat)], {}, set())
            return sum(len(one.claim.mails) for one in deliveries), len(hungry)

    return claim


def test_more_may_wait_when_a_child_took_all_it_had_room_for(
    claimed: Callable[[Seat], tuple[int, int]],
) -> None:
    assert claimed(Seat()) == (10, 1)


def test_a_child_with_enough_is_asked_again_as_soon_as_it_has_room(
    claimed: Callable[[Seat], tuple[int, int]],
) -> None:
    assert claimed(Seat(held=8)) == (0, 1)


def test_nobody_is_asked_again_and_again_before_it_is_ready(
    claimed: Callable[[Seat], tuple[int, int]],
) -> None:
    assert claimed(Seat(ready=False)) == (0, 0)


def test_an_empty_queue_is_looked_at_in_its_time(claimed: Callable[[Seat], tuple[int, int]]) -> None:
    for _ in range(3):
        claimed(Seat())
    assert claimed(Seat()) == (0, 0)


def test_a_child_never_holds_more_than_one_full_claim_however_fast_it_is() -> None:
    load = Load()
    for _ in range(20):
        load.given(load.room)
        assert load.held <= LARGEST
        load.finished, load.held = load.held - load.held // 3, load.held // 3  # in no time
    assert load.size == LARGEST
