"""Writes a migration from the difference between the models and the newest one: `python scripts/new_migration.py 0002 "Why"`."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from alembic import command

from webapp import schema, tables
from webapp.db import make_engine

revision, reason = sys.argv[1:3]
with tempfile.TemporaryDirectory() as folder:
    engine = make_engine(f"sqlite:///{folder}/empty.db")
    with engine.begin() as connection:
        config = schema.alembic_config(connection)
        command.upgrade(config, "head")
    with engine.begin() as connection:
        config = schema.alembic_config(connection)
        command.revision(config, reason, autogenerate=True, rev_id=revision)
    engine.dispose()
(schema.MIGRATIONS / "HEAD").write_text(f"{revision}\n")
assert tables.Base.metadata.tables
