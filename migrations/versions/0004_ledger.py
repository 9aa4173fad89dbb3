"""The ledger: accounts, entries, lines."""

import sqlalchemy as sa
from alembic import op

revision = "0004_ledger"
down_revision = "0003_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "book",
            sa.Enum("promise", "cash", name="book", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "backers",
                "pledged",
                "funder",
                "pot_available",
                "match_reserved",
                "provider",
                "bank",
                "fees",
                "held",
                "in_flight",
                "pot_cash",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("year", sa.String(length=9), nullable=False),
        sa.Column("lock_rank", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("floor_pence", sa.BigInteger(), nullable=True),
        sa.Column("ceiling_pence", sa.BigInteger(), nullable=True),
        sa.Column("balance_pence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "ceiling_pence IS NULL OR balance_pence <= ceiling_pence", name=op.f("ck_ledger_account_ceiling")
        ),
        sa.CheckConstraint("floor_pence IS NULL OR balance_pence >= floor_pence", name=op.f("ck_ledger_account_floor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "kind", "subject_id", "source", "year", name=op.f("uq_ledger_account_kind_subject_id_source_year")
        ),
    )
    op.create_index("ix_ledger_account_subject", "ledger_account", ["subject_id", "kind"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "book",
            sa.Enum("promise", "cash", name="book", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "event",
            sa.Enum(
                "pledge_made",
                "pledge_raised",
                "pledge_lowered",
                "pledge_ended",
                "pot_filled",
                "match_reserved",
                "match_freed",
                "charge_collected",
                "charge_refunded",
                "funder_paid_in",
                "payout_sent",
                "payout_confirmed",
                "payout_returned",
                name="event",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["reverses_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_entry_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_entry_reverses_id")),
    )
    op.create_table(
        "ledger_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_pence <> 0", name=op.f("ck_ledger_line_not_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_line_account_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_line_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
        sa.UniqueConstraint("entry_id", "account_id", name=op.f("uq_ledger_line_entry_id_account_id")),
    )
    op.create_index(op.f("ix_ledger_line_account_id"), "ledger_line", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_ledger_line_account_id"), table_name="ledger_line")
    op.drop_table("ledger_line")
    op.drop_table("ledger_entry")
    op.drop_index("ix_ledger_account_subject", table_name="ledger_account")
    op.drop_table("ledger_account")
