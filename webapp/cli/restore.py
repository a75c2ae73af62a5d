"""`offerpost restore`: puts a backup in place. The instance then waits until a person has confirmed that mail may leave."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from webapp import schema
from webapp.accounts.audit import COMMAND_LINE, record
from webapp.cli import archive
from webapp.cli.backup import POSTGRES, sqlite_file, to_one_file
from webapp.config import FILE_NAME, Config
from webapp.db import make_engine, utcnow
from webapp.errors import Conflict, DomainError
from webapp.mail import restored
from webapp.mail.sender import high_water, spool
from webapp.vault import Vault
from webapp.wiring import open_desk

SPARE = 50 * 1024 * 1024  # bytes that stay free whatever is unpacked
WAITS = (
    "Nothing is sent yet. Start Offerpost, look which mails may have gone since, then let mail leave again: "
    "on the overview, or with “offerpost restore --confirm”."
)


@click.command("restore")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--replace",
    is_flag=True,
    help="Put it in the place of the database that is here; that one is kept aside.",
)
@click.option(
    "--mark", "only_mark", is_flag=True, help="Only say that the database was restored, as by pg_restore."
)
@click.option("--confirm", is_flag=True, help="Let mail leave again after a restoration.")
def restore_command(file: Path | None, replace: bool, only_mark: bool, confirm: bool) -> None:
    """Put the backup FILE in place of this instance, which must be stopped. Nothing is sent until somebody confirms."""
    if [file is not None, only_mark, confirm].count(True) != 1:
        raise click.UsageError("Give one of: FILE, --mark, --confirm.")
    config = Config.from_environment()
    if confirm:
        _confirm(config)
    elif only_mark:
        _mark(config)
    elif file is not None:
        _restore(config, file, replace=replace)


def _confirm(config: Config) -> None:
    desk = open_desk(config)
    try:
        with desk.session() as session:
            restored.confirm(session, COMMAND_LINE)
            record(session, COMMAND_LINE, "restoration.confirmed")
    finally:
        desk.close()
    click.echo("Mail leaves again. Paused messages stay paused: resume each when you have looked at it.")


def _mark(config: Config) -> None:
    desk = open_desk(config)
    try:
        with desk.session() as session:
            _stop_everything(session, config, None)
    finally:
        desk.close()
    click.echo("Marked as restored. " + WAITS)


def _restore(config: Config, file: Path, *, replace: bool) -> None:
    database = sqlite_file(config.database_url)
    if database is None:
        raise DomainError(POSTGRES)
    if database.exists() and not replace:
        raise Conflict(
            "There is a database here. Add --replace to put the backup in its place; it is kept aside."
        )
    config.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _nobody_works(config, database), _workshop(config.home) as folder:
        free = shutil.disk_usage(config.home).free - SPARE
        about = archive.unpack(file, folder, most=max(free, 0))
        _check(about, config, folder / archive.DATABASE)
        kept = _prepare(folder / archive.DATABASE, config, about.time, database)
        aside = f"replaced-{utcnow():%Y%m%dT%H%M%S}"
        notes = [*_put_files(folder, config, aside), *_put_database(folder, database, aside)]
    click.echo(
        f"Restored from {about.taken_at}: {about.counts['affiliates']:,} affiliates, {about.counts['mails']:,} mails."
    )
    for note in [*kept, *notes]:
        click.echo(note)
    click.echo(WAITS)


@contextmanager
def _nobody_works(config: Config, database: Path) -> Iterator[None]:
    """Hold the sender's lock meanwhile, and see that no page has the database open."""
    held = spool.lock(config.spool / "sender.lock")
    if held is None:
        raise Conflict("A sender is working here. Stop “offerpost serve” and every “offerpost worker” first.")
    try:
        if database.exists():
            _no_page_is_open(database)
        yield
    finally:
        os.close(held)


def _no_page_is_open(database: Path) -> None:
    try:
        to_one_file(database)
    except sqlite3.OperationalError as error:
        raise Conflict(
            "The database is in use. Stop “offerpost serve” and every other command first."
        ) from error
    except sqlite3.DatabaseError:
        pass  # it is damaged: perhaps that is why somebody restores


@contextmanager
def _workshop(home: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=home, prefix=".restoring-") as folder:
        yield Path(folder)


def _check(about: archive.Manifest, config: Config, fresh: Path) -> None:
    if config.key_file.exists() and not Vault.open(config.key_file, create=False).verify(
        "backup", "which key file", about.key
    ):
        raise DomainError(
            f"{config.key_file.name} here is another key than that of the backup: its secrets would not open. "
            "Put the right key file in place first."
        )
    with closing(sqlite3.connect(fresh)) as connection:
        if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise archive.BadArchive("The database in the backup is damaged. Take another backup.")


def _prepare(fresh: Path, config: Config, taken_at: datetime, old: Path) -> list[str]:
    """Bring it to the present schema, and stop all sending before it is in anybody's reach."""
    engine = make_engine(f"sqlite:///{fresh}")
    try:
        schema.migrate(engine)
        with Session(engine) as session, session.begin():
            _stop_everything(session, config, taken_at)
    finally:
        engine.dispose()
    kept = _keep_suppressions(fresh, old) if old.exists() else []
    to_one_file(fresh)
    return kept


def _stop_everything(session: Session, config: Config, taken_at: datetime | None) -> None:
    restored.mark(session, taken_at=taken_at, last_claim=high_water.read(config.home))
    record(session, COMMAND_LINE, "database.restored", restored.since(taken_at))


def _keep_suppressions(fresh: Path, old: Path) -> list[str]:
    """Whoever left the announcements after the backup must not be written to again."""
    try:
        with closing(sqlite3.connect(fresh)) as connection:
            connection.execute("ATTACH ? AS old", (str(old),))
            before = connection.total_changes
            connection.execute(
                "INSERT OR IGNORE INTO suppressions (address, scope, reason, note, created_at) "
                "SELECT address, scope, reason, note, created_at FROM old.suppressions"
            )
            connection.commit()
            count = connection.total_changes - before
    except sqlite3.DatabaseError:
        return ["The replaced database could not be read: who left since the backup may be written to again."]
    return (
        [f"{count:,} {'suppression' if count == 1 else 'suppressions'} newer than the backup kept."]
        if count
        else []
    )


def _put_files(folder: Path, config: Config, aside: str) -> list[str]:
    notes = []
    settings, here = folder / FILE_NAME, config.home / FILE_NAME
    if settings.exists():
        target = here if not here.exists() else here.with_suffix(".toml.from-backup")
        settings.replace(target)
        notes += (
            []
            if target == here
            else [f"{FILE_NAME} here was left alone; that of the backup is {target.name}."]
        )
    plugins = folder / "plugins"
    if plugins.is_dir():
        if config.plugins.is_dir() and any(config.plugins.iterdir()):
            config.plugins.rename(config.home / f"plugins.{aside}")
            notes.append(f"The plugins that were here lie in plugins.{aside}/.")
        elif config.plugins.is_dir():
            config.plugins.rmdir()
        plugins.rename(config.plugins)
    return notes


def _put_database(folder: Path, database: Path, aside: str) -> list[str]:
    notes = []
    if database.exists():
        kept = database.with_name(f"{database.name}.{aside}")
        os.link(database, kept)
        notes.append(f"The database that was here is {kept.name}; delete it when you need it no more.")
    for log in ("-wal", "-shm"):
        database.with_name(database.name + log).unlink(missing_ok=True)
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.move(folder / archive.DATABASE, database)
    _sync(database.parent)
    return notes


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
