"""`python -m benchmarks [--long] [--rounds N] [--only MEASURE…] [--corpus FOLDER]`

Measures, prints the tables and, when all was measured, writes docs/performance.md.
"""

import argparse
import os
import sys
import time
import traceback
from pathlib import Path

from benchmarks import report
from benchmarks.measures import (
    Occasion,
    bounces,
    clicks,
    compose,
    dkim,
    end_to_end,
    enqueue,
    killed,
    pages,
    round_trip,
    size,
    start,
    texts,
    variants,
)
from benchmarks.peers import fetch
from benchmarks.table import Table, as_text

MEASURES = {
    "compose": compose.measure,
    "texts": texts.measure,
    "dkim": dkim.measure,
    "end-to-end": end_to_end.measure,
    "variants": variants.measure,
    "enqueue": enqueue.measure,
    "size": size.measure,
    "round-trip": round_trip.measure,
    "killed": killed.measure,
    "start": start.measure,
    "clicks": clicks.measure,
    "pages": pages.measure,
}
BRINGING = {"bounces": bounces.measure}  # needs a corpus, which is nobody's to hand on


def main() -> int:
    arguments = _arguments()
    load, started = os.getloadavg()[0], time.monotonic()
    peers = fetch()
    rounds = arguments.rounds or (7 if arguments.long else 3)
    occasion = Occasion(peers, rounds, arguments.long, arguments.corpus)
    names = arguments.only or (list(BRINGING) if arguments.corpus else list(MEASURES))
    tables = [table for name in names if (table := _measured(name, occasion)) is not None]
    minutes = (time.monotonic() - started) / 60
    if names == list(MEASURES):
        text = report.page(tables, peers, (load, os.getloadavg()[0]), minutes)
        print(f"\nWritten: {report.write(text).relative_to(report.ROOT)}")
    return 0 if len(tables) == len(names) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--long", action="store_true", help="more rounds, up to a million recipients")
    parser.add_argument("--rounds", type=int, help="how often the contestants take turns")
    parser.add_argument(
        "--only", nargs="+", choices=[*MEASURES, *BRINGING], help="measure these; writes no page"
    )
    parser.add_argument(
        "--corpus", type=Path, help="collections of returned mails, for the measure `bounces`"
    )
    arguments = parser.parse_args()
    if "bounces" in (arguments.only or ()) and arguments.corpus is None:
        parser.error("the measure `bounces` needs --corpus FOLDER: collections of mails with their labels")
    return arguments


def _measured(name: str, occasion: Occasion) -> Table | None:
    print(f"… {name}", file=sys.stderr, flush=True)
    try:
        table = {**MEASURES, **BRINGING}[name](occasion)
    except Exception:  # the other figures are worth having all the same
        traceback.print_exc()
        return None
    print(as_text(table), flush=True)
    return table


if __name__ == "__main__":
    sys.exit(main())
