"""Where applications lie on the board of their round, and the panels that confirmed it."""

import sqlalchemy as sa
from alembic import op

revision = "0016_panels"
down_revision = "0015_grants"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grant_panel",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(minutes) > 0", name=op.f("ck_grant_panel_has_minutes")),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_grant_panel_confirmed_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["grant_round.id"], name=op.f("fk_grant_panel_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_panel")),
        sa.UniqueConstraint("public_id", name=op.f("uq_grant_panel_public_id")),
    )
    op.create_index(op.f("ix_grant_panel_confirmed_by_id"), "grant_panel", ["confirmed_by_id"], unique=False)
    op.create_index(op.f("ix_grant_panel_round_id"), "grant_panel", ["round_id"], unique=False)

    op.create_table(
        "grant_placing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "full",
                "up_to",
                "defer",
                "decline",
                "ineligible",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pence", sa.BigInteger(), nullable=True),
        sa.Column("criterion", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("panel_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(pence IS NULL) = (outcome IN ('defer', 'decline', 'ineligible'))", name=op.f("ck_grant_placing_sum_given")
        ),
        sa.CheckConstraint("done_at IS NULL OR panel_id IS NOT NULL", name=op.f("ck_grant_placing_done_is_confirmed")),
        sa.CheckConstraint("pence IS NULL OR pence > 0", name=op.f("ck_grant_placing_sum_positive")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_application.id"], name=op.f("fk_grant_placing_application_id")
        ),
        sa.ForeignKeyConstraint(["panel_id"], ["grant_panel.id"], name=op.f("fk_grant_placing_panel_id")),
        sa.ForeignKeyConstraint(["placed_by_id"], ["person.id"], name=op.f("fk_grant_placing_placed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_placing")),
    )
    op.create_index(op.f("ix_grant_placing_application_id"), "grant_placing", ["application_id"], unique=True)
    op.create_index(op.f("ix_grant_placing_panel_id"), "grant_placing", ["panel_id"], unique=False)
    op.create_index(op.f("ix_grant_placing_placed_by_id"), "grant_placing", ["placed_by_id"], unique=False)


def downgrade() -> None:

    op.drop_table("grant_placing")

    op.drop_table("grant_panel")
