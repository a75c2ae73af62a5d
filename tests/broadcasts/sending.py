"""The real sender, in a thread of the test with its real child processes."""

import email
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default

from webapp.desk import Desk
from webapp.digests.values import DigestValues
from webapp.mail.sender.run import run_sender
from webapp.settings.directory import Directory


@contextmanager
def sender(desk: Desk) -> Iterator[None]:
    """Sends until the block ends."""
    stop = threading.Event()
    thread = threading.Thread(
        target=run_sender,
        args=(desk, Directory(desk), DigestValues()),
        kwargs={"stop": stop, "processes": 1},
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that happens soon."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def folder(desk: Desk) -> list[EmailMessage]:
    """Every mail that the folder server wrote, in the order of their recipients."""
    mails = [
        email.message_from_bytes(path.read_bytes(), policy=default)
        for path in desk.config.mail_folder.rglob("*.eml")
    ]
    return sorted(mails, key=lambda mail: str(mail["To"]))  # type: ignore[arg-type, return-value]
