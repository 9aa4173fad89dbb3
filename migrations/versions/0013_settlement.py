"""Verdicts, settlements, charge attempts, refunds, disputes, reconciliation, bank details and payouts."""

import sqlalchemy as sa
from alembic import op

from migrations.constraints import replace_check
from migrations.triggers import drop, free_moves, guard_moves, install

revision = "0013_settlement"
down_revision = "0012_desk"
branch_labels = None
depends_on = None

KINDS = (
    "'backers', 'pledged', 'funder', 'pot_available', 'match_reserved', 'provider', 'bank', 'fees', 'held', 'in_flight',"
    " 'pot_cash'"
)
EVENTS = (
    "'pledge_made', 'pledge_raised', 'pledge_lowered', 'pledge_ended', 'pot_filled', 'match_reserved', 'match_freed',"
    " 'charge_collected', 'charge_refunded', 'funder_paid_in', 'payout_sent', 'payout_confirmed', 'payout_returned'"
)
MORE_EVENTS = (
    "'refund_failed', 'owed_paid', 'dispute_opened', 'dispute_won', 'provider_paid_out', 'top_up_received',"
    " 'exposure_borne', 'exposure_repaid'"
)
EDGES = (
    ("charge_attempt", "prepared", "unknown waiting declined succeeded cancelled"),
    ("charge_attempt", "unknown", "waiting declined succeeded failed cancelled"),
    ("charge_attempt", "waiting", "declined succeeded cancelled"),
    ("charge_attempt", "declined", "failed succeeded"),
    ("refund", "asked", "approved rejected"),
    ("refund", "approved", "pending succeeded failed"),
    ("refund", "pending", "succeeded failed"),
    ("refund", "succeeded", "failed"),
    ("dispute", "open", "won lost"),
    ("payout", "prepared", "approved rejected"),
    ("payout", "approved", "sent rejected"),
    ("payout", "sent", "confirmed returned"),
    ("payout", "confirmed", "returned"),
)
# Table, and what may never change in it.
FIXED = {
    "charge_attempt": "NEW.subject = OLD.subject AND NEW.about = OLD.about AND NEW.number = OLD.number"
    " AND NEW.kind = OLD.kind AND NEW.amount_pence = OLD.amount_pence AND NEW.public_id = OLD.public_id",
    "payout": "NEW.purpose = OLD.purpose AND NEW.number = OLD.number AND NEW.payee = OLD.payee"
    " AND NEW.bank_details_id = OLD.bank_details_id AND NEW.amount_pence = OLD.amount_pence"
    " AND NEW.prepared_by_id = OLD.prepared_by_id",
    "bank_details": "NEW.payee = OLD.payee AND NEW.sealed = OLD.sealed AND NEW.account_end = OLD.account_end"
    " AND NEW.account_name = OLD.account_name AND NEW.given_by_id = OLD.given_by_id AND NEW.given_at = OLD.given_at"
    " AND NEW.held_until = OLD.held_until",
}
APPEND_ONLY = ("verdict", "payment_file")
# Whoever gave bank details, or rang back about them, approves no payout to them.
NOT_APART = (
    "NEW.approved_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM bank_details d WHERE d.id = NEW.bank_details_id"
    " AND (d.given_by_id = NEW.approved_by_id OR d.called_by_id = NEW.approved_by_id))"
)
RANG_ABOUT_OWN = (
    "NEW.called_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM payout p WHERE p.bank_details_id = NEW.id"
    " AND p.state = 'approved' AND p.approved_by_id = NEW.called_by_id)"
)
APART = {
    "payout_approver_apart": ("BEFORE UPDATE OF approved_by_id ON payout", NOT_APART),
    "payout_starts_apart": ("BEFORE INSERT ON payout", NOT_APART),
    "bank_details_caller_apart": ("BEFORE UPDATE OF called_by_id ON bank_details", RANG_ABOUT_OWN),
}


