"""`offerpost worker`: a sender, and the jobs beside it. `serve` keeps one running; more may run elsewhere on PostgreSQL."""

import os
import signal
import threading

import click

from webapp import logs
from webapp.command import pass_desk
from webapp.desk import Desk
from webapp.digests.values import DigestValues
from webapp.mail.sender.run import run_sender
from webapp.settings.directory import Directory


@click.command("worker")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    help="Processes that send; otherwise OFFERPOST_SENDER_PROCESSES.",
)
@click.option("--until-stdin-closes", is_flag=True, help="Stop when standard input is closed, as by `serve`.")
@click.option(
    "--no-jobs",
    is_flag=True,
    help="Only send: for a machine that does not see the spool folder of the pages.",
)
@pass_desk
def worker_command(desk: Desk, processes: int | None, until_stdin_closes: bool, no_jobs: bool) -> None:
    """Send mail until stopped, and do the jobs beside it. With SQLite one worker sends; another stands by."""
    logs.install(desk.config.log)
    os.environ["OFFERPOST_LOG"] = desk.config.log  # the children log likewise, and read no settings file
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(stop,), name="stdin", daemon=True).start()
    if not no_jobs:
        desk.jobs.start_consumer()
    try:
        run_sender(desk, Directory(desk), DigestValues(), stop=stop, processes=processes)
    finally:
        desk.jobs.stop()


def _watch_stdin(stop: threading.Event) -> None:
    while os.read(
        0, 4096
    ):  # not sys.stdin: its lock, held by a daemon thread, aborts the interpreter at the end
        pass
    stop.set()
