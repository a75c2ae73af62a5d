"""`offerpost backup`: the database, the plugins and `offerpost.toml` as one file, while everything goes on running."""

import sqlite3
import tempfile
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from webapp import schema
from webapp.affiliates.models import Affiliate
from webapp.cli import archive
from webapp.command import pass_desk
from webapp.config import FILE_NAME
from webapp.db import utcnow
from webapp.desk import Desk
from webapp.errors import DomainError
from webapp.mail.models import LeaseCounter, Mailing, OutboxMail, Suppression
from webapp.vault import Vault

COUNTED = {"affiliates": Affiliate, "mailings": Mailing, "mails": OutboxMail, "suppressions": Suppression}
POSTGRES = (
    "This instance keeps its data in PostgreSQL. Save it with its own tool: pg_dump --format=custom --file=FILE DATABASE. "
    "After pg_restore, and before a sender is started, call: offerpost restore --mark"
)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_desk
def backup_command(desk: Desk, file: Path) -> None:
    """Save database, plugins and offerpost.toml into FILE while everything runs. Never the key file, nor mail/."""
    database = sqlite_file(desk.config.database_url)
    if database is None:
        raise DomainError(POSTGRES)
    if not file.absolute().parent.is_dir():
        raise DomainError(f"There is no folder {file.absolute().parent}. Make it first.")
    with tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as folder:
        about = _save(desk, database, Path(folder) / archive.DATABASE, file.absolute())
    click.echo(
        f"Saved {about.counts['affiliates']:,} affiliates and {about.counts['mails']:,} mails in {file}."
    )
    click.echo(f"The key file is not in it: keep a copy of {desk.config.key_file.name} somewhere else.")


def _save(desk: Desk, database: Path, copy: Path, target: Path) -> archive.Manifest:
    taken_at = utcnow()
    copy_database(database, copy)
    files = {archive.DATABASE: copy}
    settings = desk.config.home / FILE_NAME
    if settings.is_file():
        files[archive.SETTINGS] = settings
    plugins = sorted(desk.config.plugins.glob("*.py"))
    named = {f"plugins/{path.name}": path for path in plugins}
    files |= {name: path for name, path in named.items() if archive.PLUGIN.fullmatch(name)}
    counts, last_claim = _look_into(copy)
    about = archive.Manifest(
        format=archive.FORMAT,
        version=_version(),
        schema=schema.HEAD,
        taken_at=taken_at.isoformat(timespec="seconds"),
        last_claim=last_claim,
        key=key_name(desk.vault),
        counts=counts,
        files={name: archive.digest(path) for name, path in files.items()},
    )
    archive.write(target, files, about)
    return about


def sqlite_file(url: str) -> Path | None:
    """Where the SQLite database lies; None for another kind of database."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def key_name(vault: Vault) -> str:
    """Tells key files apart without telling anything about a key."""
    return vault.sign("backup", "which key file")


def copy_database(database: Path, copy: Path) -> None:
    """A consistent copy in one file, however much is written meanwhile."""
    with closing(sqlite3.connect(database, timeout=30)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    copy.chmod(0o600)


def _look_into(copy: Path) -> tuple[dict[str, int], int]:
    """How much the copy holds; it is the copy that counts, as the original goes on changing."""
    from webapp.db import make_engine

    engine = make_engine(f"sqlite:///{copy}")
    try:
        with engine.connect() as connection:
            counts = {
                name: connection.scalar(select(func.count()).select_from(model)) or 0
                for name, model in COUNTED.items()
            }
            last = connection.scalar(select(func.max(LeaseCounter.value))) or 0
    finally:
        engine.dispose()
    to_one_file(copy)
    return counts, last


def to_one_file(database: Path) -> None:
    """Fold the write-ahead log into the file. Fails while another process has the database open."""
    with closing(sqlite3.connect(database, timeout=1)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _version() -> str:
    try:
        return version("offerpost")
    except PackageNotFoundError:
        return "unknown"
