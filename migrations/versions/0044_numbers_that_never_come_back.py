"""Numbers that never come back"""

import sqlalchemy as sa
from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

FOLLOWED = ('attempts', 'clicks', 'consents', 'mail_events', 'suppressions')
MARKS = ' UNION ALL '.join(f'SELECT last_id FROM {table}' for table in ('tally_marks', 'webhook_marks', 'activity_marks'))


def upgrade() -> None:
    # Sums, rules of segments and webhooks read these tables behind a mark. Without it SQLite gives the number of a row
    # that was deleted last to the next one. PostgreSQL never does.
    connection = op.get_bind()
    if connection.dialect.name != 'sqlite':
        return
    mark = connection.scalar(sa.text(f'SELECT coalesce(max(last_id), 0) FROM ({MARKS})'))  # noqa: S608 - our own words
    for table in FOLLOWED:
        with op.batch_alter_table(table, recreate='always', table_kwargs={'sqlite_autoincrement': True}):
            pass
        # Some may begin anew behind a mark already: they go on before every one.
        connection.execute(sa.text('DELETE FROM sqlite_sequence WHERE name = :table'), {'table': table})
        highest = connection.scalar(sa.text(f'SELECT coalesce(max(id), 0) FROM {table}'))  # noqa: S608
        told = {'table': table, 'seq': max(mark, highest)}
        connection.execute(sa.text('INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :seq)'), told)


def downgrade() -> None:
    pass
