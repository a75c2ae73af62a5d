"""`kill -9` of every sender process in the middle of a mailing, then a new one: who is missing, doubled, uncertain?"""

import os
import signal
from collections import Counter

from benchmarks import message
from benchmarks.instance import CONNECTIONS, Instance
from benchmarks.measures import Occasion
from benchmarks.peers import HOME
from benchmarks.sink import light_sink
from benchmarks.table import Goal, Table, at_most, number

MAILS, AHEAD = 10_000, 2


def measure(occasion: Occasion) -> Table:
    kills = 10 if occasion.long else 3
    record = HOME / "received.txt"
    table = Table(
        "After kill −9", ["kill", "sent then", "missing", "doubled", "uncertain", "of these delivered"]
    )
    worst, wrong = 0, 0
    for kill in range(1, kills + 1):
        record.unlink(missing_ok=True)
        with light_sink(str(record)) as server:
            instance = Instance("killed", server.port)
            try:
                cells = _one(instance, MAILS * kill // (kills + 1))
            finally:
                instance.close()
        received = Counter(record.read_text().split())
        sent, unknown, delivered_unknown, missing = _compare(cells, received)
        doubled = sum(1 for count in received.values() if count > 1)
        table.add(kill, f"{sent:,}", missing, doubled, len(unknown), delivered_unknown)
        worst, wrong = max(worst, len(unknown)), wrong + missing + doubled
    table.goals += [
        Goal("0 missing, 0 doubled", str(wrong), 1.0 if wrong == 0 else 0.0),
        at_most(
            f"uncertain ≤ the mails in flight ({CONNECTIONS} connections)",
            worst,
            CONNECTIONS * AHEAD,
            " at worst",
        ),
    ]
    table.notes.append(f"{number(MAILS)} recipients, {CONNECTIONS} connections, one sender process.")
    return table


def _one(instance: Instance, at: int) -> tuple[int, dict[str, str]]:
    instance.people(MAILS)
    instance.start()
    mailing_id = instance.mail(MAILS)
    instance.wait(mailing_id, sent=at)
    for pid in instance.pids:
        os.kill(pid, signal.SIGKILL)
    assert instance.worker is not None
    instance.worker.wait()
    sent = instance.state(mailing_id).sent
    instance.start()
    instance.wait(mailing_id)
    return sent, instance.states(mailing_id)


def _compare(cells: tuple[int, dict[str, str]], received: Counter[str]) -> tuple[int, list[str], int, int]:
    sent, states = cells
    unknown = [address for address, state in states.items() if state == "unknown"]
    missing = sum(1 for address, state in states.items() if state != "unknown" and not received[address])
    assert len(states) == MAILS == len({message.address(number) for number in range(MAILS)})
    return sent, unknown, sum(1 for address in unknown if received[address]), missing
