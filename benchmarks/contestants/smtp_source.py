"""Postfix's own load generator: C, ten sessions that stay open, one constant message of the same size. The yardstick."""

import os
import subprocess
import time

from benchmarks import message
from benchmarks.contestants import Run
from benchmarks.peers import Peers
from benchmarks.processes import peak_mb


class SmtpSource:
    name = "smtp-source, 10 sessions"
    composes = False
    mails = 12_000

    def __init__(self, peers: Peers) -> None:
        assert peers.postfix is not None
        self._program = str(peers.postfix / "usr" / "sbin" / "smtp-source")
        self._environ = peers.environ()

    def run(self, port: int, mails: int) -> Run:
        size = str(len(message.ready()))
        # -d: the sessions go on after a mail
        command = [self._program, "-d", "-s", "10", "-m", str(mails), "-l", size]
        command += ["-f", message.SENDER, "-t", message.address(7), f"127.0.0.1:{port}"]
        started = time.perf_counter()
        process = subprocess.Popen(command, env=self._environ)
        peak, ended = 0.0, 0
        while (
            not ended
        ):  # its memory is read while it lives: what wait4 says counts the program that started it
            peak = max(peak, peak_mb(process.pid))
            time.sleep(0.005)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"smtp-source ended with {process.returncode}")
        return Run(mails, seconds, usage.ru_utime + usage.ru_stime, peak)
