"""Card checkouts and the webhook inbox."""

import sqlalchemy as sa
from alembic import op

revision = "0006_payments"
down_revision = "0005_projects"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_checkout",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "creating",
                "open",
                "complete",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("session_ref", sa.String(length=100), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("customer_ref", sa.String(length=60), nullable=True),
        sa.Column("payment_method_ref", sa.String(length=60), nullable=True),
        sa.Column("card_brand", sa.String(length=20), nullable=True),
        sa.Column("card_last4", sa.String(length=4), nullable=True),
        sa.Column("card_exp_month", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("card_exp_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("card_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'complete' OR payment_method_ref IS NOT NULL", name=op.f("ck_card_checkout_complete_has_card")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_checkout")),
        sa.UniqueConstraint("public_id", name=op.f("uq_card_checkout_public_id")),
        sa.UniqueConstraint("session_ref", name=op.f("uq_card_checkout_session_ref")),
    )
    op.create_index(op.f("ix_card_checkout_card_hash"), "card_checkout", ["card_hash"], unique=False)
    op.create_index(op.f("ix_card_checkout_subject"), "card_checkout", ["subject"], unique=False)
    op.create_index("ix_card_checkout_sweep", "card_checkout", ["state", "created_at"], unique=False)
    op.create_index(
        "uq_card_checkout_unfinished",
        "card_checkout",
        ["subject"],
        unique=True,
        postgresql_where=sa.text("state IN ('creating', 'open')"),
        sqlite_where=sa.text("state IN ('creating', 'open')"),
    )
    op.create_table(
        "stripe_event",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("object_ref", sa.String(length=100), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received", "done", "quarantined", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stripe_event")),
    )


def downgrade() -> None:
    op.drop_table("stripe_event")
    op.drop_index(
        "uq_card_checkout_unfinished",
        table_name="card_checkout",
        postgresql_where=sa.text("state IN ('creating', 'open')"),
        sqlite_where=sa.text("state IN ('creating', 'open')"),
    )
    op.drop_index("ix_card_checkout_sweep", table_name="card_checkout")
    op.drop_index(op.f("ix_card_checkout_subject"), table_name="card_checkout")
    op.drop_index(op.f("ix_card_checkout_card_hash"), table_name="card_checkout")
    op.drop_table("card_checkout")
