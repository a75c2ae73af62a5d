"""Lists that are found by their beginning"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAME = (
    "CASE WHEN company <> '' THEN company WHEN first_name || last_name <> '' "
    "THEN trim(first_name || ' ' || last_name) ELSE address END"
)
LOWER = {
    "affiliate_id_lower": "affiliate_id",
    "first_name_lower": "first_name",
    "last_name_lower": "last_name",
    "company_lower": "company",
    "name_lower": NAME,
}
FOUND_BY = ("affiliate_id_lower", "first_name_lower", "last_name_lower", "company_lower", "address")
BEFORE = ("address", "first_name", "last_name", "company")


def upgrade() -> None:
    stored = op.get_bind().dialect.name == "postgresql"  # SQLite adds only computed columns that it does not store
    for name in BEFORE:
        op.drop_index(f"ix_affiliates_{name}", table_name="affiliates")
    for name, expression in LOWER.items():
        kept = sa.Computed(f"lower({expression})", persisted=stored)
        op.add_column("affiliates", sa.Column(name, sa.String(length=254), kept, nullable=True))
    for name in FOUND_BY:
        op.create_index(
            f"ix_affiliates_{name}", "affiliates", [name], postgresql_ops={name: "varchar_pattern_ops"}
        )
    op.create_index("ix_affiliates_status_name", "affiliates", ["status", "name_lower", "id"])
    op.create_index("ix_affiliates_name", "affiliates", ["name_lower", "id"])
    op.create_index(
        "ix_suppressions_address", "suppressions", ["address"], postgresql_ops={"address": "varchar_pattern_ops"}
    )


def downgrade() -> None:
    op.drop_index("ix_suppressions_address", table_name="suppressions")
    for name in ("name", "status_name", *FOUND_BY):
        op.drop_index(f"ix_affiliates_{name}", table_name="affiliates")
    for name in LOWER:
        op.execute(f"ALTER TABLE affiliates DROP COLUMN {name}")
    for name in BEFORE:
        op.create_index(f"ix_affiliates_{name}", "affiliates", [name])
