"""Keeps one sender process running beside the web server: starts it, starts it again when it dies, stops it at the end."""

import os
import signal
import subprocess
import sys
import threading
import time
from types import TracebackType

import click

from webapp.config import Config

STOP_SECONDS = 30  # a sender finishes the mail it is handing over
SOONEST_RESTART = 1.0
LATEST_RESTART = 30.0


class Keeper:
    """A context manager around the life of `offerpost worker`."""

    def __init__(self, config: Config, *, enabled: bool = True) -> None:
        self._environ = {
            **os.environ,
            "OFFERPOST_HOME": str(config.home),
            "OFFERPOST_PUBLIC_URL": config.public_url,
        }
        self._enabled = enabled
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="sender keeper", daemon=True)

    def __enter__(self) -> "Keeper":
        if self._enabled:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._starting:
            self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._stopping.is_set():
                return None
            # The pipe on its standard input closes when this process dies, however it dies; the worker then stops too.
            command = [sys.executable, "-m", "webapp.cli", "worker", "--until-stdin-closes"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, env=self._environ)
            return self._process

    def _keep(self) -> None:
        pause = SOONEST_RESTART
        while process := self._start():
            started = time.monotonic()
            code = process.wait()
            if self._stopping.is_set():
                return
            pause = (
                SOONEST_RESTART
                if time.monotonic() - started > LATEST_RESTART
                else min(pause * 2, LATEST_RESTART)
            )
            click.echo(
                f"The sender ended with status {code}; it starts again in {pause:.0f} s. No mail is lost.",
                err=True,
            )
            self._stopping.wait(pause)
