"""From `offerpost serve` to the first page, on an instance that is there."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from statistics import median

from benchmarks.instance import Instance
from benchmarks.measures import Occasion
from benchmarks.peers import ROOT
from benchmarks.sink import free_port
from benchmarks.table import Table, at_most, number

GOAL = 1.5


def measure(occasion: Occasion) -> Table:
    instance = Instance("start", 9)
    try:
        instance.desk.close()
        took = [_once(instance.environ) for _ in range(max(3, occasion.rounds) + 1)][1:]
    finally:
        instance.close()
    table = Table("Start of the server", ["what", "seconds"])
    table.add("`offerpost serve` to the first page, warm", number(median(took)))
    table.goals.append(at_most(f"≤ {GOAL} s", median(took), GOAL, " s"))
    return table


def _once(environ: dict[str, str]) -> float:
    port = free_port()
    command = [sys.executable, "-m", "webapp.cli", "serve", "--port", str(port)]
    environ = {**os.environ, **environ, "OFFERPOST_PUBLIC_URL": ""}
    started = time.perf_counter()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=quiet, stderr=quiet)
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise RuntimeError("offerpost serve does not start")
            time.sleep(0.01)
        return time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(40)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=20):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
