"""Through a line with a round trip of 20 ms: real networks are like that, and there waiting is all that counts."""

import os
import sys
from contextlib import ExitStack

from benchmarks.contestants import Contestant
from benchmarks.contestants.offerpost import Offerpost
from benchmarks.contestants.programs import python_program
from benchmarks.instance import CONNECTIONS, Instance
from benchmarks.measures import Occasion
from benchmarks.measures.end_to_end import ratio
from benchmarks.rounds import interleaved, middle
from benchmarks.sink import free_port, light_sink, running, wait_for
from benchmarks.table import Table, at_least, number

ROUND_TRIP = 0.020
PIPELINING, CHUNKING = "Offerpost, PIPELINING", "Offerpost, CHUNKING, 4 on their way"
SMTPLIB = "smtplib, 10 threads, ready bytes"


def measure(occasion: Occasion) -> Table:
    with ExitStack() as stack:
        port = _far_away(stack)
        # So many that each needs some seconds: then what happens once in a run counts alike for all.
        contestants: list[Contestant] = [
            _ours(stack, port, PIPELINING, window=1, mails=2_000),
            _ours(stack, port, CHUNKING, window=4, mails=8_000),
            python_program(SMTPLIB, "smtplib_ready", occasion.peers, 400),
        ]
        if occasion.peers.python is not None:
            name = "aiosmtplib, 10 connections"
            contestants.append(python_program(name, "aiosmtplib_pool", occasion.peers, 400))
        runs = interleaved(contestants, port, occasion.rounds)
    table = Table(
        "A round trip of 20 ms", ["sender", "mails/s", "a connection", "round trips a mail", "× smtplib"]
    )
    for one in contestants:
        rate = middle(runs[one.name]).rate
        trips = CONNECTIONS / (rate * ROUND_TRIP)
        table.add(
            one.name,
            f"{rate:,.0f}",
            number(rate / CONNECTIONS),
            number(trips),
            number(ratio(runs, one.name, SMTPLIB)),
        )
    table.notes.append(
        f"{CONNECTIONS} connections carry mails, with each sender; Offerpost keeps another one, idle here, for operational mail."
    )
    for goal, name, least in (
        ("≥ 3.8 × smtplib with PIPELINING", PIPELINING, 3.8),
        ("≥ 12 × smtplib with CHUNKING", CHUNKING, 12),
    ):
        table.goals.append(at_least(goal, ratio(runs, name, SMTPLIB), least, " ×"))
    return table


def _far_away(stack: ExitStack) -> int:
    """The port of a sink behind a slow line."""
    server, port = stack.enter_context(light_sink()), free_port()
    line = [str(port), str(server.port), str(ROUND_TRIP / 2)]
    stack.enter_context(running([sys.executable, "-m", "benchmarks.slow_line", *line], dict(os.environ)))
    wait_for(port)
    return port


def _ours(stack: ExitStack, port: int, name: str, *, window: int, mails: int) -> Offerpost:
    # One connection more, which is kept for operational mail: as many as the others have carry these mails.
    instance = Instance(f"round-trip-{window}", port, connections=CONNECTIONS + 1, window=window)
    stack.callback(instance.close)
    stack.enter_context(instance.sending())
    ours = Offerpost(instance, name)
    ours.mails = mails
    return ours
