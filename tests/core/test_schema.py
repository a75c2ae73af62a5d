"""Migrations: they make what the models say, up and down, on both databases."""

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
