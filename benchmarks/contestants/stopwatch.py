"""Times the work of a contestant's program from its first to its last mail, and prints it."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable

from benchmarks.processes import peak_mb


def timed(send: Callable[[int, int], int]) -> None:
    """Run `send(port, mails)`, which returns how many the server has accepted; some mails before it warm up."""
    port, mails = int(sys.argv[1]), int(sys.argv[2])
    send(port, min(mails, 20))
    before, started = _cpu(), time.perf_counter()
    sent = send(port, mails)
    seconds, cpu = time.perf_counter() - started, _cpu() - before
    print(json.dumps({"sent": sent, "seconds": seconds, "cpu": cpu, "rss_mb": peak_mb(os.getpid())}))


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
