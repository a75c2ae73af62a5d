"""A running Offerpost: real processes in a folder of their own, driven by the command and by its pages."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from webapp.cli import main

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30


class Refusal(AssertionError):
    """A command ended with another status than 0."""


class Instance:
    """One instance in `home`. `run` calls the `offerpost` command; `serve` starts web and sender."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self.environ = {**os.environ, "OFFERPOST_HOME": str(home), "PYTHONPATH": str(ROOT), **environ}
        self.address = ""
        self.setup_link = ""
        self.said: list[str] = []
        self._processes: list[subprocess.Popen[str]] = []

    def run(self, *arguments: str, timeout: float = 120) -> str:
        """What the command prints; `Refusal` with its words when it refuses."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "webapp.cli", *arguments],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            raise Refusal(
                f"offerpost {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def tell(self, *arguments: str) -> str:
        """`run` within this process, for what only prepares a story: Python starts longer than most commands take."""
        done = CliRunner().invoke(main, arguments, env=self.environ)
        if done.exit_code:
            raise Refusal(f"offerpost {' '.join(arguments)} ended with {done.exit_code}:\n{done.output}")
        return done.output

    def json(self, *arguments: str, timeout: float = 120) -> Any:
        return json.loads(self.run(*arguments, "--json", timeout=timeout))

    def serve(self, *arguments: str) -> "Instance":
        """Start the pages and the sender, and wait until they answer."""
        process = self._start("serve", "--port", "0", *arguments)
        ready = threading.Event()
        threading.Thread(target=self._listen, args=(process, ready), daemon=True).start()
        if not ready.wait(START_SECONDS):
            raise AssertionError("serve did not get ready: " + "".join(self.said))
        return self

    def work(self) -> "subprocess.Popen[str]":
        """Start a sender only."""
        process = self._start("worker")
        threading.Thread(target=self._listen, args=(process, threading.Event()), daemon=True).start()
        return process

    def stop(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        self._processes.clear()

    def _start(self, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "webapp.cli", *arguments],
            env=self.environ,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._processes.append(process)
        return process

    def _listen(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.said.append(line)
            if found := re.search(r"Offerpost is at (\S+)", line):
                self.address = found[1]
            if found := re.search(r"(http\S+/setup/\S+)", line):
                self.setup_link = found[1]
            if line.startswith("Stop it with"):
                ready.set()
        process.stdout.close()
