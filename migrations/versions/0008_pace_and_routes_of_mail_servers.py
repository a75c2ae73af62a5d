"""Pace and routes of mail servers"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('domain_windows',
    sa.Column('server_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('domain', sa.String(length=253), nullable=False),
    sa.Column('span', sa.String(length=8), nullable=False),
    sa.Column('starts_at', sa.BigInteger(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('server_id', 'domain', 'span', name=op.f('pk_domain_windows'))
    )
    op.create_table('server_rests',
    sa.Column('server_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('domain', sa.String(length=253), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('allowed', sa.Integer(), nullable=False),
    sa.Column('accepted', sa.Integer(), nullable=False),
    sa.Column('proved', sa.Boolean(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('server_id', 'domain', name=op.f('pk_server_rests'))
    )
    with op.batch_alter_table('mail_servers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('hours', sa.String(length=20), server_default='', nullable=False))
        batch_op.add_column(sa.Column('warm_up_first', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('warm_up_growth', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('warm_up_from', sa.String(length=10), server_default='', nullable=False))
        batch_op.add_column(sa.Column('domain_limits', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('sends_for', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('fallback_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('fallback_for', sa.String(length=20), server_default='', nullable=False))



def downgrade() -> None:
    with op.batch_alter_table('mail_servers', schema=None) as batch_op:
        batch_op.drop_column('fallback_for')
        batch_op.drop_column('fallback_id')
        batch_op.drop_column('sends_for')
        batch_op.drop_column('domain_limits')
        batch_op.drop_column('warm_up_from')
        batch_op.drop_column('warm_up_growth')
        batch_op.drop_column('warm_up_first')
        batch_op.drop_column('hours')

    op.drop_table('server_rests')
    op.drop_table('domain_windows')
