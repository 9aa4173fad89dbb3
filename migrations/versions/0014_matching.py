"""Terms and budgets of funds, match offers with their assessments, and pledges set aside."""

import sqlalchemy as sa
from alembic import op

from migrations.constraints import add_check, drop_check, replace_check
from migrations.triggers import drop, free_moves, guard_moves, install

revision = "0014_matching"
down_revision = "0013_settlement"
branch_labels = None
depends_on = None

KINDS = (
    "'backers', 'pledged', 'funder', 'pot_available', 'match_reserved', 'provider', 'bank', 'fees', 'held', 'in_flight',"
    " 'pot_cash', 'exposure', 'owed_back', 'borne'"
)
EVENTS = (
    "'pledge_made', 'pledge_raised', 'pledge_lowered', 'pledge_ended', 'pot_filled', 'match_reserved', 'match_freed',"
    " 'charge_collected', 'charge_refunded', 'funder_paid_in', 'payout_sent', 'payout_confirmed', 'payout_returned',"
    " 'refund_failed', 'owed_paid', 'dispute_opened', 'dispute_won', 'provider_paid_out', 'top_up_received',"
    " 'exposure_borne', 'exposure_repaid'"
)
MORE_EVENTS = (
    "'match_confirmed', 'match_paid', 'match_passed_on', 'match_returned', 'match_handed_back', 'pot_carried',"
    " 'pot_cash_carried'"
)
EDGES = (
    ("match_offer", "pitched", "assessing withdrawn"),
    ("match_offer", "assessing", "offered deferred declined withdrawn"),
    ("match_offer", "deferred", "pitched withdrawn"),
    ("match_offer", "offered", "accepted refused expired withdrawn"),
    ("match_offer", "accepted", "confirmed lapsed withdrawn"),
    ("match_offer", "confirmed", "payable lapsed"),
    ("match_offer", "payable", "paid lapsed"),
    ("match_offer", "paid", "lapsed"),
)
APPEND_ONLY = ("fund_terms", "match_assessment", "pledge_set_aside")
_DECLARED = (
    "EXISTS (SELECT 1 FROM interest i WHERE i.person_id = {person} AND i.subject = 'project:' || {project}"
    " AND i.has_interest AND NOT EXISTS (SELECT 1 FROM interest l WHERE l.person_id = i.person_id"
    " AND l.subject = i.subject AND l.id > i.id))"
)
_DECIDES = (
    "NEW.decided_by_id IS NOT NULL AND (EXISTS (SELECT 1 FROM match_assessment a WHERE a.offer_id = NEW.id"
    " AND a.assessor_id = NEW.decided_by_id) OR "
    + _DECLARED.format(person="NEW.decided_by_id", project="NEW.project_id")
    + ")"
)
_ITS_PROJECT = "(SELECT o.project_id FROM match_offer o WHERE o.id = NEW.offer_id)"
_ASSESSES = (
    "EXISTS (SELECT 1 FROM match_offer o WHERE o.id = NEW.offer_id AND o.decided_by_id = NEW.assessor_id) OR "
    + _DECLARED.format(person="NEW.assessor_id", project=_ITS_PROJECT)
)
_FIXED = (
    "NEW.project_id = OLD.project_id AND NEW.fund_id = OLD.fund_id AND NEW.terms_id = OLD.terms_id"
    " AND NEW.public_id = OLD.public_id AND NEW.pitched_by_id = OLD.pitched_by_id"
)


