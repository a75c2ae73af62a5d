"""Save, lose, put back: a restored instance sends nothing until somebody has looked."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.browser import Person, words
from tests.keeping.conftest import Offerpost
from tests.mail.sender.conftest import StartWorker
from tests.mail.sender.running import arrived, now_of, states, until, until_over
from transports.testing.smtp_server import SmtpServer
from webapp.config import Config
from webapp.desk import Desk
from webapp.mail import suppressions
from webapp.mail.models import Mailing, OutboxMail, Suppression
from webapp.mail.outbox import control
from webapp.mail.outbox.counters import audit_counters
from webapp.wiring import open_desk

Start = Callable[..., Mailing]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "saved.tar.gz"


@pytest.fixture
def again(environ: dict[str, str]) -> Callable[[], Desk]:
    """Opens the instance anew, as after a restoration."""
    return lambda: open_desk(Config.from_environment(environ))


def rewritten(file: Path, change: Callable[[str, bytes], tuple[str, bytes]]) -> None:
    """The same archive with other names or contents."""
    with tarfile.open(file) as archive:
        members = [(one.name, archive.extractfile(one).read()) for one in archive]  # type: ignore[union-attr]
    with tarfile.open(file, "w:gz") as archive:
        for name, content in (change(*one) for one in members):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_a_backup_holds_database_plugins_and_settings_and_never_the_key(
    desk: Desk, offerpost: Offerpost, file: Path
) -> None:
    (desk.config.plugins / "own.py").write_text("")
    (desk.config.home / "offerpost.toml").write_text("proxies = 1\n")
    done = offerpost("backup", file)
    assert (done.exit_code, "The key file is not in it" in done.stdout) == (0, True)
    with tarfile.open(file) as archive:
        names = archive.getnames()
        about = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
        packed = b"".join(archive.extractfile(name).read() for name in names)  # type: ignore[union-attr]
    assert names == ["manifest.json", "offerpost.db", "offerpost.toml", "plugins/own.py"]
    assert about["counts"] == {"affiliates": 0, "mailings": 0, "mails": 0, "suppressions": 0}
    assert desk.config.key_file.read_bytes().strip() not in packed
    assert file.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in file.parent.iterdir()) == ["instance", "saved.tar.gz"]


def test_a_backup_replaces_no_file(offerpost: Offerpost, file: Path) -> None:
    file.write_text("mine")
    done = offerpost("backup", file)
    assert (done.exit_code, "is there already" in done.stderr, file.read_text()) == (1, True, "mine")


@pytest.mark.postgres
def test_with_postgresql_the_tool_of_the_database_is_named(
    desk: Desk, environ: dict[str, str], postgres_url: str, offerpost: Offerpost, file: Path
) -> None:
    environ["OFFERPOST_DATABASE_URL"] = postgres_url
    shutil.copy(desk.config.key_file, desk.config.home / "kept")
    assert "pg_dump" in offerpost("backup", file).stderr
    assert "offerpost restore --mark" in offerpost("backup", file).stderr


def test_a_backup_comes_back_into_an_empty_folder_beside_its_key(
    desk: Desk, offerpost: Offerpost, file: Path, mailing_to: Start, again: Callable[[], Desk]
) -> None:
    mailing_to(3)
    (desk.config.plugins / "own.py").write_text("# mine")
    offerpost("backup", file)
    desk.close()
    key = desk.config.key_file.read_bytes()
    shutil.rmtree(desk.config.home)
    desk.config.home.mkdir()
    desk.config.key_file.write_bytes(key)
    desk.config.key_file.chmod(0o600)
    done = offerpost("restore", file)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Nothing is sent yet" in done.stdout
    assert (desk.config.plugins / "own.py").read_text() == "# mine"
    restored = again()
    assert states(restored) == {"queued": 3}
    restored.close()


def test_what_is_here_is_only_replaced_when_told_and_then_kept_aside(
    desk: Desk, offerpost: Offerpost, file: Path
) -> None:
    offerpost("backup", file)
    desk.close()
    assert "Add --replace" in offerpost("restore", file).stderr
    assert offerpost("restore", file, "--replace").exit_code == 0
    assert len(list(desk.config.home.glob("offerpost.db.replaced-*"))) == 1


def test_who_left_after_the_backup_stays_suppressed(
    desk: Desk, offerpost: Offerpost, file: Path, again: Callable[[], Desk]
) -> None:
    offerpost("backup", file)
    with desk.session() as session:
        suppressions.add(session, "left@x.example", scope="announcement", reason="unsubscribed")
    desk.close()
    assert "1 suppression newer" in offerpost("restore", file, "--replace").stdout
    restored = again()
    with restored.reading() as session:
        assert session.scalars(select(Suppression.address)).all() == ["left@x.example"]
    restored.close()


def test_nothing_is_restored_under_a_working_sender_or_an_open_page(
    desk: Desk, offerpost: Offerpost, file: Path, worker: StartWorker
) -> None:
    offerpost("backup", file)
    with desk.reading() as session:
        states_before = session.scalars(select(Mailing.id)).all()
        assert "The database is in use" in offerpost("restore", file, "--replace").stderr
    desk.close()
    running = worker()
    until(running.children)
    assert "A sender is working here" in offerpost("restore", file, "--replace").stderr
    assert running.stop() == 0
    assert states_before == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../evil.py", "which no backup does"),
        ("plugins/../../evil.py", "which no backup does"),
        ("/tmp/evil.py", "which no backup does"),
        ("offerpost.key", "which no backup does"),
    ],
)
def test_an_archive_with_other_names_is_refused(
    desk: Desk, offerpost: Offerpost, file: Path, name: str, said: str
) -> None:
    offerpost("backup", file)
    rewritten(file, lambda old, content: (name if old == "offerpost.db" else old, content))
    desk.close()
    before = desk.config.key_file.read_bytes()
    done = offerpost("restore", file, "--replace")
    assert (done.exit_code, said in done.stderr) == (1, True)
    assert desk.config.key_file.read_bytes() == before
    assert not list(desk.config.home.glob(".restoring-*"))


def test_a_damaged_or_foreign_file_is_refused(desk: Desk, offerpost: Offerpost, file: Path) -> None:
    offerpost("backup", file)
    desk.close()
    whole = file.read_bytes()
    for broken in (b"no archive at all", whole[: len(whole) // 2]):
        file.write_bytes(broken)
        assert "is no backup of Offerpost" in offerpost("restore", file, "--replace").stderr
    file.write_bytes(whole)
    rewritten(file, lambda name, content: (name, content[:-1] + b"x" if name == "offerpost.db" else content))
    assert "is damaged" in offerpost("restore", file, "--replace").stderr


def test_a_backup_that_another_key_opens_is_refused(desk: Desk, offerpost: Offerpost, file: Path) -> None:
    offerpost("backup", file)
    desk.close()
    desk.config.key_file.unlink()
    (desk.config.home / "offerpost.db").unlink()
    open_desk(desk.config).close()
    assert "is another key than that of the backup" in offerpost("restore", file, "--replace").stderr


def test_a_backup_of_a_running_mailing_is_truthful_and_waits_for_a_person(
    desk: Desk,
    environ: dict[str, str],
    offerpost: Offerpost,
    file: Path,
    smtp: SmtpServer,
    mailing_to: Start,
    worker: StartWorker,
    again: Callable[[], Desk],
) -> None:
    mailing = mailing_to(400, server={"max_per_second": 80})  # so that it still runs when it is saved
    running = worker()
    until(lambda: len(smtp.inbox) > 100)
    assert offerpost("backup", file).exit_code == 0
    until_over(desk, mailing)
    running.stop()
    desk.close()
    offerpost("restore", file, "--replace")
    restored = again()
    with restored.reading() as session:
        old = session.get_one(Mailing, mailing.id)
        assert (old.state, old.reason[:28]) == ("paused", "Restored from a backup of 20")
        assert audit_counters(session, mailing.id) == {}
        assert states(restored)["sending"] == 0
    with restored.session() as session:
        control.resume(session, mailing.id)  # somebody is too fast; the restoration still holds everything
    received = len(smtp.inbox)
    running = worker()
    until(running.children)
    assert _stays(lambda: len(smtp.inbox), received)
    assert offerpost("restore", "--confirm").exit_code == 0
    until_over(restored, mailing)
    assert len(arrived(smtp)) == 400
    restored.close()


def test_an_older_database_beside_a_newer_folder_is_noticed_by_the_sender(
    desk: Desk,
    smtp: SmtpServer,
    mailing_to: Start,
    worker: StartWorker,
    again: Callable[[], Desk],
    tmp_path: Path,
) -> None:
    mailing = mailing_to(5)
    desk.close()
    shutil.copy(desk.config.home / "offerpost.db", tmp_path / "last-night.db")
    running = worker()
    newer = again()
    until_over(newer, mailing)
    running.stop()
    newer.close()
    shutil.copy(tmp_path / "last-night.db", desk.config.home / "offerpost.db")
    older = again()
    running = worker()
    until(lambda: now_of(older, mailing).state == "paused")
    assert _stays(lambda: len(smtp.inbox), 5)
    assert states(older) == {"queued": 5}
    older.close()


def test_operational_mail_waits_too_until_somebody_confirms_on_the_overview(
    desk: Desk, offerpost: Offerpost, owner: Person, colleague: Person, mailing_to: Start
) -> None:
    mailing = mailing_to(2, kind="operational")
    assert "Marked as restored" in offerpost("restore", "--mark").stdout
    said = words(owner.get("/"))
    assert "Nothing is being sent: this database was restored from an older backup." in said
    assert "I have looked; let mail leave again" in said
    assert "I have looked" not in words(colleague.get("/"))
    assert "restored from" not in words(owner.post("/restored", {}, follow=True))
    assert now_of(desk, mailing).state == "paused"
    with desk.reading() as session:
        assert {one.state for one in session.scalars(select(OutboxMail))} == {"queued"}


def test_there_is_nothing_to_confirm_without_a_restoration(offerpost: Offerpost) -> None:
    done = offerpost("restore", "--confirm")
    assert (done.exit_code, "No restored database waits" in done.stderr) == (1, True)


def _stays(value: Callable[[], int], expected: int) -> bool:
    """For two seconds: several looks of the sender at its queue."""
    import time

    time.sleep(2)
    return value() == expected
