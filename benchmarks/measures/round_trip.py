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
OURS, SMTPLIB = "Offerpost", "smtplib, 10 threads, ready bytes"


def measure(occasion: Occasion) -> Table:
    with ExitStack() as stack:
        server = stack.enter_context(light_sink())
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "benchmarks.slow_line",
            str(port),
            str(server.port),
            str(ROUND_TRIP / 2),
        ]
        stack.enter_context(running(command, dict(os.environ)))
        wait_for(port)
        instance = Instance("round-trip", port)
        stack.callback(instance.close)
        stack.enter_context(instance.sending())
        ours = Offerpost(instance, OURS)
        ours.mails = 1_000
        contestants: list[Contestant] = [ours, python_program(SMTPLIB, "smtplib_ready", occasion.peers, 250)]
        if occasion.peers.python is not None:
            name = "aiosmtplib, 10 connections"
            contestants.append(python_program(name, "aiosmtplib_pool", occasion.peers, 250))
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
    gained = ratio(runs, OURS, SMTPLIB)
    table.goals.append(at_least("≥ 3.8 × smtplib with PIPELINING", gained, 3.8, " ×"))
    return table