def upgrade() -> None:
    _add_tables()
    op.add_column("decision", sa.Column("reference", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("pledge", sa.Column("quoted_match_pence", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("pledge", sa.Column("match_pence", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column(
        "fund",
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, server_default="0"),
    )
    op.add_column("fund", sa.Column("pays_direct", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE fund SET place = id")
    op.create_index("uq_fund_place", "fund", ["place"], unique=True)
    drop_check("fund", "ck_fund_dates_in_order")
    for name in ("opens_on", "closes_on", "decides_on"):
        op.drop_column("fund", name)
    replace_check("ledger_account", "ck_ledger_account_kind", f"kind IN ({KINDS}, 'match_confirmed', 'match_paid')")
    replace_check("ledger_entry", "ck_ledger_entry_event", f"event IN ({EVENTS}, {MORE_EVENTS})")
    guard_moves(EDGES)
    install(
        "match_offer_fixed", "BEFORE UPDATE ON match_offer", refuse=f"NOT ({_FIXED})", why="an offer stays as asked"
    )
    for timing, name in (("UPDATE OF decided_by_id", "update"), ("INSERT", "insert")):
        install(
            f"match_offer_decided_apart_{name}",
            f"BEFORE {timing} ON match_offer",
            refuse=_DECIDES,
            why="whoever assessed it or has an interest does not decide",
        )
    install(
        "match_assessment_apart",
        "BEFORE INSERT ON match_assessment",
        refuse=_ASSESSES,
        why="whoever decides it or has an interest does not assess",
    )
    for table in APPEND_ONLY:
        for doing in ("update", "delete"):
            timing = f"BEFORE {doing.upper()} ON {table}"
            install(f"{table}_append_only_{doing}", timing, refuse="1 = 1", why=f"{table} is append-only")


def _add_tables() -> None:
    op.create_table(
        "budget_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("year", sa.String(length=9), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(source) > 0", name=op.f("ck_budget_line_named")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_budget_line_fund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
        sa.UniqueConstraint("fund_id", "source", "year", name=op.f("uq_budget_line_fund_id_source_year")),
        sa.UniqueConstraint("public_id", name=op.f("uq_budget_line_public_id")),
    )
    op.create_index(op.f("ix_budget_line_fund_id"), "budget_line", ["fund_id"], unique=False)
    op.create_table(
        "fund_terms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("lump", "per_pledge", "top_up", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("most_pence", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "base",
            sa.Enum("target", "cost", "revenue", name="base", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("per_backer_pence", sa.BigInteger(), nullable=True),
        sa.Column("crowd_percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("joint_percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("show_backers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("show_percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pay_backers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pay_percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("several_gifts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("districts", sa.JSON(), nullable=False),
        sa.Column("objectives", sa.JSON(), nullable=False),
        sa.Column("legal_forms", sa.JSON(), nullable=False),
        sa.Column("allows_capital", sa.Boolean(), nullable=False),
        sa.Column("repeat_months", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exclusions", sa.JSON(), nullable=False),
        sa.Column("criteria", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("may_exceed", sa.Text(), nullable=False),
        sa.Column("offer_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_in_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("decides_on", sa.Date(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'per_pledge' OR per_backer_pence IS NOT NULL", name=op.f("ck_fund_terms_per_pledge_has_limit")
        ),
        sa.CheckConstraint(
            "kind <> 'top_up' OR crowd_percent BETWEEN 1 AND 99", name=op.f("ck_fund_terms_top_up_has_share")
        ),
        sa.CheckConstraint(
            "joint_percent IS NULL OR joint_percent BETWEEN 1 AND 100", name=op.f("ck_fund_terms_joint_percent_sane")
        ),
        sa.CheckConstraint("most_pence > 0", name=op.f("ck_fund_terms_most_positive")),
        sa.CheckConstraint(
            "offer_days BETWEEN 1 AND 365 AND call_in_days BETWEEN 0 AND 60", name=op.f("ck_fund_terms_days_sane")
        ),
        sa.CheckConstraint(
            "opens_on <= closes_on AND closes_on <= decides_on", name=op.f("ck_fund_terms_dates_in_order")
        ),
        sa.CheckConstraint(
            "per_backer_pence IS NULL OR per_backer_pence > 0", name=op.f("ck_fund_terms_per_backer_positive")
        ),
        sa.CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 100", name=op.f("ck_fund_terms_percent_sane")),
        sa.CheckConstraint(
            "show_backers >= 0 AND pay_backers >= 0 AND several_gifts >= 1", name=op.f("ck_fund_terms_tests_counted")
        ),
        sa.CheckConstraint(
            "show_percent BETWEEN 0 AND 100 AND pay_percent BETWEEN 0 AND 100", name=op.f("ck_fund_terms_tests_sane")
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_fund_terms_fund_id")),
        sa.ForeignKeyConstraint(["saved_by_id"], ["person.id"], name=op.f("fk_fund_terms_saved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_terms")),
        sa.UniqueConstraint("fund_id", "number", name=op.f("uq_fund_terms_fund_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fund_terms_public_id")),
    )
    op.create_index(op.f("ix_fund_terms_fund_id"), "fund_terms", ["fund_id"], unique=False)
    op.create_index(op.f("ix_fund_terms_saved_by_id"), "fund_terms", ["saved_by_id"], unique=False)
    op.create_table(
        "match_offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("terms_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pitched",
                "assessing",
                "offered",
                "deferred",
                "declined",
                "accepted",
                "refused",
                "expired",
                "confirmed",
                "payable",
                "paid",
                "lapsed",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_pence", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("pitched_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pitched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("exceeds", sa.Boolean(), nullable=False),
        sa.Column("exceeds_because", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("member_told_on", sa.Date(), nullable=True),
        sa.Column("offered_pence", sa.BigInteger(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subsidy_words", sa.Text(), nullable=False),
        sa.Column("counted_pence", sa.BigInteger(), nullable=False),
        sa.Column(
            "counted_limit",
            sa.Enum(
                "amount",
                "share",
                "crowd",
                "target",
                "joint",
                "pot",
                "test",
                "crowd_first",
                name="counted_limit",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("confirmed_pence", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_evidence", sa.String(length=200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state <> 'paid' OR paid_at IS NOT NULL", name=op.f("ck_match_offer_paid_is_dated")),
        sa.CheckConstraint(
            "counted_pence BETWEEN 0 AND coalesce(offered_pence, 0)", name=op.f("ck_match_offer_counted_within")
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'confirmed', 'payable', 'paid') OR (accepted_at IS NOT NULL AND length(subsidy_words) > 0)",
            name=op.f("ck_match_offer_accepted_is_signed"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'payable', 'paid') OR confirmed_pence IS NOT NULL",
            name=op.f("ck_match_offer_confirmed_is_counted"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('offered', 'accepted', 'confirmed', 'payable', 'paid') OR (offered_pence IS NOT NULL AND decision_id IS NOT NULL AND expires_at IS NOT NULL)",
            name=op.f("ck_match_offer_offered_is_decided"),
        ),
        sa.CheckConstraint(
            "NOT exceeds OR length(exceeds_because) > 0", name=op.f("ck_match_offer_exceeding_is_explained")
        ),
        sa.CheckConstraint("asked_pence > 0", name=op.f("ck_match_offer_asked_positive")),
        sa.CheckConstraint(
            "confirmed_pence IS NULL OR confirmed_pence <= offered_pence", name=op.f("ck_match_offer_never_above_offer")
        ),
        sa.CheckConstraint("offered_pence IS NULL OR offered_pence > 0", name=op.f("ck_match_offer_offered_positive")),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["person.id"], name=op.f("fk_match_offer_accepted_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_match_offer_decided_by_id")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_match_offer_decision_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_match_offer_fund_id")),
        sa.ForeignKeyConstraint(["pitched_by_id"], ["person.id"], name=op.f("fk_match_offer_pitched_by_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_match_offer_project_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["person.id"], name=op.f("fk_match_offer_taken_by_id")),
        sa.ForeignKeyConstraint(["terms_id"], ["fund_terms.id"], name=op.f("fk_match_offer_terms_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_offer")),
        sa.UniqueConstraint("public_id", name=op.f("uq_match_offer_public_id")),
    )
    op.create_index(op.f("ix_match_offer_accepted_by_id"), "match_offer", ["accepted_by_id"], unique=False)
    op.create_index(op.f("ix_match_offer_decided_by_id"), "match_offer", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_match_offer_decision_id"), "match_offer", ["decision_id"], unique=False)
    op.create_index("ix_match_offer_desk", "match_offer", ["fund_id", "state", "pitched_at", "id"], unique=False)
    op.create_index("ix_match_offer_expiry", "match_offer", ["state", "expires_at"], unique=False)
    op.create_index(op.f("ix_match_offer_fund_id"), "match_offer", ["fund_id"], unique=False)
    op.create_index(op.f("ix_match_offer_pitched_by_id"), "match_offer", ["pitched_by_id"], unique=False)
    op.create_index(op.f("ix_match_offer_project_id"), "match_offer", ["project_id"], unique=False)
    op.create_index(op.f("ix_match_offer_taken_by_id"), "match_offer", ["taken_by_id"], unique=False)
    op.create_index(op.f("ix_match_offer_terms_id"), "match_offer", ["terms_id"], unique=False)
    op.create_index(
        "uq_match_offer_standing",
        "match_offer",
        ["project_id", "fund_id"],
        unique=True,
        postgresql_where=sa.text(
            "state IN ('pitched', 'assessing', 'deferred', 'offered', 'accepted', 'confirmed', 'payable', 'paid')"
        ),
        sqlite_where=sa.text(
            "state IN ('pitched', 'assessing', 'deferred', 'offered', 'accepted', 'confirmed', 'payable', 'paid')"
        ),
    )
    op.create_table(
        "match_assessment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assessor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column(
            "recommendation",
            sa.Enum(
                "full",
                "up_to",
                "defer",
                "decline",
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
            "(recommended_pence IS NULL) = (recommendation IN ('defer', 'decline'))",
            name=op.f("ck_match_assessment_sum_given"),
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_match_assessment_reasoned")),
        sa.ForeignKeyConstraint(["assessor_id"], ["person.id"], name=op.f("fk_match_assessment_assessor_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["match_offer.id"], name=op.f("fk_match_assessment_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_assessment")),
        sa.UniqueConstraint("offer_id", "number", name=op.f("uq_match_assessment_offer_id_number")),
    )
    op.create_index(op.f("ix_match_assessment_assessor_id"), "match_assessment", ["assessor_id"], unique=False)
    op.create_index(op.f("ix_match_assessment_offer_id"), "match_assessment", ["offer_id"], unique=False)
    op.create_table(
        "match_pitch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_match_pitch_project_id")),
        sa.ForeignKeyConstraint(["saved_by_id"], ["person.id"], name=op.f("fk_match_pitch_saved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_pitch")),
    )
    op.create_index(op.f("ix_match_pitch_project_id"), "match_pitch", ["project_id"], unique=True)
    op.create_index(op.f("ix_match_pitch_saved_by_id"), "match_pitch", ["saved_by_id"], unique=False)
    op.create_table(
        "fund_terms_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("fund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_fund_terms_draft_fund_id")),
        sa.ForeignKeyConstraint(["saved_by_id"], ["person.id"], name=op.f("fk_fund_terms_draft_saved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_terms_draft")),
    )
    op.create_index(op.f("ix_fund_terms_draft_fund_id"), "fund_terms_draft", ["fund_id"], unique=True)
    op.create_index(op.f("ix_fund_terms_draft_saved_by_id"), "fund_terms_draft", ["saved_by_id"], unique=False)
    op.create_table(
        "pledge_set_aside",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("pledge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_aside", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_pledge_set_aside_reasoned")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_pledge_set_aside_decided_by_id")),
        sa.ForeignKeyConstraint(["pledge_id"], ["pledge.id"], name=op.f("fk_pledge_set_aside_pledge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_set_aside")),
    )
    op.create_index(op.f("ix_pledge_set_aside_decided_by_id"), "pledge_set_aside", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_pledge_set_aside_pledge_id"), "pledge_set_aside", ["pledge_id"], unique=False)


def downgrade() -> None:
    for table in APPEND_ONLY:
        for doing in ("update", "delete"):
            drop(f"{table}_append_only_{doing}")
    for name in ("match_assessment_apart", "match_offer_decided_apart_update", "match_offer_decided_apart_insert"):
        drop(name)
    drop("match_offer_fixed")
    free_moves(EDGES)
    replace_check("ledger_entry", "ck_ledger_entry_event", f"event IN ({EVENTS})")
    replace_check("ledger_account", "ck_ledger_account_kind", f"kind IN ({KINDS})")
    for name in ("opens_on", "closes_on", "decides_on"):
        op.add_column("fund", sa.Column(name, sa.Date(), nullable=False, server_default="2000-01-01"))
    add_check("fund", "ck_fund_dates_in_order", "opens_on <= closes_on AND closes_on <= decides_on")
    op.drop_index("uq_fund_place", table_name="fund")
    for table, name in (
        ("fund", "pays_direct"),
        ("fund", "place"),
        ("pledge", "match_pence"),
        ("pledge", "quoted_match_pence"),
        ("decision", "reference"),
    ):
        op.drop_column(table, name)
    for table in (
        "fund_terms_draft",
        "match_pitch",
        "match_assessment",
        "match_offer",
        "pledge_set_aside",
        "fund_terms",
        "budget_line",
    ):
        op.drop_table(table)
