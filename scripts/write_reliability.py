"""Writes docs/reliability.md from the JUnit files of the fault suite: `make chaos`.

Of a scenario that is in several files, the last one counts: so one may be run again by itself.
"""

import platform
import re
import sqlite3
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reliability.md"

FAULTS = {
    1: "A process is killed (kill -9) at any step",
    2: "A kill while the list of recipients is made",
    3: "The disk is full",
    4: "The database is locked, gone, or its answer is lost",
    5: "The line breaks after the final dot, before the answer",
    6: "Answers that make no sense",
    7: "421 at connect, MAIL or the dot",
    8: "Greylisting",
    9: "451 and 452",
    10: "5xx",
    11: "QUIT ends badly",
    12: "Servers that hang, trickle, or do not read",
    13: "Answers of megabytes",
    14: "Bad TLS",
    15: "DNS does not know the mail server",
    16: "Clocks jump",
    17: "Two senders, double start, double click",
    18: "A process stands still beyond its lease",
    19: "Power loss: records are older than what happened",
    20: "The database comes from last night's backup",
    21: "SIGTERM, deploy, reboot",
    22: "A message that cannot be made for one recipient",
    23: "Pause, resume, cancel, unsubscribe in the middle",
    24: "Everything is accepted and bounces later",
    25: "The SES API loses answers, throttles, refuses",
    26: "Bounce events early, twice, out of order",
    27: "The bounce mailbox breaks",
    28: "No file descriptors left",
}
BEYOND = {
    9: "“Too many recipients” cannot arise: each transaction has one recipient.",
    15: "Rebinding is tried in the tests of the address policy.",
    20: "What left after the backup was made waits in it and would go again: *doubled* counts no mail that a person sent again. "
    "A snapshot of the whole folder can’t be noticed; docs/operating.md asks for `offerpost restore --mark`.",
    28: "Not built yet: threads or processes that run out.",
}
STATES = ("sent", "unknown", "failed", "deferred", "queued", "suppressed", "cancelled")
HEAD = """# What happens when things break

Made by `make chaos`, which injects each fault into real processes and compares the record of the receiving server (*taken*)
with the database: Message-ID by Message-ID, recipient by recipient. After every scenario these must hold:

1. each recipient has exactly one row; what is called *sent* was taken by the next hop;
2. no mail arrives twice, unless a person sent an unknown one again;
3. nobody is mailed who was suppressed before;
4. the counters are the rows, and *finished* is never said while a row is not final;
5. no password comes up in any log;
6. when the fault is over, the queue drains without a human, except where the server was paused on purpose.

*Unknown* means: the body left and no answer came. It is not sent again by itself. Deadlines are shortened for these runs where a
fault is about them; the delays of deferred mails are skipped by setting their time in the database.

"""


@dataclass
class Row:
    """One scenario, over all its seeds and variants."""

    words: str
    injected: str = ""
    runs: int = 0
    failed: int = 0
    skipped: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def cells(self) -> list[str]:
        happened = ", ".join(f"{state} {self.counts[state]:,}" for state in STATES if self.counts[state])
        ran = str(self.runs) + (f" ({self.skipped} skipped)" if self.skipped else "")
        verdict = "**FAILED**" if self.failed else "holds" if self.runs else "not run here"
        numbers = [f"{self.counts[name]:,}" for name in ("delivered", "doubled", "lost")]
        return [self.words, self.injected, ran, happened or "–", *numbers, verdict]


def read(paths: list[Path]) -> dict[int, dict[str, Row]]:
    """The scenarios of the runs, by number of the fault."""
    cases = {}
    for path in paths:
        cases.update(
            {(one.get("classname"), one.get("name")): one for one in ElementTree.parse(path).iter("testcase")}
        )
    found: dict[int, dict[str, Row]] = {number: {} for number in FAULTS}
    for (_, name), case in cases.items():
        named = re.match(r"test_f(\d\d)_(\w+)", name or "")
        if named is not None:
            words = named[2].replace("_", " ")
            _add(found[int(named[1])].setdefault(words, Row(words)), case)
    return found


def _add(row: Row, case: ElementTree.Element) -> None:
    if case.find("skipped") is not None:
        row.skipped += 1
        return
    row.runs += 1
    row.failed += case.find("failure") is not None or case.find("error") is not None
    for one in case.iter("property"):
        name, value = one.get("name", ""), one.get("value", "")
        if name == "injected":
            row.injected = value
        elif name != "seed":
            row.counts[name] += int(value)


def document(found: dict[int, dict[str, Row]]) -> str:
    parts = [HEAD, _when(), _summary(found)]
    for number, rows in found.items():
        parts.append(f"\n## F{number} {FAULTS[number]}\n\n")
        if not rows:
            parts.append("Not run.\n")
            continue
        parts.append("| what holds | injected | runs | rows | taken | doubled | lost | verdict |\n")
        parts.append("|---|---|---:|---|---:|---:|---:|---|\n")
        parts += [f"| {' | '.join(row.cells())} |\n" for row in rows.values()]
        parts += [f"\n{BEYOND[number]}\n"] if number in BEYOND else []
    return "".join(parts)


def _summary(found: dict[int, dict[str, Row]]) -> str:
    rows = [row for scenarios in found.values() for row in scenarios.values()]
    total: Counter[str] = sum((row.counts for row in rows), Counter())
    runs, failed = sum(row.runs for row in rows), sum(row.failed for row in rows)
    return (
        f"**{runs} runs of {len(rows)} scenarios: {runs - failed} hold, {failed} fail.** {total['delivered']:,} mails "
        f"taken by the receiving servers, "
        f"{total['unknown']:,} unknown, {total['doubled']:,} doubled, {total['lost']:,} lost.\n"
    )


def _when() -> str:
    day = datetime.now(UTC).strftime("%-d %B %Y")
    return f"Last run: {day}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.system()}. "


def main() -> None:
    found = read([Path(name) for name in sys.argv[1:]])
    PAGE.write_text(document(found), "utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written.")


if __name__ == "__main__":
    main()
