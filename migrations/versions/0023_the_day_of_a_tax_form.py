"""The day of a tax form"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "affiliates", sa.Column("tax_form_on", sa.String(length=10), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("affiliates", "tax_form_on")  # not by copying: the table has computed columns
