"""Engine, declarative base and column types. One place knows the differences between SQLite and PostgreSQL."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, String, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import NullType, TypeDecorator

LOCK_WAIT_SECONDS = 30

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; refuses naive ones, since nobody could say what they mean."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone can't be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class begins_with(GenericFunction[bool]):  # noqa: N801 - SQLAlchemy's functions are called so
    """Whether a column that is kept in lower case begins with a text, whatever its case. An index finds it.

    On PostgreSQL that index has the operator class varchar_pattern_ops: the order of a language is not that of prefixes.
    """

    type: Any = NullType()  # as a Boolean it would be compared with 1, and then no index would do
    inherit_cache = True


@compiles(begins_with, "sqlite")
def _between_in_sqlite(element: begins_with, compiler: SQLCompiler, **options: Any) -> str:
    column, start = (compiler.process(part, **options) for part in element.clauses)
    again = compiler.process(list(element.clauses)[1], **options)
    return f"({column} >= lower({start}) AND {column} < (lower({again}) || char(1114111)))"


@compiles(begins_with, "postgresql")
def _between_in_postgresql(element: begins_with, compiler: SQLCompiler, **options: Any) -> str:
    column, start = (compiler.process(part, **options) for part in element.clauses)
    again = compiler.process(list(element.clauses)[1], **options)
    return f"({column} ~>=~ lower({start}) AND {column} ~<~ (lower({again}) || chr(1114111)))"


class domain_of(GenericFunction[str]):  # noqa: N801 - likewise
    """The domain of an address with its @, as suppressions of whole domains are written."""

    type = String()
    inherit_cache = True


@compiles(domain_of, "sqlite")
def _domain_in_sqlite(element: domain_of, compiler: SQLCompiler, **options: Any) -> str:
    address = compiler.process(element.clauses, **options)
    return f"substr({address}, instr({address}, '@'))"


@compiles(domain_of, "postgresql")
def _domain_in_postgresql(element: domain_of, compiler: SQLCompiler, **options: Any) -> str:
    address = compiler.process(element.clauses, **options)
    return f"substr({address}, strpos({address}, '@'))"


def utcnow() -> datetime:
    return datetime.now(UTC)


def make_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL with durable commits. SQLite waits 30 s for a lock, as others share the file."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url)
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)  # values stay out of logs


def keep_little(engine: Engine) -> None:
    """For a process that meets most rows once: from the next connection on, SQLite keeps fewer pages in memory."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _with_few_pages)
        engine.dispose()


def writing(engine: Engine) -> Engine:
    """The same engine, for transactions that will write: SQLite then takes its lock at BEGIN.

    A transaction that reads first and writes later fails at once when somebody else wrote in between, whatever the waiting time.
    """
    return engine.execution_options(begin="IMMEDIATE")


def inserting(session: Session, into: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can be told what to do about a row that is there already: each database has its own."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(into)
    return sqlite.insert(into)


def make_private(path: Path) -> None:
    """An empty file that only its owner reads, unless it is there; SQLite gives its companions the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def _sqlite(url: str) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        make_private(Path(database))
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_SECONDS, "check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; `_begin` sends it
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")


def _with_few_pages(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA cache_size=-2000")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', '')}")
