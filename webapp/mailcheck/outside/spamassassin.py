"""SpamAssassin of this machine, without the network and without learning: the mail goes nowhere and leaves no trace."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from threading import BoundedSemaphore

from webapp.mailcheck.outside.score import NoScore, Score

SECONDS = 20.0
_AT_ONCE = BoundedSemaphore(2)  # each run costs a second of a processor
_NEXT = re.compile(rb"^From offerpost-(\d+) .*\n", re.MULTILINE)
_STATUS = re.compile(rb"^X-Spam-Status: \w+, score=(-?\d+(?:\.\d+)?)", re.MULTILINE)
_REASON = re.compile(r"^ *(-?\d+(?:\.\d+)?) ([A-Z0-9_]{3,60}) +(.*)$", re.MULTILINE)
_OPTIONS = (
    *("--local", "--nocreate-prefs", "--test-mode"),
    *("--cf=use_bayes 0", "--cf=use_auto_whitelist 0", "--cf=bayes_auto_learn 0"),
    *("--cf=report_safe 0", "--cf=clear_headers", "--cf=add_header all Status _YESNO_, score=_SCORE_"),
)


def program() -> str:
    """Where it is installed, or ""."""
    return shutil.which("spamassassin") or ""


def score(path: str, raw: bytes) -> Score:
    """What it says about a mail; NoScore if it says nothing in time."""
    (found,) = scores(path, [raw])
    return found


def scores(path: str, mails: Sequence[bytes], seconds: float = SECONDS) -> list[Score]:
    """The same for many mails in one run, which costs little more than for one."""
    said = _run(path, b"".join(_as_box(number, one) for number, one in enumerate(mails)), seconds)
    _, *pieces = _NEXT.split(said)
    found = {int(number): _read(one) for number, one in zip(pieces[::2], pieces[1::2], strict=True)}
    if sorted(found) != list(range(len(mails))):
        raise NoScore("SpamAssassin did not answer about every mail.")
    return [found[number] for number in range(len(mails))]  # it answers in an order of its own


def _run(path: str, box: bytes, seconds: float) -> bytes:
    if not _AT_ONCE.acquire(timeout=seconds / 2):
        raise NoScore("SpamAssassin is busy with other mails.")
    try:
        return _answer(path, box, seconds)
    finally:
        _AT_ONCE.release()


def _answer(path: str, box: bytes, seconds: float) -> bytes:
    with tempfile.TemporaryDirectory(prefix="offerpost-") as home:
        try:
            done = subprocess.run(
                [path, *_OPTIONS, "--mbox"],
                input=box,
                capture_output=True,
                timeout=seconds,
                check=False,
                env={"HOME": home, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"},
            )
        except subprocess.TimeoutExpired:
            raise NoScore(f"SpamAssassin did not answer within {seconds:g} seconds.") from None
        except OSError as error:
            raise NoScore(f"SpamAssassin could not be started: {error.strerror}.") from None
    return done.stdout


def _as_box(number: int, raw: bytes) -> bytes:
    """A mail of a mailbox file; lines of its own that begin like the next mail are quoted."""
    plain = re.sub(rb"(?m)^(>*From )", rb">\1", raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    return b"From offerpost-%d Wed Nov 25 12:00:00 2026\n%b\n\n" % (number, plain)


def _read(answer: bytes) -> Score:
    status = _STATUS.search(answer)
    if not status:
        raise NoScore("SpamAssassin gave no score.")
    report = answer[answer.rfind(b"Content analysis details") :].decode("utf-8", "replace")
    reasons = ((float(points), f"{name}: {words.strip()}") for points, name, words in _REASON.findall(report))
    return Score("SpamAssassin", float(status[1]) + 0.0, tuple(reasons))
