"""Brings a database to the present schema. Alembic is only loaded when there is something to do."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from webapp.errors import DomainError

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
HEAD = (
    (MIGRATIONS / "HEAD").read_text().strip()
)  # one line: two branches that add a migration conflict here, visibly
_LOCK = 0x0FFE2905  # an arbitrary number: the PostgreSQL advisory lock under which one process migrates


class SchemaError(DomainError):
    """The database is newer than this program."""


def is_empty(engine: Engine) -> bool:
    """Whether nothing was ever set up in this database."""
    with engine.connect() as connection:
        return _version(connection) is None


def migrate(engine: Engine) -> None:
    """Upgrade to the head. Safe when several processes start at once."""
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
    with engine.execution_options(begin="IMMEDIATE").begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def alembic_config(connection: Connection) -> "AlembicConfig":
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise SchemaError(
            "The database was made by a newer Offerpost. Install that version, or restore a backup."
        ) from error
