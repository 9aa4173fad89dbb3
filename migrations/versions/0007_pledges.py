"""Pledges and crowds."""

import sqlalchemy as sa
from alembic import op

revision = "0007_pledges"
down_revision = "0006_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crowd",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("backers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_crowd_project_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_crowd")),
    )
    op.create_table(
        "pledge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("start_token", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("checkout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "setup",
                "active",
                "abandoned",
                "withdrawn",
                "released",
                "collecting",
                "paid",
                "fixing",
                "lapsed",
                "refunded",
                "disputed",
                "charged_back",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("consented_pence", sa.BigInteger(), nullable=True),
        sa.Column("changes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("backer_name", sa.String(length=200), nullable=True),
        sa.Column(
            "name_audience",
            sa.Enum(
                "everyone",
                "group",
                "nobody",
                name="name_audience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "amount_audience",
            sa.Enum(
                "everyone",
                "group",
                "nobody",
                name="amount_audience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("outcode", sa.String(length=4), nullable=True),
        sa.Column("district_code", sa.String(length=9), nullable=True),
        sa.Column("share_with_group", sa.Boolean(), nullable=False),
        sa.Column("wants_news", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('setup', 'abandoned') OR (consented_pence IS NOT NULL AND consented_pence >= amount_pence)",
            name=op.f("ck_pledge_never_above_consent"),
        ),
        sa.CheckConstraint(
            "state IN ('setup', 'abandoned') OR (person_id IS NOT NULL AND checkout_id IS NOT NULL AND active_at IS NOT NULL)",
            name=op.f("ck_pledge_counted_is_complete"),
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_pledge_amount_positive")),
        sa.ForeignKeyConstraint(["checkout_id"], ["card_checkout.id"], name=op.f("fk_pledge_checkout_id")),
        sa.ForeignKeyConstraint(["district_code"], ["district.code"], name=op.f("fk_pledge_district_code")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pledge_person_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_pledge_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pledge_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_pledge_reference")),
        sa.UniqueConstraint("start_token", name=op.f("uq_pledge_start_token")),
    )
    op.create_index("ix_pledge_newest", "pledge", ["project_id", "state", "active_at"], unique=False)
    op.create_index(op.f("ix_pledge_person_id"), "pledge", ["person_id"], unique=False)
    op.create_index("ix_pledge_sweep", "pledge", ["state", "created_at"], unique=False)
    op.create_index(
        "uq_pledge_one_per_person",
        "pledge",
        ["project_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('active', 'collecting', 'fixing', 'paid', 'disputed')"),
        sqlite_where=sa.text("state IN ('active', 'collecting', 'fixing', 'paid', 'disputed')"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_pledge_one_per_person",
        table_name="pledge",
        postgresql_where=sa.text("state IN ('active', 'collecting', 'fixing', 'paid', 'disputed')"),
        sqlite_where=sa.text("state IN ('active', 'collecting', 'fixing', 'paid', 'disputed')"),
    )
    op.drop_index("ix_pledge_sweep", table_name="pledge")
    op.drop_index(op.f("ix_pledge_person_id"), table_name="pledge")
    op.drop_index("ix_pledge_newest", table_name="pledge")
    op.drop_table("pledge")
    op.drop_table("crowd")
