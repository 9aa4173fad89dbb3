"""Groups and projects."""

import sqlalchemy as sa
from alembic import op

revision = "0005_projects"
down_revision = "0004_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "community_group",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "legal_form",
            sa.Enum(
                "informal",
                "association",
                "charity",
                "cio",
                "cic",
                "society",
                "company",
                "sports_club",
                "parish_council",
                "town_council",
                name="legal_form",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("charity_number", sa.String(length=12), nullable=True),
        sa.Column("company_number", sa.String(length=8), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("town", sa.String(length=80), nullable=False),
        sa.Column("district_code", sa.String(length=9), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "legal_form <> 'charity' OR charity_number IS NOT NULL", name=op.f("ck_community_group_charity_numbered")
        ),
        sa.CheckConstraint("length(name) >= 2", name=op.f("ck_community_group_name_given")),
        sa.ForeignKeyConstraint(["district_code"], ["district.code"], name=op.f("fk_community_group_district_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_group")),
        sa.UniqueConstraint("public_id", name=op.f("uq_community_group_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_community_group_slug")),
    )
    op.create_index(op.f("ix_community_group_district_code"), "community_group", ["district_code"], unique=False)
    op.create_table(
        "group_member",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "member", name="role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name=op.f("fk_group_member_group_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_group_member_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_member")),
        sa.UniqueConstraint("group_id", "person_id", name=op.f("uq_group_member_group_id_person_id")),
    )
    op.create_index(op.f("ix_group_member_group_id"), "group_member", ["group_id"], unique=False)
    op.create_index(op.f("ix_group_member_person_id"), "group_member", ["person_id"], unique=False)
    op.create_table(
        "project",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "changes_requested",
                "ready",
                "declined",
                "live",
                "paused",
                "collecting",
                "unsuccessful",
                "cancelled",
                "funded",
                "shortfall",
                "refunding",
                "refunded",
                "ring_fenced",
                "delivering",
                "completed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("aim", sa.String(length=200), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column(
            "theme",
            sa.Enum(
                "community_spaces",
                "health_wellbeing",
                "children_young_people",
                "environment_nature",
                "arts_heritage",
                "sport_play",
                "food_cost_of_living",
                "isolation_older_people",
                name="theme",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("district_code", sa.String(length=9), nullable=False),
        sa.Column("picture", sa.String(length=120), nullable=False),
        sa.Column("picture_alt", sa.String(length=200), nullable=False),
        sa.Column("target_pence", sa.BigInteger(), nullable=False),
        sa.Column("stretch_pence", sa.BigInteger(), nullable=True),
        sa.Column("stretch_use", sa.Text(), nullable=False),
        sa.Column("if_too_little", sa.Text(), nullable=False),
        sa.Column("if_too_much", sa.Text(), nullable=False),
        sa.Column("risks", sa.Text(), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False),
        sa.Column("campaign_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("backers_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("pledged_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("launched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "launched_at IS NOT NULL OR state IN ('draft', 'submitted', 'changes_requested', 'ready', 'declined')",
            name=op.f("ck_project_launched"),
        ),
        sa.CheckConstraint("length(picture_alt) > 0", name=op.f("ck_project_picture_described")),
        sa.CheckConstraint(
            "stretch_pence IS NULL OR stretch_pence > target_pence", name=op.f("ck_project_stretch_above_target")
        ),
        sa.CheckConstraint("target_pence > 0", name=op.f("ck_project_target_positive")),
        sa.ForeignKeyConstraint(
            ["backers_account_id"], ["ledger_account.id"], name=op.f("fk_project_backers_account_id")
        ),
        sa.ForeignKeyConstraint(["district_code"], ["district.code"], name=op.f("fk_project_district_code")),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name=op.f("fk_project_group_id")),
        sa.ForeignKeyConstraint(
            ["pledged_account_id"], ["ledger_account.id"], name=op.f("fk_project_pledged_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("public_id", name=op.f("uq_project_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_project_slug")),
    )
    op.create_index(op.f("ix_project_district_code"), "project", ["district_code"], unique=False)
    op.create_index("ix_project_ending", "project", ["state", "deadline", "id"], unique=False)
    op.create_index(op.f("ix_project_group_id"), "project", ["group_id"], unique=False)
    op.create_index("ix_project_newest", "project", ["state", "launched_at", "id"], unique=False)
    op.create_table(
        "project_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cost",
                "other_money",
                "milestone",
                "help_wanted",
                "money_use",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("amount_pence", sa.BigInteger(), nullable=True),
        sa.Column("is_capital", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.CheckConstraint("kind <> 'milestone' OR due IS NOT NULL", name=op.f("ck_project_line_milestone_dated")),
        sa.CheckConstraint(
            "kind NOT IN ('cost', 'other_money', 'money_use') OR (amount_pence IS NOT NULL AND amount_pence > 0)",
            name=op.f("ck_project_line_amount_given"),
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_line_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_line")),
    )
    op.create_index("ix_project_line_order", "project_line", ["project_id", "kind", "position"], unique=False)
    op.create_table(
        "project_update",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_update_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_update")),
    )
    op.create_index("ix_project_update_newest", "project_update", ["project_id", "posted_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_project_update_newest", table_name="project_update")
    op.drop_table("project_update")
    op.drop_index("ix_project_line_order", table_name="project_line")
    op.drop_table("project_line")
    op.drop_index("ix_project_newest", table_name="project")
    op.drop_index(op.f("ix_project_group_id"), table_name="project")
    op.drop_index("ix_project_ending", table_name="project")
    op.drop_index(op.f("ix_project_district_code"), table_name="project")
    op.drop_table("project")
    op.drop_index(op.f("ix_group_member_person_id"), table_name="group_member")
    op.drop_index(op.f("ix_group_member_group_id"), table_name="group_member")
    op.drop_table("group_member")
    op.drop_index(op.f("ix_community_group_district_code"), table_name="community_group")
    op.drop_table("community_group")
