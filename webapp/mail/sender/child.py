"""A sender child: `python -m webapp.mail.sender.child <pipe> <journal>`. No database, no Flask, no key file.

It ends when its parent does, however that ends: the pipe is closed then, and no further body leaves.
"""

import logging
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path

from transports.contract import Transport
from transports.net import Net
from transports.registry import Registry
from webapp import logs
from webapp.mail.sender import memory
from webapp.mail.sender.asking import ask
from webapp.mail.sender.borrowing import PipeKeeper
from webapp.mail.sender.gate import Gate
from webapp.mail.sender.journal import Journal
from webapp.mail.sender.lane import Desk, Lane
from webapp.mail.sender.messages import (
    Answered,
    Ask,
    Bye,
    Hello,
    Hold,
    Mails,
    Probe,
    Probed,
    Ready,
    Recall,
    Recorded,
    Results,
    Stop,
    ToChild,
    ToParent,
    Troubled,
)
from webapp.mail.sender.orders import Through
from webapp.mail.sender.pipes import ChildsEnd, childs_end
from webapp.mail.sender.printer import Printer
from webapp.mail.sender.results import BACK, Result
from webapp.mail.sender.trouble import PAUSE, Trouble, place_of, words_of

AT_ONCE = 500  # results in one message
GATHER = 0.02  # seconds in which results gather
FINISH = 900.0  # seconds for mails in flight at the end: the wait for a final dot, and some
log = logging.getLogger("offerpost.sender")


class Child:
    """Reads orders, keeps a lane for each mail server, reports results."""

    def __init__(self, pipe: ChildsEnd, journal_descriptor: int) -> None:
        self._pipe = pipe
        hello = pipe.receive()
        assert isinstance(hello, Hello)
        self._journal = Journal(Path(hello.journal), journal_descriptor)
        self._gate = Gate(Path(hello.generation), lambda number: self._say(Ask(number)))
        self._registry = Registry.discover(Path(hello.plugins))
        self._net = Net(frozenset(hello.allow_hosts), mail_root=Path(hello.mail_root))
        self._lanes: dict[tuple[int, bool], Lane] = {}
        self._closing: list[Lane] = []
        self._keeper = PipeKeeper(self._say)
        self._results: queue.SimpleQueue[Result | None] = queue.SimpleQueue()
        self._printer = Printer()
        self._desk = Desk(self._gate, self._journal, self._printer, self._results.put, self._trouble)

    def run(self) -> None:
        reporter = threading.Thread(target=self._report_or_end, name="reporter", daemon=True)
        reporter.start()
        self._say(Ready())
        try:
            while not self._gate.stopping:
                self._obey(self._pipe.receive())
        except (EOFError, OSError):
            log.info("the parent is gone")
        self._finish()
        self._results.put(None)
        reporter.join(10)
        self._say(Bye())

    def _obey(self, message: ToChild) -> None:
        match message:
            case Mails():
                self._mails(message)
            case Recall(generation, ids):
                self._gate.answer(generation, ids)
            case Recorded(ids):
                self._journal.recorded(ids)
            case Probe(through, sender):
                threading.Thread(target=self._probe, args=(through, sender), daemon=True).start()
            case Answered():
                self._keeper.answer(message)
            case Hold(on):
                self._gate.hold(on)
            case Stop():
                self._gate.stop()

    def _mails(self, order: Mails) -> None:
        if order.keys is not None:
            self._printer.sign_with(order.keys)
        for content in order.contents:
            self._printer.learn(content)
        self._gate.forget(job.mail_id for job in order.mails)
        through = order.through
        try:
            lane = self._lane(through)
        except Exception as error:  # also a plugin's __init__
            words = words_of(error, through.kind)
            log.error("%s could not be made: %s\n%s", through.name, words, place_of(error))
            self._refuse(order, words)
            return
        lane.put(order.mails, time.monotonic() + order.seconds, through.connections, order.shares)

    def _lane(self, through: Through) -> Lane:
        lane = self._lanes.get(through.lane)
        if lane is not None and lane.through.same_as == through.same_as:
            return lane
        if lane is not None:  # other settings: other connections
            lane.close()
            self._closing = [one for one in self._closing if not one.join(0)] + [lane]
        lane = self._lanes[through.lane] = Lane(through, self._transport(through), self._desk)
        return lane

    def _transport(self, through: Through) -> Transport:
        kind = self._registry.get(through.kind)
        transport = kind(through.settings, net=self._net, log=logging.getLogger(f"offerpost.{through.kind}"))
        transport.keeper = self._keeper
        return transport

    def _probe(self, through: Through, sender: str) -> None:
        """On a transport of its own, in a thread of its own: the lane may be busy, and a test takes its time."""
        answer, words = ask(lambda: self._transport(through).probe(sender))
        self._say(Probed(through.id, answer, words))

    def _refuse(self, order: Mails, words: str) -> None:
        for job in order.mails:
            self._results.put(Result(job.mail_id, job.lease, BACK, order.through.id))
        hint = "See the list of transports, or choose another mail server."
        self._trouble(Trouble(order.through.id, PAUSE, words, hint=hint))

    def _trouble(self, trouble: Trouble) -> None:
        self._say(Troubled(trouble))

    def _finish(self) -> None:
        """Whatever is in flight may end; nothing more leaves."""
        self._gate.stop()
        lanes = [*self._lanes.values(), *self._closing]
        for lane in lanes:
            lane.close()
        ends = time.monotonic() + FINISH
        for lane in lanes:
            lane.join(max(0.0, ends - time.monotonic()))

    def _report_or_end(self) -> None:
        """Outcomes that nobody tells would be awaited for ever; those of a dead child are found in its journal."""
        try:
            self._report()
        except BaseException:
            log.exception("the child can't report any more")
            os._exit(70)

    def _report(self) -> None:
        while (first := self._results.get()) is not None:
            time.sleep(GATHER)
            results = [first]
            while len(results) < AT_ONCE and not self._results.empty():
                more = self._results.get()
                if more is None:
                    self._results.put(None)
                    break
                results.append(more)
            self._say(Results(results))

    def _say(self, message: ToParent) -> None:
        try:
            self._pipe.send(message)
        except OSError:  # the parent is gone; the journal has what matters
            self._gate.stop()


def main() -> None:
    # A Ctrl-C goes to the whole group; the parent tells its children how to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logs.install(os.environ.get("OFFERPOST_LOG", logs.TEXT))
    pipe, journal = int(sys.argv[1]), int(sys.argv[2])
    os.set_inheritable(pipe, False)  # what a plugin starts must keep neither pipe nor lock alive
    os.set_inheritable(journal, False)
    child = Child(childs_end(pipe), journal)
    memory.settle()
    child.run()


if __name__ == "__main__":
    main()
