"""Putting 100,000 recipients into the outbox, each with a row of its own: from the click to the commit."""

import time
from statistics import median

from benchmarks.instance import Instance
from benchmarks.measures import Occasion
from benchmarks.table import Table, at_most, number

COUNT = 100_000


def measure(_occasion: Occasion) -> Table:
    instance = Instance("enqueue", 9)  # nobody sends here
    try:
        instance.people(COUNT)
        took = [_once(instance) for _ in range(3)]
    finally:
        instance.close()
    seconds = median(took)
    table = Table("Starting a message to 100,000 affiliates", ["what", "seconds", "µs a recipient"])
    table.add(
        "one row a recipient, suppressions and duplicates looked up", number(seconds), number(seconds * 10)
    )
    table.goals.append(at_most("100,000 recipients in ≤ 1 s", seconds, 1.0, " s"))
    return table


def _once(instance: Instance) -> float:
    started = time.perf_counter()
    instance.mail(COUNT)
    seconds = time.perf_counter() - started
    instance.forget_mails()
    return seconds
