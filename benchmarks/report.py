"""The page docs/performance.md, out of the tables of one run."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers import ROOT, Peers, versions
from benchmarks.table import Table, as_markdown

PAGE = ROOT / "docs" / "performance.md"
HEAD = """# Performance

Written by `make bench`; do not edit. Everything runs on one machine over loopback, so the figures hold for programs and
not for networks, and **the ratios count more than the rates**: the contestants take turns, so that they meet the same
machine. The mail is the same for all: HTML and text of about 10 KB together, ten tokens, twelve links; whoever composes
does it for each recipient. Offerpost is measured as people run it: `offerpost worker` on an instance of its own, with
limits, refusals, suppressions and every result durable in the database before it counts.
"""
REPEAT = """## How to repeat it

`make bench` takes about five minutes. It fetches those it compares with from PyPI, npm and Debian into `build/bench` and
installs nothing else. `make bench ARGS=--long` takes more rounds and goes up to a million recipients;
`make bench ARGS="--only compose end-to-end"` measures only these. Nothing else should run meanwhile: what it finds on a
busy machine is said at the top of the page.
"""


def page(tables: Sequence[Table], peers: Peers, load: tuple[float, float], minutes: float) -> str:
    """All of it as Markdown. `load` is what else the machine had to do, before and after."""
    goals = sorted((goal for table in tables for goal in table.goals), key=lambda goal: goal.reached)
    worst = f"**The worst figure**: {goals[0].line}." if goals else ""
    count = sum(goal.reached >= 1 for goal in goals)
    parts = [
        HEAD,
        "\n".join(f"- {line}" for line in _circumstances(peers, load, minutes)),
        "",
        f"{count} of {len(goals)} goals are reached. {worst}",
        "",
        *(as_markdown(table) for table in tables),
        REPEAT,
    ]
    return "\n".join(parts)


def write(text: str) -> Path:
    PAGE.write_text(text)
    return PAGE


def _circumstances(peers: Peers, load: tuple[float, float], minutes: float) -> list[str]:
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {minutes:.0f} minutes",
        f"{os.cpu_count()} cores ({_processor()}), {_memory_gb():.0f} GB, {system}",
        ", ".join(versions(peers)),
    ]
    if peers.missing:
        lines.append("not available: " + "; ".join(f"{name} ({why})" for name, why in peers.missing.items()))
    waiting = f"{load[0]:.1f} before, {load[1]:.1f} after"
    busy = " The machine was busy with other work: absolute figures suffer." if load[0] > 0.5 else ""
    return [*lines, f"load average {waiting}.{busy}"]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
