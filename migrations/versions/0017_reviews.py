"""What groups ask to have looked at again, and the way back from a refusal once they were right."""

import sqlalchemy as sa
from alembic import op

revision = "0017_reviews"
down_revision = "0016_panels"
branch_labels = None
depends_on = None


EDGES = "machine = 'grant_application' AND old_state IN ('declined', 'ineligible')"


def upgrade() -> None:
    op.create_table(
        "grant_review",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (is_upheld IS NULL) AND (answered_at IS NULL) = (length(answer) = 0)"
            " AND (answered_at IS NULL) = (answered_by_id IS NULL)",
            name=op.f("ck_grant_review_answer_whole"),
        ),
        sa.CheckConstraint("length(words) > 0", name=op.f("ck_grant_review_has_words")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_grant_review_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["grant_application.id"], name=op.f("fk_grant_review_application_id")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_grant_review_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_review")),
    )
    op.create_index(op.f("ix_grant_review_answered_by_id"), "grant_review", ["answered_by_id"], unique=False)
    op.create_index(op.f("ix_grant_review_application_id"), "grant_review", ["application_id"], unique=True)
    op.create_index(op.f("ix_grant_review_asked_by_id"), "grant_review", ["asked_by_id"], unique=False)

    for old in ("declined", "ineligible"):
        op.execute(
            "INSERT INTO state_edge (machine, old_state, new_state)"
            f" VALUES ('grant_application', '{old}', 'in_assessment')"
        )


def downgrade() -> None:
    op.execute(f"DELETE FROM state_edge WHERE {EDGES}")

    op.drop_table("grant_review")
