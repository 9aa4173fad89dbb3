"""Places: districts, divisions, postcodes."""

import sqlalchemy as sa
from alembic import op

revision = "0002_places"
down_revision = "0001_ground"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "district",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("council_name", sa.String(length=80), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("in_area", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_district")),
        sa.UniqueConstraint("slug", name=op.f("uq_district_slug")),
    )
    op.create_table(
        "electoral_division",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("district_code", sa.String(length=9), nullable=False),
        sa.ForeignKeyConstraint(["district_code"], ["district.code"], name=op.f("fk_electoral_division_district_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_electoral_division")),
    )
    op.create_index(op.f("ix_electoral_division_district_code"), "electoral_division", ["district_code"], unique=False)
    op.create_table(
        "postcode",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("district_code", sa.String(length=9), nullable=False),
        sa.ForeignKeyConstraint(["district_code"], ["district.code"], name=op.f("fk_postcode_district_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_postcode")),
    )
    op.create_index(op.f("ix_postcode_district_code"), "postcode", ["district_code"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_postcode_district_code"), table_name="postcode")
    op.drop_table("postcode")
    op.drop_index(op.f("ix_electoral_division_district_code"), table_name="electoral_division")
    op.drop_table("electoral_division")
    op.drop_table("district")
