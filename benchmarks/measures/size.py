"""Memory and time a mail, from a small mailing to a large one: both are to stay what they are."""

from dataclasses import dataclass

from benchmarks.instance import Instance
from benchmarks.measures import Occasion
from benchmarks.processes import cpu_seconds, peak_mb
from benchmarks.sink import light_sink
from benchmarks.table import Table, at_most, number
from webapp.db import utcnow

SIZES, LONG_SIZES = (1_000, 10_000, 100_000), (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Found:
    size: int
    seconds: float
    cpu: float
    parent_mb: float
    child_mb: float


def measure(occasion: Occasion) -> Table:
    table = Table(
        "Size of a mailing",
        ["recipients", "µs a mail", "CPU µs a mail", "sender parent MB", "sender child MB"],
    )
    sizes = LONG_SIZES if occasion.long else SIZES
    with light_sink() as server:
        instance = Instance("size", server.port)
        try:
            instance.people(sizes[-1])
            with instance.sending():
                found = [_one(instance, size) for size in sizes]
        finally:
            instance.close()
    for one in found:
        each = 1e6 / one.size
        table.add(
            f"{one.size:,}",
            number(one.seconds * each),
            number(one.cpu * each),
            f"{one.parent_mb:.1f}",
            f"{one.child_mb:.1f}",
        )
    _goals(table, found)
    return table


def _one(instance: Instance, size: int) -> Found:
    before = cpu_seconds(instance.pids)
    mailing_id, started = instance.mail(size), utcnow()
    mailing = instance.wait(mailing_id)
    assert mailing.finished_at is not None
    parent, child, *_ = instance.pids
    cpu = cpu_seconds(instance.pids) - before
    return Found(size, (mailing.finished_at - started).total_seconds(), cpu, peak_mb(parent), peak_mb(child))


def _goals(table: Table, found: list[Found]) -> None:
    small, middle, large = found[0], found[1], found[-1]
    most = max(large.parent_mb, large.child_mb)
    grown = max(large.parent_mb - small.parent_mb, large.child_mb - small.child_mb)
    table.goals += [
        at_most("≤ 90 MB a sender process", most, 90.0, " MB"),
        at_most(
            f"≤ 10 MB more at {large.size:,} than at {small.size:,} recipients", max(grown, 0.1), 10.0, " MB"
        ),
        at_most(
            f"CPU a mail at {large.size:,} ≤ 1.15 × that at {middle.size:,}",
            (large.cpu / large.size) / (middle.cpu / middle.size),
            1.15,
            " ×",
        ),
    ]
    table.notes.append("Memory is the largest that the process ever had. Sink: our light one.")
