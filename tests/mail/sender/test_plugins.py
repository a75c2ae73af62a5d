"""A transport that misbehaves stops its own mail server and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import now_of, states, until
from webapp.desk import Desk
from webapp.mail.models import Mailing, OutboxMail
from webapp.settings.models import MailServer

pytestmark = pytest.mark.timeout(90)
Start = Callable[..., Mailing]

PLUGIN = """
import os
from transports.contract import Capability, Delivery, Stage, Status, Transport
from transports.errors import AuthError, TemporaryError, Unsupported
from transports.hookspecs import hookimpl


class Odd(Transport):
    contract = 1
    kind = "odd"
    label = "Odd"
    summary = "Misbehaves."
    sent = 0

    def send_one(self, mail):
        {body}
        self.sent += 1
        return Delivery(mail.key, Status.ACCEPTED, Stage.API)

    def probe(self, sender):
        return []


@hookimpl
def register_transports():
    return [Odd]
"""


@pytest.fixture
def odd(desk: Desk, mailing_to: Start) -> Callable[[str], Mailing]:
    """A mailing to twenty people through a transport whose `send_one` begins with this code."""

    def start(code: str) -> Mailing:
        body = code.replace("\n", "\n        ")
        (desk.config.plugins / "odd.py").write_text(PLUGIN.format(body=body))
        return mailing_to(20, server={"kind": "odd", "values": {}, "connections": 1})

    return start


def pause_of(desk: Desk) -> str:
    with desk.reading() as session:
        return session.scalars(select(MailServer.paused_reason).where(MailServer.kind == "odd")).one()


def at_rest(desk: Desk) -> bool:
    return states(desk)["sending"] == 0


def test_an_exception_stops_the_server_and_only_what_left_is_unknown(
    desk: Desk, odd: Callable[[str], Mailing], worker: StartWorker
) -> None:
    odd("mail.leaving()\nif self.sent == 3: raise KeyError('oops')")
    worker()
    until(lambda: pause_of(desk) and at_rest(desk))
    assert "Fault in the plugin odd" in pause_of(desk)
    assert states(desk) == {"sent": 3, "unknown": 1, "queued": 16}


def test_a_plugin_that_ends_its_process_stops_its_server(
    desk: Desk, odd: Callable[[str], Mailing], worker: StartWorker
) -> None:
    odd("mail.leaving()\nif self.sent == 2: os._exit(3)")
    worker()
    until(lambda: pause_of(desk) and at_rest(desk))
    assert "died several times" in pause_of(desk)
    assert states(desk) == {"sent": 6, "unknown": 3, "queued": 11}


def test_what_a_transport_cannot_do_pauses_the_mailing(
    desk: Desk, odd: Callable[[str], Mailing], worker: StartWorker
) -> None:
    mailing = odd("raise Unsupported('Odd cannot do this: tags.', hint='Choose another.')")
    worker()
    until(lambda: now_of(desk, mailing).state == "paused" and at_rest(desk))
    assert now_of(desk, mailing).reason == "Odd cannot do this: tags. Choose another."
    assert states(desk) == {"queued": 20}
    assert pause_of(desk) == ""


def test_a_login_that_fails_pauses_with_reason_and_hint(
    desk: Desk, odd: Callable[[str], Mailing], worker: StartWorker
) -> None:
    odd("raise AuthError('The key was refused.', hint='Type it again.')")
    worker()
    until(lambda: pause_of(desk) and at_rest(desk))
    assert pause_of(desk) == "The key was refused."
    assert states(desk) == {"queued": 20}


def test_a_mail_that_must_not_leave_comes_back(
    desk: Desk, odd: Callable[[str], Mailing], worker: StartWorker
) -> None:
    mailing = odd("if not mail.leaving(): return None")
    worker()
    until(lambda: now_of(desk, mailing).state == "finished")
    assert states(desk) == {"sent": 20}


def test_a_kind_that_is_not_there_pauses_the_server(
    desk: Desk, odd: Callable[[str], Mailing], worker: StartWorker
) -> None:
    odd("pass")
    (Path(desk.config.plugins) / "odd.py").unlink()
    worker()
    until(lambda: pause_of(desk) and at_rest(desk))
    assert "no transport of the kind" in pause_of(desk)
    assert states(desk) == {"queued": 20}


def test_a_deleted_server_pauses_its_mailing(desk: Desk, mailing_to: Start, worker: StartWorker) -> None:
    mailing = mailing_to(3, server_id=99)
    worker()
    until(lambda: now_of(desk, mailing).state == "paused")
    assert "was deleted" in now_of(desk, mailing).reason
    with desk.session() as session:
        session.execute(update(Mailing).values(state="running"))


@pytest.mark.parametrize("told", ["raise ValueError({words})", "mail.leaving()\nraise ValueError({words})"])
def test_the_text_of_a_plugins_fault_is_neither_logged_nor_kept(
    desk: Desk, odd: Callable[[str], Mailing], worker: StartWorker, told: str
) -> None:
    odd(told.format(words="'canary' + '-4711 is the password'"))
    running = worker()
    until(lambda: pause_of(desk) and at_rest(desk))
    running.stop()
    assert "Fault in the plugin odd: ValueError" in running.said
    with desk.reading() as session:
        kept = str(session.execute(select(OutboxMail.detail)).all()) + pause_of(desk)
    assert "canary-4711" not in kept + running.said


def test_a_session_that_can_not_be_opened_gives_every_mail_back_and_tells_no_secret(
    desk: Desk, odd: Callable[[str], Mailing], worker: StartWorker
) -> None:
    odd("pass")
    path = desk.config.plugins / "odd.py"
    broken = "def open(self, connections):\n        raise ValueError('canary' + '-4711')\n\n    def send_one("
    path.write_text(path.read_text().replace("def send_one(", broken))
    running = worker()
    until(lambda: pause_of(desk) and at_rest(desk))
    running.stop()
    assert states(desk) == {"queued": 20}
    assert "canary-4711" not in running.said + pause_of(desk)
