"""Grant rounds with their versions, applications with answers and questions, and their assessments."""

import sqlalchemy as sa
from alembic import op

from migrations.constraints import replace_check
from migrations.triggers import drop, free_moves, guard_moves, install

revision = "0015_grants"
down_revision = "0014_matching"
branch_labels = None
depends_on = None

KINDS = (
    "'backers', 'pledged', 'funder', 'pot_available', 'match_reserved', 'provider', 'bank', 'fees', 'held', 'in_flight',"
    " 'pot_cash', 'exposure', 'owed_back', 'borne', 'match_confirmed', 'match_paid'"
)
EVENTS = (
    "'pledge_made', 'pledge_raised', 'pledge_lowered', 'pledge_ended', 'pot_filled', 'match_reserved', 'match_freed',"
    " 'charge_collected', 'charge_refunded', 'funder_paid_in', 'payout_sent', 'payout_confirmed', 'payout_returned',"
    " 'refund_failed', 'owed_paid', 'dispute_opened', 'dispute_won', 'provider_paid_out', 'top_up_received',"
    " 'exposure_borne', 'exposure_repaid', 'match_confirmed', 'match_paid', 'match_passed_on', 'match_returned',"
    " 'match_handed_back', 'pot_carried', 'pot_cash_carried'"
)
PURPOSES = "'photo', 'quote', 'other_money', 'permission', 'rules', 'collection'"
EDGES = (
    ("grant_round", "draft", "scheduled"),
    ("grant_round", "scheduled", "open draft"),
    ("grant_round", "open", "assessing"),
    ("grant_round", "assessing", "decided"),
    ("grant_round", "decided", "closed"),
    ("grant_application", "draft", "submitted withdrawn"),
    ("grant_application", "submitted", "draft in_assessment withdrawn"),
    (
        "grant_application",
        "in_assessment",
        "clarification withdrawn awarded awarded_up_to deferred declined ineligible",
    ),
    ("grant_application", "clarification", "in_assessment withdrawn"),
    ("grant_application", "awarded", "offered"),
    ("grant_application", "awarded_up_to", "offered"),
    ("grant_application", "offered", "accepted refused expired"),
    ("grant_application", "deferred", "in_assessment withdrawn"),
)
APPEND_ONLY = ("grant_plan", "grant_assessment")
_DECLARED = (
    "EXISTS (SELECT 1 FROM interest i WHERE i.person_id = {person} AND i.subject = 'application:' || {application}"
    " AND i.has_interest AND NOT EXISTS (SELECT 1 FROM interest l WHERE l.person_id = i.person_id"
    " AND l.subject = i.subject AND l.id > i.id))"
)
_DECIDES = (
    "NEW.decided_by_id IS NOT NULL AND (EXISTS (SELECT 1 FROM grant_assessment a WHERE a.application_id = NEW.id"
    " AND a.assessor_id = NEW.decided_by_id) OR "
    + _DECLARED.format(person="NEW.decided_by_id", application="NEW.id")
    + ")"
)
_ASSESSES = (
    "EXISTS (SELECT 1 FROM grant_application g WHERE g.id = NEW.application_id AND g.decided_by_id = NEW.assessor_id)"
    " OR " + _DECLARED.format(person="NEW.assessor_id", application="NEW.application_id")
)
_FIXED = (
    "NEW.round_id = OLD.round_id AND NEW.plan_id = OLD.plan_id AND NEW.fund_id = OLD.fund_id"
    " AND NEW.group_id = OLD.group_id AND NEW.public_id = OLD.public_id AND NEW.reference = OLD.reference"
)


def upgrade() -> None:
    _add_tables()
    replace_check("ledger_account", "ck_ledger_account_kind", f"kind IN ({KINDS}, 'grant_reserved')")
    replace_check("ledger_entry", "ck_ledger_entry_event", f"event IN ({EVENTS}, 'grant_reserved', 'grant_freed')")
    replace_check("stored_file", "ck_stored_file_purpose", f"purpose IN ({PURPOSES}, 'grant_answer')")
    guard_moves(EDGES)
    timing = "BEFORE UPDATE ON grant_application"
    why = "an application stays that of its group and round"
    install("grant_application_fixed", timing, refuse=f"NOT ({_FIXED})", why=why)
    install(
        "grant_application_decided_apart",
        "BEFORE UPDATE OF decided_by_id ON grant_application",
        refuse=_DECIDES,
        why="whoever assessed it or has an interest does not decide",
    )
    install(
        "grant_assessment_apart",
        "BEFORE INSERT ON grant_assessment",
        refuse=_ASSESSES,
        why="whoever decided it or has an interest does not assess",
    )
    for table in APPEND_ONLY:
        for doing in ("update", "delete"):
            timing = f"BEFORE {doing.upper()} ON {table}"
            install(f"{table}_append_only_{doing}", timing, refuse="1 = 1", why=f"{table} is append-only")


