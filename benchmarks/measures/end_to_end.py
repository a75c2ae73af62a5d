"""Composing, sending and recording against the same sink in the same minute, beside those who only send."""

from contextlib import ExitStack
from statistics import median

from benchmarks.contestants import Contestant, Run
from benchmarks.contestants.offerpost import Offerpost
from benchmarks.contestants.programs import all_of
from benchmarks.contestants.smtp_source import SmtpSource
from benchmarks.instance import Instance
from benchmarks.measures import Occasion
from benchmarks.processes import cpu_seconds
from benchmarks.rounds import interleaved, middle
from benchmarks.sink import sink
from benchmarks.table import Table, at_least, at_most, number

OURS = "Offerpost, 1 sender process"
PEAK_MEMORY = 90.0


def measure(occasion: Occasion) -> Table:
    with ExitStack() as stack:
        server = stack.enter_context(sink(occasion.peers))
        contestants = _contestants(stack, occasion, server.port)
        before = cpu_seconds([server.pid])
        runs = interleaved(contestants, server.port, occasion.rounds)
        sink_cpu = cpu_seconds([server.pid]) - before
    mails = sum(run.mails for some in runs.values() for run in some)
    table = _table(contestants, runs)
    table.notes.append(
        f"Sink: {server.name}, which took {sink_cpu / mails * 1e6:.0f} µs of CPU a mail and so cannot take more than"
        f" {mails / sink_cpu:,.0f} a second. {occasion.rounds} rounds, taken in turns; medians."
    )
    return table


def _contestants(stack: ExitStack, occasion: Occasion, port: int) -> list[Contestant]:
    found: list[Contestant] = []
    if occasion.peers.postfix is not None:
        found.append(SmtpSource(occasion.peers))
    for processes in (1, 2):
        instance = Instance(f"end-to-end-{processes}", port)
        stack.callback(instance.close)
        instance.people(Offerpost.mails)
        stack.enter_context(instance.sending(processes))
        name = OURS if processes == 1 else f"Offerpost, {processes} sender processes"
        found.append(Offerpost(instance, name))
    return [*found, *all_of(occasion.peers)]


def _table(contestants: list[Contestant], runs: dict[str, list[Run]]) -> Table:
    columns = ["sender", "composes", "mails/s", "× smtp-source", "CPU s per 1,000", "memory MB"]
    table = Table("Composing, sending and recording", columns)
    yardstick = next((one.name for one in contestants if isinstance(one, SmtpSource)), OURS)
    for one in sorted(contestants, key=lambda one: -middle(runs[one.name]).rate):
        run = middle(runs[one.name])
        table.add(
            one.name,
            "yes" if one.composes else "no",
            f"{run.rate:,.0f}",
            number(ratio(runs, one.name, yardstick)),
            f"{run.cpu_per_thousand:.3f}",
            f"{run.rss_mb:.0f}",
        )
    table.goals += _goals(runs, yardstick)
    return table


def ratio(runs: dict[str, list[Run]], name: str, other: str) -> float:
    """The median of the ratios within each round."""
    pairs = zip(runs[name], runs[other], strict=True)
    return median(one.rate / two.rate for one, two in pairs)


def _goals(runs: dict[str, list[Run]], yardstick: str) -> list:
    wanted = [
        (yardstick, 1.0, "smtp-source"),
        ("Nodemailer pool, 10 connections", 12.0, "Nodemailer"),
        ("Django send_messages", 20.0, "Django"),
    ]
    goals = [
        at_least(f"≥ {goal:g} × {words}", ratio(runs, OURS, name), goal, " ×")
        for name, goal, words in wanted
        if name in runs and name != OURS
    ]
    ours = middle(runs[OURS])
    goals.append(
        at_most("CPU ≤ 0.10 s per 1,000 mails, recording included", ours.cpu_per_thousand, 0.10, " s")
    )
    return goals
