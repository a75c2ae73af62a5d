"""Numbers that never come back"""

from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

FOLLOWED = ('attempts', 'clicks', 'consents', 'mail_events', 'suppressions')


def upgrade() -> None:
    # Sums, rules of segments and webhooks read these tables behind a mark. Without it SQLite gives the number of a row
    # that was deleted last to the next one. PostgreSQL never does.
    if op.get_bind().dialect.name != 'sqlite':
        return
    for table in FOLLOWED:
        with op.batch_alter_table(table, recreate='always', table_kwargs={'sqlite_autoincrement': True}):
            pass


def downgrade() -> None:
    pass
