"""Servers on loopback that take every mail: Postfix's smtp-sink, and the light sink of our own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers import ROOT, Peers


@dataclass(frozen=True)
class Sink:
    port: int
    pid: int
    name: str


@contextmanager
def sink(peers: Peers) -> Iterator[Sink]:
    """smtp-sink where it can be had, else the light one."""
    if peers.postfix is None:
        with light_sink() as light:
            yield light
        return
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    program = str(peers.postfix / "usr" / "sbin" / "smtp-sink")
    with running([program, *user, f"127.0.0.1:{port}", "1024"], peers.environ()) as process:
        wait_for(port)
        yield Sink(port, process.pid, "Postfix smtp-sink")


@contextmanager
def light_sink(record: str = "") -> Iterator[Sink]:
    """Our own, which writes each recipient whose mail it has accepted into the file `record`, if one is named."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.light_sink", str(port), record]
    with running(command, {**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        wait_for(port)
        yield Sink(port, process.pid, "light sink")


@contextmanager
def tls_sink(certificate: Path) -> Iterator[Sink]:
    """The light one behind TLS from the first byte, which takes any sign-in; `certificate` holds key and chain."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.light_sink", str(port), "", str(certificate)]
    with running(command, {**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        wait_for(port)
        yield Sink(port, process.pid, "light sink, TLS")


@contextmanager
def running(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block."""
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int, seconds: float = 20.0) -> None:
    """Until somebody listens there."""
    ends = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)
        else:
            return
