"""What the base class makes of a plugin's send_one, alone and from several threads."""

import logging
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from transports.checks import Check
from transports.contract import Delivery, Limits, OutgoingMail, Stage, Status, Transport
from transports.errors import AuthError, MaybeSent, RateLimited, Unsupported
from transports.net import Net
from transports.sending import BrokenPromise
from transports.testing.mails import Mail

SendOne = Callable[[OutgoingMail], Delivery | None]


class Wire(Transport):
    """A transport whose wire is a function."""

    kind = "wire"
    label = "Wire"
    summary = "For these tests."
    limits = Limits(connections=8)
    deliver: SendOne

    def send_one(self, mail: OutgoingMail) -> Delivery | None:
        return type(self).deliver(mail)

    def probe(self, sender: str) -> list[Check]:
        return []


def wire(deliver: SendOne, connections: int) -> Transport:
    made = type("Wired", (Wire,), {"deliver": staticmethod(deliver)})(
        {}, net=Net(), log=logging.getLogger("wire")
    )
    made.open(connections)
    return made


def accepted(mail: OutgoingMail) -> Delivery:
    return Delivery(mail.key, Status.ACCEPTED, Stage.API)


def good(mail: OutgoingMail) -> Delivery | None:
    return accepted(mail) if mail.leaving() else None


each_way = pytest.mark.parametrize("connections", [1, 4])


@each_way
def test_each_mail_gets_one_delivery(connections: int):
    for number in (0, 1, 3, 50):
        mails = [Mail() for _ in range(number)]
        keys = [delivery.key for delivery in wire(good, connections).send(iter(mails))]
        assert sorted(keys) == sorted(mail.key for mail in mails)
        assert all(mail.asked == 1 for mail in mails)


@each_way
def test_a_mail_that_may_not_leave_goes_back_in_silence(connections: int):
    mails = [Mail(), Mail(may_leave=False), Mail()]
    assert len(list(wire(good, connections).send(mails))) == 2


@each_way
def test_session_trouble_comes_after_the_outcome_of_every_mail_that_left(connections: int):
    mails = [Mail() for _ in range(20)]
    stop = mails[5].key

    def deliver(mail: OutgoingMail) -> Delivery | None:
        mail.leaving()
        if mail.key == stop:
            raise AuthError("The key was refused.", hint="Type it again.")
        time.sleep(0.01)
        return accepted(mail)

    found = []
    with pytest.raises(AuthError):
        for delivery in wire(deliver, connections).send(mails):
            found.append(delivery)
    assert sorted(one.key for one in found) == sorted(mail.key for mail in mails if mail.left)
    assert [one.status for one in found if one.key == stop] == [Status.DEFERRED]


def test_the_wish_of_a_rate_limit_is_passed_on():
    def deliver(mail: OutgoingMail) -> Delivery | None:
        mail.leaving()
        raise RateLimited("Too fast.", retry_after=30)

    sending = wire(deliver, 1).send([Mail()])
    assert next(sending).retry_after == 30
    with pytest.raises(RateLimited):
        next(sending)


@each_way
def test_a_line_that_broke_in_the_middle_is_an_unknown_outcome_and_the_rest_goes_on(connections: int):
    mails = [Mail() for _ in range(4)]

    def deliver(mail: OutgoingMail) -> Delivery | None:
        mail.leaving()
        if mail.key == mails[1].key:
            raise MaybeSent("reset")
        return accepted(mail)

    statuses = {one.key: one.status for one in wire(deliver, connections).send(mails)}
    assert statuses.pop(mails[1].key) is Status.UNKNOWN
    assert set(statuses.values()) == {Status.ACCEPTED}
    assert len(statuses) == 3


@each_way
def test_a_fault_of_the_plugin_leaves_its_mail_unknown_and_ends_the_round(connections: int):
    def deliver(mail: OutgoingMail) -> Delivery | None:
        mail.leaving()
        raise ZeroDivisionError

    found = []
    with pytest.raises(ZeroDivisionError):
        for delivery in wire(deliver, connections).send([Mail()]):
            found.append(delivery)
    assert [one.status for one in found] == [Status.UNKNOWN]


