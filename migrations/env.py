"""Runs migrations on the connection that `webapp.schema` hands over, inside its transaction."""

from alembic import context

from webapp.db import UtcDateTime
from webapp.tables import Base

connection = context.config.attributes["connection"]


def plain_type(kind, item, _context):
    """A migration must not import the program of its day: our own column types are written as what they rest on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=plain_type,
    compare_type=True,
)
context.run_migrations()
