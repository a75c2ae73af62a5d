"""Contestants take turns (A B C, A B C, …), so that a busy minute of the machine hits all of them; medians count."""

from collections.abc import Sequence
from statistics import median

from benchmarks.contestants import Contestant, Run


def interleaved(contestants: Sequence[Contestant], port: int, rounds: int) -> dict[str, list[Run]]:
    """The runs of each, by name."""
    runs: dict[str, list[Run]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            runs[contestant.name].append(contestant.run(port, contestant.mails))
    return runs


def middle(runs: Sequence[Run]) -> Run:
    """Medians of each figure."""
    rate = median(run.rate for run in runs)
    mails = runs[0].mails
    return Run(mails, mails / rate, median(run.cpu for run in runs), max(run.rss_mb for run in runs))
