"""Migrations: they make what the models say, up and down, on both databases."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from webapp import schema
from webapp.db import make_engine
from webapp.tables import Base


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.mark.filterwarnings("ignore:Computed default")  # PostgreSQL says the same expression with casts
def test_the_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    schema.migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_can_be_undone(engine: Engine) -> None:
    schema.migrate(engine)
    with engine.begin() as connection:
        command.downgrade(schema.alembic_config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_a_second_start_changes_nothing(engine: Engine) -> None:
    assert schema.is_empty(engine)
    schema.migrate(engine)
    schema.migrate(engine)
    assert not schema.is_empty(engine)


def test_a_database_of_a_newer_version_is_refused_with_the_remedy(engine: Engine) -> None:
    schema.migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.SchemaError, match="newer Offerpost"):
        schema.migrate(engine)


def test_no_truth_value_begins_with_a_number() -> None:
    # SQLite, from which migrations are written, takes 0 for false; PostgreSQL does not.
    wrong = re.compile(r"Boolean\(\)[^\n]*server_default=(?:sa\.text\()?'[01]'")
    found = [path.name for path in schema.MIGRATIONS.glob("versions/*.py") if wrong.search(path.read_text())]
    assert found == []


def test_numbers_that_began_anew_behind_a_mark_go_on_before_it(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'test.db'}")
    bar = (
        "INSERT INTO suppressions (address, scope, reason, note, created_at)"
        " VALUES (:who, 'all', 'blocked', '', '2026-11-25 10:00:00.000000')"
    )
    with engine.begin() as connection:
        config = schema.alembic_config(connection)
        command.upgrade(config, "0043")
        connection.execute(text(bar), {"who": "old@a.example"})
        connection.execute(text("INSERT INTO tally_marks (source, last_id) VALUES ('suppressions', 100)"))
        command.upgrade(config, "0044")
        connection.execute(text(bar), {"who": "new@a.example"})
        connection.execute(text("DELETE FROM suppressions WHERE id > 1"))
        connection.execute(text(bar), {"who": "next@a.example"})
        assert connection.scalars(text("SELECT id FROM suppressions ORDER BY id")).all() == [1, 102]
    engine.dispose()
