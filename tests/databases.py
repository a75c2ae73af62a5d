"""Databases on a real PostgreSQL: an empty one, and an instance on one that was migrated before."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

from sqlalchemy import create_engine, make_url, text

from webapp.config import Config
from webapp.desk import Desk
from webapp.settings import bootstrap
from webapp.tables import Base
from webapp.vault import Vault
from webapp.wiring import open_desk


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """The URL of a new database, which is gone afterwards."""
    name = f"test_{token_hex(6)}"
    there = make_url(server)
    admin = create_engine(there.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield there.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def on_postgres(environ: dict[str, str]) -> Desk:
    """An instance on a database that is migrated once and emptied for each test."""
    config = Config.from_environment(environ)
    config.home.mkdir()
    Vault.open(config.key_file, create=True)
    desk = open_desk(config)
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with desk.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    bootstrap.prepare(desk)
    return desk
