"""F20: the database is older than what was sent from it."""

import shutil
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.chaos.harness import Trial
from tests.chaos.invariants import assert_invariants
from tests.chaos.only import some
from tests.chaos.senders import until
from transports.testing.listener import Drip
from webapp.cli import main
from webapp.mail import restored
from webapp.mail.models import Mailing, SenderProcess
from webapp.mail.outbox import control

SLOW = Drip("250 2.0.0 Ok", 0.005)
LOOKS = 1.5  # seconds in which a sender looks for work at least twice


@pytest.mark.parametrize("how", some(("by command", "by hand"), "by hand"))
def test_f20_from_a_restored_database_nothing_leaves_until_somebody_has_looked(
    trial: Trial, many: int, tmp_path: Path, how: str
) -> None:
    """In the middle of a message all dies, and a backup from before comes back: by `offerpost restore`, or copied by hand."""
    trial.use()
    trial.witness.on("DOT", SLOW)
    mailing_id = trial.mail(many)
    saved = tmp_path / "saved.tar.gz"
    _offerpost(trial, "backup", saved)
    sender = trial.work()
    trial.until_taken(trial.chance.randrange(1, many // 2))
    sender.kill_all()
    trial.desk.engine.dispose()
    _put_back(trial, saved, how)
    before = {one.recipient for one in trial.taken()}
    trial.work()
    until(lambda: _is_held(trial), what="holding the restored database")
    time.sleep(LOOKS)
    assert len(trial.taken()) == len(before), "mail left before anybody had looked"
    with trial.desk.session() as session:
        assert session.get_one(Mailing, mailing_id).state == "paused"
        restored.confirm(session, "owner@network.example")
    time.sleep(LOOKS)
    assert len(trial.taken()) == len(before), "a paused message went on by itself"
    trial.resent = before  # whoever resumes was told that mails may have gone since the backup
    with trial.desk.session() as session:
        control.resume(session, mailing_id)
    trial.settle()
    assert_invariants(trial, unknown=0)


def _is_held(trial: Trial) -> bool:
    with trial.desk.reading() as session:
        sender = session.scalar(select(SenderProcess.id).where(SenderProcess.ended_at.is_(None)))
        return sender is not None and restored.pending(session) is not None


def _put_back(trial: Trial, saved: Path, how: str) -> None:
    for file in trial.home.glob("offerpost.db-*"):
        file.unlink()
    if how == "by command":
        _offerpost(trial, "restore", saved, "--replace")
        return
    shutil.unpack_archive(saved, saved.parent / "unpacked", filter="data")
    shutil.copy(saved.parent / "unpacked" / "offerpost.db", trial.home / "offerpost.db")


def _offerpost(trial: Trial, *arguments: object) -> None:
    done = CliRunner().invoke(main, [str(one) for one in arguments], env=trial.environ)
    assert done.exit_code == 0, done.output
