"""Offers, creatives and who runs them"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('offers',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cid', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('special_instructions', sa.Text(), nullable=False),
    sa.Column('type', sa.String(length=40), nullable=False),
    sa.Column('category', sa.String(length=100), nullable=False),
    sa.Column('payout', sa.BigInteger(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('start_date', sa.Date(), nullable=True),
    sa.Column('end_date', sa.Date(), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('logo_url', sa.Text(), nullable=False),
    sa.Column('tracking_url', sa.Text(), nullable=False),
    sa.Column('suppression_list_url', sa.Text(), nullable=False),
    sa.Column('from_lines', sa.Text(), nullable=False),
    sa.Column('subject_lines', sa.Text(), nullable=False),
    sa.Column('daily_cap', sa.Integer(), nullable=True),
    sa.Column('monthly_cap', sa.Integer(), nullable=True),
    sa.Column('total_cap', sa.Integer(), nullable=True),
    sa.Column('manager_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['manager_id'], ['users.id'], name=op.f('fk_offers_manager_id_users'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offers')),
    sa.UniqueConstraint('cid', name=op.f('uq_offers_cid')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('offers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_offers_manager_id'), ['manager_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_offers_name'), ['name'], unique=False)
        batch_op.create_index('ix_offers_status_id', ['status', 'id'], unique=False)

    op.create_table('assignments',
    sa.Column('offer_id', sa.Integer(), nullable=False),
    sa.Column('affiliate_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('payout', sa.BigInteger(), nullable=True),
    sa.Column('tracking_url', sa.Text(), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['affiliate_id'], ['affiliates.id'], name=op.f('fk_assignments_affiliate_id_affiliates'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['offer_id'], ['offers.id'], name=op.f('fk_assignments_offer_id_offers'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('offer_id', 'affiliate_id', name=op.f('pk_assignments'))
    )
    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.create_index('ix_assignments_affiliate_id', ['affiliate_id'], unique=False)
        batch_op.create_index('ix_assignments_offer_id_state', ['offer_id', 'state', 'affiliate_id'], unique=False)

    op.create_table('creatives',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['offer_id'], ['offers.id'], name=op.f('fk_creatives_offer_id_offers'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_creatives'))
    )
    with op.batch_alter_table('creatives', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_creatives_offer_id'), ['offer_id'], unique=False)

    op.add_column('broadcasts', sa.Column('offer_cid', sa.String(length=60), server_default='', nullable=False))
    op.add_column('import_runs', sa.Column('kind', sa.String(length=20), server_default='affiliates', nullable=False))
    op.add_column('mail_contents', sa.Column('offer', sa.String(length=60), server_default='', nullable=False))
    _grant()


def _grant() -> None:
    """Who could do everything with affiliates can do everything with offers, who saw all of them sees all offers."""
    connection = op.get_bind()
    for number, rights in connection.execute(sa.text('SELECT id, rights FROM users')).all():
        held = set(json.loads(rights) if isinstance(rights, str) else rights)
        new = {'view_all_offers'} if 'view_all_affiliates' in held else set()
        if 'edit_all' in held:
            new |= {'view_all_offers', 'edit_own_offers', 'edit_all_offers'}
        if new - held:
            statement = sa.text('UPDATE users SET rights = :rights WHERE id = :id')
            connection.execute(statement, {'rights': json.dumps(sorted(held | new)), 'id': number})


def downgrade() -> None:
    op.drop_column('mail_contents', 'offer')
    op.drop_column('import_runs', 'kind')
    op.drop_column('broadcasts', 'offer_cid')

    with op.batch_alter_table('creatives', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_creatives_offer_id'))

    op.drop_table('creatives')
    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.drop_index('ix_assignments_offer_id_state')
        batch_op.drop_index('ix_assignments_affiliate_id')

    op.drop_table('assignments')
    with op.batch_alter_table('offers', schema=None) as batch_op:
        batch_op.drop_index('ix_offers_status_id')
        batch_op.drop_index(batch_op.f('ix_offers_name'))
        batch_op.drop_index(batch_op.f('ix_offers_manager_id'))

    op.drop_table('offers')
