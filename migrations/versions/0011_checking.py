"""Projects are drafted step by step and checked; decisions, interests, concerns and files."""

import sqlalchemy as sa
from alembic import op

from migrations.constraints import add_check, add_column, drop_check, drop_column, replace_check
from migrations.triggers import drop, free_moves, guard_moves, install

revision = "0011_checking"
down_revision = "0010_hosts"
branch_labels = None
depends_on = None

STATES = (
    "'draft', 'submitted', 'changes_requested', 'ready', 'declined', {withdrawn}'live', 'paused', 'collecting',"
    " 'unsuccessful', 'cancelled', 'funded', 'shortfall', 'refunding', 'refunded', 'ring_fenced', 'delivering',"
    " 'completed'"
)
BEFORE = "'draft', 'submitted', 'changes_requested', 'ready', 'declined'"
DRAFTING = "state IN ('draft', 'changes_requested', 'withdrawn')"
COMPLETE = (
    "(length(aim) > 0 AND length(story) > 0 AND length(place) > 0 AND length(if_too_little) > 0"
    " AND length(if_too_much) > 0 AND length(risks) > 0 AND length(permissions) > 0)"
)
APPEND_ONLY = ("decision", "interest")
EDGES = (("concern", "open", "closed"),)
MORE_PROJECT_EDGES = (
    ("draft", "withdrawn"),
    ("submitted", "withdrawn"),
    ("changes_requested", "withdrawn"),
    ("ready", "withdrawn"),
    ("withdrawn", "draft"),
)
DIVISION = ("fk_project_division_code", "electoral_division", "code")
DECLARER = ("fk_project_declared_by_id", "person", "id")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "project_objective",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "objective",
            sa.Enum(
                "disadvantaged_places",
                "cost_of_living",
                "young_people",
                "isolation",
                "healthy_lives",
                name="objective",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_objective_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_objective")),
        sa.UniqueConstraint("project_id", "objective", name=op.f("uq_project_objective_project_id_objective")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "section",
            sa.Enum(
                "basics",
                "place",
                "story",
                "picture",
                "costs",
                "other-money",
                "target",
                "gifts",
                "dates",
                "milestones",
                "help-wanted",
                "risks",
                name="section",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (length(answer) = 0)", name=op.f("ck_question_answer_dated")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_question_answered_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_question_asked_by_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_question_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("public_id", name=op.f("uq_question_public_id")),
    )
    op.create_index(op.f("ix_question_answered_by_id"), "question", ["answered_by_id"], unique=False)
    op.create_index(op.f("ix_question_asked_by_id"), "question", ["asked_by_id"], unique=False)
    op.create_index("ix_question_of", "question", ["project_id", "id"], unique=False)
    op.create_table(
        "stored_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "photo",
                "quote",
                "other_money",
                "permission",
                "rules",
                "collection",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("width", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("height", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("size_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(purpose = 'photo') = (width > 0)", name=op.f("ck_stored_file_width_of_photo")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_stored_file_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("public_id", "width", name=op.f("uq_stored_file_public_id_width")),
    )
    op.create_index(op.f("ix_stored_file_public_id"), "stored_file", ["public_id"], unique=False)
    op.create_index(op.f("ix_stored_file_subject"), "stored_file", ["subject"], unique=False)
    op.create_index(op.f("ix_stored_file_uploaded_by_id"), "stored_file", ["uploaded_by_id"], unique=False)
    op.create_table(
        "project_check",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_project_check_changed_by_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["person.id"], name=op.f("fk_project_check_officer_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_check_project_id")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_project_check")),
    )
    op.create_index(op.f("ix_project_check_changed_by_id"), "project_check", ["changed_by_id"], unique=False)
    op.create_index("ix_project_check_due", "project_check", ["due_at", "project_id"], unique=False)
    op.create_index(op.f("ix_project_check_officer_id"), "project_check", ["officer_id"], unique=False)
    op.create_table(
        "check_fact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column(
            "finding",
            sa.Enum("ok", "look", "unknown", name="finding", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_check_fact_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_fact")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_check_fact_project_id_key")),
    )
    op.create_table(
        "check_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("yes", "no", "not_needed", name="answer", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_check_item_answered_by_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_check_item_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_item")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_check_item_project_id_key")),
    )
    op.create_index(op.f("ix_check_item_answered_by_id"), "check_item", ["answered_by_id"], unique=False)
    op.create_table(
        "check_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_check_note_project_id")),
        sa.ForeignKeyConstraint(["written_by_id"], ["person.id"], name=op.f("fk_check_note_written_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_note")),
    )
    op.create_index(op.f("ix_check_note_project_id"), "check_note", ["project_id"], unique=False)
    op.create_index(op.f("ix_check_note_written_by_id"), "check_note", ["written_by_id"], unique=False)
    op.create_table(
        "concern",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "closed", name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("officer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "unfounded",
                "answered",
                "changed",
                "paused",
                "cancelled",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state = 'open' OR (closed_at IS NOT NULL AND outcome IS NOT NULL AND length(answer) > 0)",
            name=op.f("ck_concern_closed_with_outcome"),
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["person.id"], name=op.f("fk_concern_officer_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_concern_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
        sa.UniqueConstraint("public_id", name=op.f("uq_concern_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_concern_reference")),
    )
    op.create_index("ix_concern_due", "concern", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_concern_officer_id"), "concern", ["officer_id"], unique=False)
    op.create_index(op.f("ix_concern_project_id"), "concern", ["project_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("criterion", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_decision_reasoned")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_decision_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("public_id", name=op.f("uq_decision_public_id")),
    )
    op.create_index(op.f("ix_decision_decided_by_id"), "decision", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_decision_subject"), "decision", ["subject"], unique=False)
    op.create_table(
        "interest",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("has_interest", sa.Boolean(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("NOT has_interest OR length(statement) > 0", name=op.f("ck_interest_interest_explained")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_interest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
    )
    op.create_index("ix_interest_of", "interest", ["person_id", "subject", "id"], unique=False)
    op.create_index(op.f("ix_interest_person_id"), "interest", ["person_id"], unique=False)
    op.add_column("pledge", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pledge", sa.Column("collected", sa.String(length=200), nullable=True))
    op.add_column("pledge", sa.Column("updates_off_at", sa.DateTime(timezone=True), nullable=True))
    _widen_project()
    rows = [{"machine": "project", "old_state": old, "new_state": new} for old, new in MORE_PROJECT_EDGES]
    names = [sa.column(name, sa.String) for name in ("machine", "old_state", "new_state")]
    op.bulk_insert(sa.table("state_edge", *names), rows)
    guard_moves(EDGES)
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            name, timing = f"{table}_append_only_{verb}", f"BEFORE {verb.upper()} ON {table}"
            install(name, timing, refuse="1 = 1", why=f"{table} is append-only")


def _widen_project() -> None:
    op.add_column("project", sa.Column("reference", sa.String(length=12), nullable=True))
    op.create_index("uq_project_reference", "project", ["reference"], unique=True)
    op.add_column("project", sa.Column("postcode", sa.String(length=8), nullable=True))
    add_column("project", sa.Column("division_code", sa.String(length=9), nullable=True), references=DIVISION)
    op.create_index("ix_project_division_code", "project", ["division_code"])
    op.add_column("project", sa.Column("launch_on", sa.Date(), nullable=True))
    op.add_column("project", sa.Column("preview_key", sa.String(length=26), nullable=True))
    op.add_column("project", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    add_column("project", sa.Column("declared_by_id", BIG, nullable=True), references=DECLARER)
    op.create_index("ix_project_declared_by_id", "project", ["declared_by_id"])
    op.add_column("project", sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
    replace_check("project", "ck_project_state", "state IN (" + STATES.format(withdrawn="'withdrawn', ") + ")")
    replace_check("project", "ck_project_launched", f"launched_at IS NOT NULL OR state IN ({BEFORE}, 'withdrawn')")
    replace_check("project", "ck_project_target_positive", f"target_pence > 0 OR (target_pence = 0 AND {DRAFTING})")
    replace_check(
        "project",
        "ck_project_stretch_above_target",
        f"stretch_pence IS NULL OR stretch_pence > target_pence OR {DRAFTING}",
    )
    add_check("project", "ck_project_complete", f"{COMPLETE} OR {DRAFTING}")


def downgrade() -> None:
    for table in APPEND_ONLY:
        drop(f"{table}_append_only_delete")
        drop(f"{table}_append_only_update")
    free_moves(EDGES)
    for old, new in MORE_PROJECT_EDGES:
        op.execute(f"DELETE FROM state_edge WHERE machine = 'project' AND old_state = '{old}' AND new_state = '{new}'")
    _narrow_project()
    drop_column("pledge", "updates_off_at")
    drop_column("pledge", "collected")
    drop_column("pledge", "claimed_at")
    op.drop_table("interest")
    op.drop_table("decision")
    op.drop_table("concern")
    op.drop_table("check_note")
    op.drop_table("check_item")
    op.drop_table("check_fact")
    op.drop_table("project_check")
    op.drop_table("stored_file")
    op.drop_table("question")
    op.drop_table("project_objective")


def _narrow_project() -> None:
    drop_check("project", "ck_project_complete")
    replace_check("project", "ck_project_stretch_above_target", "stretch_pence IS NULL OR stretch_pence > target_pence")
    replace_check("project", "ck_project_target_positive", "target_pence > 0")
    replace_check("project", "ck_project_launched", f"launched_at IS NOT NULL OR state IN ({BEFORE})")
    replace_check("project", "ck_project_state", f"state IN ({STATES.format(withdrawn='')})")
    op.drop_index("ix_project_declared_by_id", "project")
    op.drop_index("ix_project_division_code", "project")
    op.drop_index("uq_project_reference", "project")
    drop_column("project", "declared_by_id", references=DECLARER)
    drop_column("project", "division_code", references=DIVISION)
    for name in ("signed_at", "submitted_at", "preview_key", "launch_on", "postcode", "reference"):
        drop_column("project", name)