def test_a_fault_before_the_mail_left_sends_it_back():
    def deliver(mail: OutgoingMail) -> Delivery | None:
        raise ZeroDivisionError

    sending = wire(deliver, 1).send([Mail()])
    with pytest.raises(ZeroDivisionError):
        next(sending)


@pytest.mark.parametrize(
    "deliver",
    [
        accepted,
        lambda mail: mail.leaving() and None,
        lambda mail: mail.leaving() and "sent",
        lambda mail: mail.leaving() and Delivery("another", Status.ACCEPTED, Stage.API),
        lambda mail: mail.leaving() and mail.leaving(),
    ],
    ids=["never asked", "nothing returned", "no Delivery", "another mail's Delivery", "asked twice"],
)
def test_a_broken_promise_is_named_and_the_mail_is_accounted_for(deliver: SendOne):
    mail = Mail()
    found = []
    with pytest.raises(BrokenPromise):
        for delivery in wire(deliver, 1).send([mail]):
            found.append(delivery)
    assert [one.key for one in found] == [mail.key]


def test_a_mail_that_asks_too_much_stops_everything_before_it_leaves():
    for asks in (Mail(tags=["autumn"]), Mail(metadata={"a": "b"}), Mail(sender="bounce+1@network.example")):
        with pytest.raises(Unsupported):
            list(wire(good, 1).send([asks]))
        assert asks.asked == 0


@each_way
def test_replies_are_read_while_nothing_may_leave(connections: int):
    """The host answers None until it has seen the outcome of the first mail."""
    seen: list[str] = []

    def mails() -> Iterator[OutgoingMail | None]:
        yield Mail()
        while not seen:
            yield None
        yield Mail()

    for delivery in wire(good, connections).send(mails()):
        seen.append(delivery.key)
    assert len(seen) == 2


def test_an_outcome_is_yielded_as_soon_as_it_is_known():
    slow_may_end = threading.Event()

    def deliver(mail: OutgoingMail) -> Delivery | None:
        mail.leaving()
        if mail.key == "slow":
            slow_may_end.wait(5)
        return accepted(mail)

    sending = wire(deliver, 2).send([Mail(key="slow"), Mail(key="fast")])
    assert next(sending).key == "fast"
    slow_may_end.set()
    assert next(sending).key == "slow"


def test_several_threads_work_at_once_but_no_more_than_were_granted():
    lock = threading.Lock()
    now = most = 0

    def deliver(mail: OutgoingMail) -> Delivery | None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return accepted(mail) if mail.leaving() else None

    assert len(list(wire(deliver, 3).send(Mail() for _ in range(30)))) == 30
    assert most == 3


def test_the_hosts_mails_are_read_in_the_hosts_thread():
    threads = set()

    def mails() -> Iterator[OutgoingMail]:
        for _ in range(10):
            threads.add(threading.current_thread())
            yield Mail()

    list(wire(good, 4).send(mails()))
    assert threads == {threading.current_thread()}


def test_an_abandoned_round_ends_its_threads_and_takes_no_more_mails():
    before = threading.active_count()
    taken = 0

    def mails() -> Iterator[OutgoingMail]:
        nonlocal taken
        while True:
            taken += 1
            yield Mail()

    sending = wire(good, 4).send(mails())
    next(sending)
    sending.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert taken <= 5


def test_a_fault_in_the_hosts_own_mails_is_raised_after_the_outcomes():
    def mails() -> Iterator[OutgoingMail]:
        yield Mail()
        raise LookupError("the host's own")

    found = []
    with pytest.raises(LookupError):
        for delivery in wire(good, 4).send(mails()):
            found.append(delivery)
    assert len(found) == 1


def test_no_more_connections_are_opened_than_the_transport_bears():
    transport = wire(good, 100)
    assert transport.connections == 8


def test_a_plugin_that_scribbles_on_a_mail_changes_nothing():
    mail = Mail(subject="Yours")

    def deliver(handed: OutgoingMail) -> Delivery | None:
        handed.subject = "Mine"
        return good(handed)

    list(wire(deliver, 1).send([mail]))
    assert mail.subject == "Yours"
