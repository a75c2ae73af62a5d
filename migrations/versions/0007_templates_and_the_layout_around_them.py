"""Templates and the layout around them"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_layouts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('logo_url', sa.String(length=500), nullable=False),
    sa.Column('accent', sa.String(length=7), nullable=False),
    sa.Column('background', sa.String(length=7), nullable=False),
    sa.Column('footer', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_layouts'))
    )
    op.create_table('mail_templates',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('context', sa.String(length=40), nullable=False),
    sa.Column('custom', sa.Boolean(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('uses', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=254), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_templates')),
    sa.UniqueConstraint('slug', name=op.f('uq_mail_templates_slug'))
    )
    op.create_table('mail_template_versions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('template_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('preheader', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by', sa.String(length=254), nullable=False),
    sa.ForeignKeyConstraint(['template_id'], ['mail_templates.id'], name=op.f('fk_mail_template_versions_template_id_mail_templates'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_template_versions')),
    sa.UniqueConstraint('template_id', 'number', name=op.f('uq_mail_template_versions_template_id'))
    )
    with op.batch_alter_table('broadcasts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('preheader', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('text', sa.Text(), server_default='', nullable=False))



def downgrade() -> None:
    with op.batch_alter_table('broadcasts', schema=None) as batch_op:
        batch_op.drop_column('text')
        batch_op.drop_column('preheader')

    op.drop_table('mail_template_versions')
    op.drop_table('mail_templates')
    op.drop_table('mail_layouts')
