"""How well returned mails are understood, on collections of real ones that the caller brings along.

A collection is a folder of mails with a file `labels.jsonl`, a line a mail: `{"file", "kind": bounce | complaint | auto_reply
| other, "recipients": {address: hard | soft | unknown}}`. Hard is an address or a domain that does not exist or is given up;
soft is every other reason; unknown, that nobody tells one. Mails labelled unknown count for the recipients only.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measures import Occasion
from benchmarks.peers import ROOT, Peers
from benchmarks.table import Table, at_least, at_most, number

OURS = "Offerpost"
FOLDER = ROOT / "benchmarks" / "contestants" / "returned"
COLUMNS = [
    "collection",
    "program",
    "mails",
    "recipients",
    "hard/soft",
    "soft as hard",
    "kind",
    "median ms",
    "worst ms",
    "MB",
]


@dataclass
class Score:
    """`wanted`, `found`: recipients. `judged`, `right`: those found whose class is known. `barred`: soft ones called hard."""

    mails: int = 0
    kinds: int = 0
    wanted: int = 0
    found: int = 0
    judged: int = 0
    right: int = 0
    barred: int = 0
    seconds: list[float] = field(default_factory=list)
    rss_mb: float = 0.0

    def count(self, label: dict[str, Any], answer: dict[str, Any]) -> None:
        self.mails += 1
        self.kinds += answer["kind"] == label["kind"]
        self.seconds.append(answer["seconds"])
        if label["kind"] != "bounce":
            return
        told = {one.lower(): severity for one, severity in answer["recipients"].items()}
        for address, severity in label["recipients"].items():
            self.wanted += 1
            given = told.get(address.lower())
            if given is None or answer["kind"] != "bounce":
                continue
            self.found += 1
            self.judged += severity != "unknown"
            self.right += severity not in ("unknown", "") and given == severity
            self.barred += severity == "soft" and given == "hard"

    def cells(self, *, classes: bool) -> list[str]:
        milliseconds = [1e3 * one for one in self.seconds]
        return [
            str(self.mails),
            f"{self.found}/{self.wanted} {_share(self.found, self.wanted)}",
            f"{self.right}/{self.judged} {_share(self.right, self.judged)}" if classes else "not told",
            str(self.barred) if classes else "–",
            _share(self.kinds, self.mails),
            number(median(milliseconds)),
            number(max(milliseconds)),
            number(self.rss_mb),
        ]


def measure(occasion: Occasion) -> Table:
    assert occasion.corpus is not None
    table = Table("Understanding mails that come back", COLUMNS)
    ours = []
    for collection in sorted(path.parent for path in occasion.corpus.glob("*/labels.jsonl")):
        for name, command, environ in _contestants(occasion.peers):
            score = _scored(collection, command, environ)
            ours += [score] if name == OURS else []
            table.add(collection.name, name, *score.cells(classes=name != "flufl.bounce"))
    table.goals += list(_goals(ours))
    return table


def _goals(ours: Sequence[Score]) -> Iterator[Any]:
    found = 100 * sum(one.found for one in ours) / max(1, sum(one.wanted for one in ours))
    right = 100 * sum(one.right for one in ours) / max(1, sum(one.judged for one in ours))
    yield at_least("≥ 90 % of the recipients found", found, 90, " %")
    yield at_least("≥ 95 % of these rightly called hard or soft", right, 95, " %")
    yield at_most("no soft bounce called hard", sum(one.barred for one in ours), 0.5)


def _contestants(peers: Peers) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    python = [sys.executable, "-m"]
    yield OURS, [*python, "benchmarks.contestants.returned.offerpost"], peers.environ()
    if peers.python is not None:
        yield "flufl.bounce", [*python, "benchmarks.contestants.returned.flufl"], peers.environ()
    if peers.sisimai is not None:
        library = {"PERL5LIB": str(peers.sisimai / "usr" / "share" / "perl5")}
        yield "Sisimai 4", ["perl", str(FOLDER / "sisimai.pl")], {**os.environ, **library}


def _scored(collection: Path, command: list[str], environ: dict[str, str]) -> Score:
    labels = [json.loads(line) for line in (collection / "labels.jsonl").read_text().splitlines()]
    names = "".join(f"{collection / label['file']}\n" for label in labels)
    ran = subprocess.run(
        command, input=names, env=environ, cwd=ROOT, check=True, capture_output=True, text=True
    )
    *answers, last = [json.loads(line) for line in ran.stdout.splitlines()]
    score = Score(rss_mb=last["rss_mb"])
    for label, answer in zip(labels, answers, strict=True):
        score.count(label, answer)
    return score


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"