def upgrade() -> None:
    _add_payments()
    _add_payouts_and_verdicts()
    replace_check("ledger_account", "ck_ledger_account_kind", f"kind IN ({KINDS}, 'exposure', 'owed_back', 'borne')")
    replace_check("ledger_entry", "ck_ledger_entry_event", f"event IN ({EVENTS}, {MORE_EVENTS})")
    guard_moves(EDGES)
    for table, same in FIXED.items():
        install(
            f"{table}_fixed", f"BEFORE UPDATE ON {table}", refuse=f"NOT ({same})", why=f"{table} stays as it was made"
        )
    for name, (timing, refuse) in APART.items():
        install(name, timing, refuse=refuse, why="whoever approves a payout neither gave nor checked its bank details")
    for table in APPEND_ONLY:
        install(
            f"{table}_append_only_update", f"BEFORE UPDATE ON {table}", refuse="1 = 1", why=f"{table} is append-only"
        )
    for table in ("charge_attempt", *APPEND_ONLY):
        install(
            f"{table}_append_only_delete", f"BEFORE DELETE ON {table}", refuse="1 = 1", why=f"{table} is append-only"
        )


def _add_payments() -> None:
    op.create_table(
        "balance_line",
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("source_ref", sa.String(length=60), nullable=True),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("fee_pence", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_balance_line")),
    )
    op.create_index("ix_balance_line_source", "balance_line", ["source_ref"], unique=False)
    op.create_table(
        "charge_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("off_session", "checkout", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "unknown",
                "waiting",
                "declined",
                "succeeded",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("customer_ref", sa.String(length=60), nullable=True),
        sa.Column("payment_method_ref", sa.String(length=60), nullable=True),
        sa.Column("intent_ref", sa.String(length=60), nullable=True),
        sa.Column("session_ref", sa.String(length=100), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("charge_ref", sa.String(length=60), nullable=True),
        sa.Column("card_brand", sa.String(length=20), nullable=True),
        sa.Column("card_last4", sa.String(length=4), nullable=True),
        sa.Column("card_hash", sa.String(length=64), nullable=True),
        sa.Column("fee_pence", sa.BigInteger(), nullable=True),
        sa.Column("refunded_pence", sa.BigInteger(), nullable=False),
        sa.Column("decline_code", sa.String(length=60), nullable=True),
        sa.Column("may_retry", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind = 'checkout' OR payment_method_ref IS NOT NULL", name=op.f("ck_charge_attempt_off_session_has_card")
        ),
        sa.CheckConstraint(
            "state <> 'succeeded' OR (charge_ref IS NOT NULL AND fee_pence IS NOT NULL)",
            name=op.f("ck_charge_attempt_paid_is_complete"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('succeeded', 'failed', 'cancelled') OR ended_at IS NOT NULL",
            name=op.f("ck_charge_attempt_ended_is_dated"),
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_charge_attempt_amount_positive")),
        sa.CheckConstraint(
            "refunded_pence >= 0 AND refunded_pence <= amount_pence", name=op.f("ck_charge_attempt_refunds_within")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_attempt")),
        sa.UniqueConstraint("charge_ref", name=op.f("uq_charge_attempt_charge_ref")),
        sa.UniqueConstraint("intent_ref", name=op.f("uq_charge_attempt_intent_ref")),
        sa.UniqueConstraint("public_id", name=op.f("uq_charge_attempt_public_id")),
        sa.UniqueConstraint("session_ref", name=op.f("uq_charge_attempt_session_ref")),
        sa.UniqueConstraint("subject", "number", name=op.f("uq_charge_attempt_subject_number")),
    )
    op.create_index("ix_charge_attempt_about", "charge_attempt", ["about", "state"], unique=False)
    op.create_index(op.f("ix_charge_attempt_card_hash"), "charge_attempt", ["card_hash"], unique=False)
    op.create_index("ix_charge_attempt_sweep", "charge_attempt", ["state", "created_at"], unique=False)
    op.create_index(
        "uq_charge_attempt_open_or_paid",
        "charge_attempt",
        ["subject"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('failed', 'cancelled')"),
        sqlite_where=sa.text("state NOT IN ('failed', 'cancelled')"),
    )
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lines", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_pence", sa.BigInteger(), nullable=True),
        sa.Column("book_pence", sa.BigInteger(), nullable=True),
        sa.Column("in_flight_pence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    op.create_table(
        "difference",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("reconciliation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "missing_here",
                "missing_there",
                "amount",
                "fee",
                "balance",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("expected_pence", sa.BigInteger(), nullable=False),
        sa.Column("found_pence", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("expected_pence <> found_pence", name=op.f("ck_difference_differs")),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"], ["reconciliation.id"], name=op.f("fk_difference_reconciliation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
    )
    op.create_index(op.f("ix_difference_reconciliation_id"), "difference", ["reconciliation_id"], unique=False)
    op.create_table(
        "dispute",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("dispute_ref", sa.String(length=60), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("fee_pence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "won", "lost", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("exposure_pence", sa.BigInteger(), nullable=False),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_dispute_amount_positive")),
        sa.ForeignKeyConstraint(["attempt_id"], ["charge_attempt.id"], name=op.f("fk_dispute_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("dispute_ref", name=op.f("uq_dispute_dispute_ref")),
    )
    op.create_index(op.f("ix_dispute_attempt_id"), "dispute", ["attempt_id"], unique=False)
    op.create_index("ix_dispute_state", "dispute", ["state"], unique=False)
    op.create_table(
        "refund",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "approved",
                "pending",
                "succeeded",
                "failed",
                "rejected",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("refund_ref", sa.String(length=60), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("was_taken", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state NOT IN ('succeeded', 'failed', 'rejected') OR ended_at IS NOT NULL",
            name=op.f("ck_refund_ended_is_dated"),
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_refund_amount_positive")),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> asked_by_id", name=op.f("ck_refund_two_people")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_refund_reasoned")),
        sa.CheckConstraint("state <> 'succeeded' OR was_taken", name=op.f("ck_refund_sent_was_taken")),
        sa.CheckConstraint("NOT was_taken OR refund_ref IS NOT NULL", name=op.f("ck_refund_taken_is_named")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_refund_approved_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_refund_asked_by_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["charge_attempt.id"], name=op.f("fk_refund_attempt_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name=op.f("fk_refund_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refund_public_id")),
        sa.UniqueConstraint("refund_ref", name=op.f("uq_refund_refund_ref")),
    )
    op.create_index(op.f("ix_refund_approved_by_id"), "refund", ["approved_by_id"], unique=False)
    op.create_index(op.f("ix_refund_asked_by_id"), "refund", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_refund_attempt_id"), "refund", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_refund_settled_by_id"), "refund", ["settled_by_id"], unique=False)
    op.create_index("ix_refund_sweep", "refund", ["state", "created_at"], unique=False)


def _add_payouts_and_verdicts() -> None:
    op.create_table(
        "bank_details",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("payee", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("account_end", sa.String(length=4), nullable=False),
        sa.Column("account_name", sa.String(length=200), nullable=False),
        sa.Column("given_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(account_end) = 4", name=op.f("ck_bank_details_masked")),
        sa.ForeignKeyConstraint(["called_by_id"], ["person.id"], name=op.f("fk_bank_details_called_by_id")),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name=op.f("fk_bank_details_given_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_details")),
    )
    op.create_index(op.f("ix_bank_details_called_by_id"), "bank_details", ["called_by_id"], unique=False)
    op.create_index(op.f("ix_bank_details_given_by_id"), "bank_details", ["given_by_id"], unique=False)
    op.create_index(op.f("ix_bank_details_payee"), "bank_details", ["payee"], unique=False)
    op.create_index(
        "uq_bank_details_current",
        "bank_details",
        ["payee"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "payment_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payouts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total_pence", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_payment_file_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_file")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_file_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_file_public_id")),
    )
    op.create_index(op.f("ix_payment_file_made_by_id"), "payment_file", ["made_by_id"], unique=False)
    op.create_table(
        "payout",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("reference", sa.String(length=18), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payee", sa.String(length=40), nullable=False),
        sa.Column("bank_details_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "approved",
                "rejected",
                "sent",
                "confirmed",
                "returned",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("prepared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bank_reference", sa.String(length=60), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('prepared', 'rejected') OR approved_by_id IS NOT NULL",
            name=op.f("ck_payout_approved_by_somebody"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('sent', 'confirmed', 'returned') OR file_id IS NOT NULL",
            name=op.f("ck_payout_sent_in_a_file"),
        ),
        sa.CheckConstraint("amount_pence > 0", name=op.f("ck_payout_amount_positive")),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR approved_by_id <> prepared_by_id", name=op.f("ck_payout_two_people")
        ),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_payout_approved_by_id")),
        sa.ForeignKeyConstraint(["bank_details_id"], ["bank_details.id"], name=op.f("fk_payout_bank_details_id")),
        sa.ForeignKeyConstraint(["file_id"], ["payment_file.id"], name=op.f("fk_payout_file_id")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["person.id"], name=op.f("fk_payout_prepared_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_public_id")),
        sa.UniqueConstraint("purpose", "number", name=op.f("uq_payout_purpose_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_payout_reference")),
    )
    op.create_index(op.f("ix_payout_approved_by_id"), "payout", ["approved_by_id"], unique=False)
    op.create_index(op.f("ix_payout_bank_details_id"), "payout", ["bank_details_id"], unique=False)
    op.create_index(op.f("ix_payout_file_id"), "payout", ["file_id"], unique=False)
    op.create_index(op.f("ix_payout_prepared_by_id"), "payout", ["prepared_by_id"], unique=False)
    op.create_index(op.f("ix_payout_purpose"), "payout", ["purpose"], unique=False)
    op.create_index("ix_payout_state", "payout", ["state", "id"], unique=False)
    op.create_table(
        "settlement",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("threshold_percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fix_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("collected_pence", sa.BigInteger(), nullable=True),
        sa.Column("match_pence", sa.BigInteger(), nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("top_up_pence", sa.BigInteger(), nullable=False),
        sa.Column("waits_for", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(waits_for IS NULL) = (review_on IS NULL)", name=op.f("ck_settlement_waiting_is_reviewed")),
        sa.CheckConstraint(
            "settled_at IS NULL OR collected_pence IS NOT NULL", name=op.f("ck_settlement_settled_is_counted")
        ),
        sa.CheckConstraint("threshold_percent BETWEEN 1 AND 100", name=op.f("ck_settlement_threshold_sane")),
        sa.CheckConstraint("waits_for IS NULL OR length(waits_for) > 0", name=op.f("ck_settlement_waiting_is_named")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_settlement_decision_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_settlement_project_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_settlement")),
    )
    op.create_index(op.f("ix_settlement_decision_id"), "settlement", ["decision_id"], unique=False)
    op.create_table(
        "verdict",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("pledged_pence", sa.BigInteger(), nullable=False),
        sa.Column("match_pence", sa.BigInteger(), nullable=False),
        sa.Column("target_pence", sa.BigInteger(), nullable=False),
        sa.Column("backers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reached = (pledged_pence + match_pence >= target_pence)", name=op.f("ck_verdict_follows_sums")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_verdict_project_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_verdict")),
    )


def downgrade() -> None:
    for table in ("charge_attempt", *APPEND_ONLY):
        drop(f"{table}_append_only_delete")
    for table in APPEND_ONLY:
        drop(f"{table}_append_only_update")
    for name in APART:
        drop(name)
    for table in FIXED:
        drop(f"{table}_fixed")
    free_moves(EDGES)
    replace_check("ledger_entry", "ck_ledger_entry_event", f"event IN ({EVENTS})")
    replace_check("ledger_account", "ck_ledger_account_kind", f"kind IN ({KINDS})")
    op.drop_table("verdict")
    op.drop_table("settlement")
    op.drop_table("payout")
    op.drop_table("refund")
    op.drop_table("payment_file")
    op.drop_table("dispute")
    op.drop_table("difference")
    op.drop_table("bank_details")
    op.drop_table("reconciliation")
    op.drop_table("charge_attempt")
    op.drop_table("balance_line")
