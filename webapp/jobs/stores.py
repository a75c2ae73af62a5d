"""Where jobs wait, chosen by address: a SQLite file, PostgreSQL, or Redis and what speaks its language (Valkey)."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from huey import storage
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from webapp.db import make_private
from webapp.errors import Invalid
from webapp.jobs import drivers

LOCK_WAIT_SECONDS = 30
PREFIX = "offerpost_jobs"  # of our tables: the database may be the one that holds everything else
KINDS = "sqlite:///path/to/jobs.db, postgresql://…, or redis[s]://… for Redis and Valkey"
_LOCK = 0x0FFE2906  # an arbitrary number: the advisory lock under which one process makes the tables


def chosen(address: str) -> tuple[type[storage.BaseStorage], dict[str, Any]]:
    """The class of Huey's store and its options. Nothing is connected yet; `Invalid` names what is wrong or missing."""
    try:
        parsed = make_url(address)
    except ArgumentError as error:
        raise _refused(f"“{address.partition('@')[2] or address}” is no address.") from error
    choose = _STORES.get(parsed.get_backend_name())
    if choose is None:
        raise _refused(f"Jobs can’t be kept in {parsed.get_backend_name()}.")
    return choose(parsed, address)


def _sqlite(parsed: URL, _address: str) -> tuple[type[storage.BaseStorage], dict[str, Any]]:
    if not parsed.database:
        raise _refused("The path of the file is missing.")
    make_private(Path(parsed.database))
    options = {"filename": parsed.database, "timeout": LOCK_WAIT_SECONDS, "fsync": True}
    return storage.SqliteStorage, options


def _postgresql(parsed: URL, _address: str) -> tuple[type[storage.BaseStorage], dict[str, Any]]:
    _needs("psycopg", "postgres")
    drivers.give_psycopg()
    dsn = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    return _Postgres, {"dsn": dsn, "table_prefix": PREFIX, "create_tables": False, "blocking": False}


def _redis(_parsed: URL, address: str) -> tuple[type[storage.BaseStorage], dict[str, Any]]:
    _needs("redis", "redis")
    drivers.give_redis()
    scheme, _, rest = address.partition("://")
    return storage.RedisStorage, {"url": f"{_SPOKEN.get(scheme, scheme)}://{rest}", "blocking": False}


class _Postgres(storage.PostgresStorage):  # type: ignore[misc]
    """Makes its tables at the first connection, not when it is made: jobs may wait for their store, mail does not."""

    _made = False

    def _connect(self) -> Any:
        connection = super()._connect()
        if not self._made:
            with connection.transaction():  # two processes that start at once would both make them
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
                for statement in self.ddl:
                    connection.execute(statement)
            self._made = True
        return connection

    _create_connection = _connect


def _needs(package: str, extra: str) -> None:
    if find_spec(package) is None:
        raise _refused(f"The package {package} is not installed: pip install 'offerpost[{extra}]'.")


def _refused(words: str) -> Invalid:
    return Invalid({"OFFERPOST_JOBS_URL": f"{words} Write {KINDS}, or leave it out."})


_SPOKEN = {"valkey": "redis", "valkeys": "rediss"}
_STORES: dict[str, Callable[[URL, str], tuple[type[storage.BaseStorage], dict[str, Any]]]] = {
    "sqlite": _sqlite,
    "postgres": _postgresql,
    "postgresql": _postgresql,
    **dict.fromkeys(("redis", "rediss", "valkey", "valkeys"), _redis),
}
