"""Contestants that are programs of their own: they print seconds, CPU seconds and memory as JSON when they are done.

They time themselves, so that the start of an interpreter counts for nobody.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.contestants import Run
from benchmarks.peers import ROOT, Peers


@dataclass
class Program:
    """`command` gets port and number of mails as its last two arguments."""

    name: str
    command: Sequence[str]
    peers: Peers
    mails: int
    composes: bool = True

    def run(self, port: int, mails: int) -> Run:
        done = subprocess.run(
            [*self.command, str(port), str(mails)],
            cwd=ROOT,
            env=self.peers.environ(),
            check=True,
            stdout=subprocess.PIPE,
            timeout=600,
        )
        said = json.loads(done.stdout.splitlines()[-1])
        if said["sent"] != mails:
            raise RuntimeError(f"{self.name} has sent {said['sent']} of {mails}")
        return Run(mails, said["seconds"], said["cpu"], said["rss_mb"])


def python_program(name: str, module: str, peers: Peers, mails: int, *, composes: bool = True) -> Program:
    command = [sys.executable, "-m", f"benchmarks.contestants.{module}"]
    return Program(name, command, peers, mails, composes)


def all_of(peers: Peers) -> list[Program]:
    """Those that can be had."""
    found = [
        python_program("smtplib, 10 threads, ready bytes", "smtplib_ready", peers, 4_000, composes=False),
        python_program("smtplib + EmailMessage", "smtplib_email_message", peers, 400),
    ]
    if peers.python is not None:
        found.append(python_program("aiosmtplib, 10 connections", "aiosmtplib_pool", peers, 400))
        found.append(python_program("Django send_messages", "django_bulk", peers, 400))
    if peers.node is not None:
        script = str(ROOT / "benchmarks" / "nodemailer" / "pool.mjs")
        found.append(Program("Nodemailer pool, 10 connections", ["node", script], peers, 1_000))
    return found