def downgrade() -> None:
    for table in APPEND_ONLY:
        for doing in ("update", "delete"):
            drop(f"{table}_append_only_{doing}")
    for name in ("grant_assessment_apart", "grant_application_decided_apart", "grant_application_fixed"):
        drop(name)
    free_moves(EDGES)
    replace_check("stored_file", "ck_stored_file_purpose", f"purpose IN ({PURPOSES})")
    replace_check("ledger_entry", "ck_ledger_entry_event", f"event IN ({EVENTS})")
    replace_check("ledger_account", "ck_ledger_account_kind", f"kind IN ({KINDS})")
    for table in (
        "grant_question",
        "grant_assessor",
        "grant_assessment",
        "grant_answer",
        "grant_application",
        "grant_plan",
        "grant_round",
    ):
        op.drop_table(table)


def _add_tables() -> None:
    op.create_table(
        "grant_round",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "scheduled",
                "open",
                "assessing",
                "decided",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decides_on", sa.Date(), nullable=False),
        sa.Column("budget_pence", sa.BigInteger(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("plan_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unsealed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unsealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsealed_reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state = 'draft' OR plan_number > 0", name=op.f("ck_grant_round_published_has_plan")),
        sa.CheckConstraint("budget_pence > 0", name=op.f("ck_grant_round_budget_positive")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_grant_round_dates_in_order")),
        sa.CheckConstraint(
            "unsealed_at IS NULL OR length(unsealed_reason) > 0", name=op.f("ck_grant_round_unsealing_is_explained")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_grant_round_fund_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_grant_round_started_by_id")),
        sa.ForeignKeyConstraint(["unsealed_by_id"], ["person.id"], name=op.f("fk_grant_round_unsealed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_round")),
        sa.UniqueConstraint("public_id", name=op.f("uq_grant_round_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_grant_round_slug")),
    )
    op.create_index(op.f("ix_grant_round_fund_id"), "grant_round", ["fund_id"], unique=False)
    op.create_index(op.f("ix_grant_round_started_by_id"), "grant_round", ["started_by_id"], unique=False)
    op.create_index("ix_grant_round_state", "grant_round", ["state", "opens_at", "id"], unique=False)
    op.create_index(op.f("ix_grant_round_unsealed_by_id"), "grant_round", ["unsealed_by_id"], unique=False)
    op.create_table(
        "grant_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("published_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["published_by_id"], ["person.id"], name=op.f("fk_grant_plan_published_by_id")),
        sa.ForeignKeyConstraint(["round_id"], ["grant_round.id"], name=op.f("fk_grant_plan_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_plan")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_grant_plan_round_id_number")),
    )
    op.create_index(op.f("ix_grant_plan_published_by_id"), "grant_plan", ["published_by_id"], unique=False)
    op.create_index(op.f("ix_grant_plan_round_id"), "grant_plan", ["round_id"], unique=False)
    op.create_table(
        "grant_application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("reference", sa.String(length=18), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "in_assessment",
                "clarification",
                "awarded",
                "awarded_up_to",
                "deferred",
                "declined",
                "ineligible",
                "offered",
                "accepted",
                "refused",
                "expired",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("district_code", sa.String(length=9), nullable=True),
        sa.Column("asked_pence", sa.BigInteger(), nullable=True),
        sa.Column("income_pence", sa.BigInteger(), nullable=True),
        sa.Column("works_at_risk", sa.Boolean(), nullable=True),
        sa.Column("tier", sa.String(length=30), nullable=False),
        sa.Column("started_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_seconds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_question", sa.String(length=30), nullable=False),
        sa.Column("declared_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("awarded_pence", sa.BigInteger(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("countersigned_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subsidy_words", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state <> 'accepted' OR (accepted_at IS NOT NULL AND length(subsidy_words) > 0)",
            name=op.f("ck_grant_application_accepted_is_signed"),
        ),
        sa.CheckConstraint(
            "state <> 'offered' OR expires_at IS NOT NULL", name=op.f("ck_grant_application_offer_runs_out")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (asked_pence IS NOT NULL AND length(tier) > 0 AND declared_by_id IS NOT NULL AND submitted_at IS NOT NULL)",
            name=op.f("ck_grant_application_sent_is_whole"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('awarded', 'awarded_up_to', 'offered', 'accepted') OR (awarded_pence IS NOT NULL AND decision_id IS NOT NULL)",
            name=op.f("ck_grant_application_award_is_decided"),
        ),
        sa.CheckConstraint("asked_pence IS NULL OR asked_pence > 0", name=op.f("ck_grant_application_asked_positive")),
        sa.CheckConstraint(
            "awarded_pence IS NULL OR awarded_pence BETWEEN 1 AND asked_pence",
            name=op.f("ck_grant_application_never_above_asked"),
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> declared_by_id",
            name=op.f("ck_grant_application_confirmed_apart"),
        ),
        sa.CheckConstraint(
            "countersigned_by_id IS NULL OR countersigned_by_id <> signed_by_id",
            name=op.f("ck_grant_application_signed_apart"),
        ),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_grant_application_confirmed_by_id")),
        sa.ForeignKeyConstraint(
            ["countersigned_by_id"], ["person.id"], name=op.f("fk_grant_application_countersigned_by_id")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_grant_application_decided_by_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_grant_application_decision_id")),
        sa.ForeignKeyConstraint(["declared_by_id"], ["person.id"], name=op.f("fk_grant_application_declared_by_id")),
        sa.ForeignKeyConstraint(["district_code"], ["district.code"], name=op.f("fk_grant_application_district_code")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_grant_application_fund_id")),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name=op.f("fk_grant_application_group_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["grant_plan.id"], name=op.f("fk_grant_application_plan_id")),
        sa.ForeignKeyConstraint(["round_id"], ["grant_round.id"], name=op.f("fk_grant_application_round_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["person.id"], name=op.f("fk_grant_application_signed_by_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_grant_application_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_application")),
        sa.UniqueConstraint("public_id", name=op.f("uq_grant_application_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_grant_application_reference")),
    )
    op.create_index(
        op.f("ix_grant_application_confirmed_by_id"), "grant_application", ["confirmed_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_grant_application_countersigned_by_id"), "grant_application", ["countersigned_by_id"], unique=False
    )
    op.create_index(op.f("ix_grant_application_decided_by_id"), "grant_application", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_grant_application_decision_id"), "grant_application", ["decision_id"], unique=False)
    op.create_index(op.f("ix_grant_application_declared_by_id"), "grant_application", ["declared_by_id"], unique=False)
    op.create_index(
        "ix_grant_application_desk", "grant_application", ["round_id", "state", "submitted_at", "id"], unique=False
    )
    op.create_index(op.f("ix_grant_application_district_code"), "grant_application", ["district_code"], unique=False)
    op.create_index("ix_grant_application_expiry", "grant_application", ["state", "expires_at"], unique=False)
    op.create_index(op.f("ix_grant_application_fund_id"), "grant_application", ["fund_id"], unique=False)
    op.create_index(op.f("ix_grant_application_group_id"), "grant_application", ["group_id"], unique=False)
    op.create_index(op.f("ix_grant_application_plan_id"), "grant_application", ["plan_id"], unique=False)
    op.create_index(op.f("ix_grant_application_round_id"), "grant_application", ["round_id"], unique=False)
    op.create_index(op.f("ix_grant_application_signed_by_id"), "grant_application", ["signed_by_id"], unique=False)
    op.create_index(op.f("ix_grant_application_started_by_id"), "grant_application", ["started_by_id"], unique=False)
    op.create_index(
        "uq_grant_application_standing",
        "grant_application",
        ["round_id", "group_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
        sqlite_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "grant_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=30), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_application.id"], name=op.f("fk_grant_answer_application_id")
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["person.id"], name=op.f("fk_grant_answer_saved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_answer")),
        sa.UniqueConstraint("application_id", "key", name=op.f("uq_grant_answer_application_id_key")),
    )
    op.create_index(op.f("ix_grant_answer_application_id"), "grant_answer", ["application_id"], unique=False)
    op.create_index(op.f("ix_grant_answer_saved_by_id"), "grant_answer", ["saved_by_id"], unique=False)
    op.create_table(
        "grant_assessment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assessor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column(
            "recommendation",
            sa.Enum(
                "full",
                "up_to",
                "defer",
                "decline",
                "ineligible",
                name="recommendation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recommended_pence", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(recommended_pence IS NULL) = (recommendation IN ('defer', 'decline', 'ineligible'))",
            name=op.f("ck_grant_assessment_sum_given"),
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_grant_assessment_reasoned")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_application.id"], name=op.f("fk_grant_assessment_application_id")
        ),
        sa.ForeignKeyConstraint(["assessor_id"], ["person.id"], name=op.f("fk_grant_assessment_assessor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_assessment")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_grant_assessment_application_id_number")),
    )
    op.create_index(op.f("ix_grant_assessment_application_id"), "grant_assessment", ["application_id"], unique=False)
    op.create_index(op.f("ix_grant_assessment_assessor_id"), "grant_assessment", ["assessor_id"], unique=False)
    op.create_table(
        "grant_assessor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_application.id"], name=op.f("fk_grant_assessor_application_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_grant_assessor_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_assessor")),
    )
    op.create_index(op.f("ix_grant_assessor_application_id"), "grant_assessor", ["application_id"], unique=False)
    op.create_index(op.f("ix_grant_assessor_person_id"), "grant_assessor", ["person_id"], unique=False)
    op.create_index(
        "uq_grant_assessor_held",
        "grant_assessor",
        ["application_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("given_back_at IS NULL"),
        sqlite_where=sa.text("given_back_at IS NULL"),
    )
    op.create_table(
        "grant_question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (length(answer) = 0)", name=op.f("ck_grant_question_answer_dated")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_grant_question_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_application.id"], name=op.f("fk_grant_question_application_id")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_grant_question_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_question")),
        sa.UniqueConstraint("public_id", name=op.f("uq_grant_question_public_id")),
    )
    op.create_index(op.f("ix_grant_question_answered_by_id"), "grant_question", ["answered_by_id"], unique=False)
    op.create_index(op.f("ix_grant_question_application_id"), "grant_question", ["application_id"], unique=False)
    op.create_index(op.f("ix_grant_question_asked_by_id"), "grant_question", ["asked_by_id"], unique=False)
