"""Officers with a second factor, funders they work for, sign-in links and kept forms."""

import sqlalchemy as sa
from alembic import op

revision = "0009_officers"
down_revision = "0008_guards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "funder",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "county",
                "district",
                "nhs",
                "business",
                "trust",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funder")),
        sa.UniqueConstraint("public_id", name=op.f("uq_funder_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_funder_slug")),
    )
    op.create_table(
        "fund",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("funder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("decides_on", sa.Date(), nullable=False),
        sa.CheckConstraint("opens_on <= closes_on AND closes_on <= decides_on", name=op.f("ck_fund_dates_in_order")),
        sa.ForeignKeyConstraint(["funder_id"], ["funder.id"], name=op.f("fk_fund_funder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fund_public_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_fund_slug")),
    )
    op.create_index(op.f("ix_fund_funder_id"), "fund", ["funder_id"], unique=False)
    op.create_table(
        "authenticator",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_authenticator_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"], unique=False)
    op.create_table(
        "officer_post",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "programme_checker",
                "programme_approver",
                "programme_finance",
                "programme_administrator",
                "funder_assessor",
                "funder_approver",
                "funder_finance",
                "funder_administrator",
                "funder_viewer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("funder_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("limit_pence", sa.BigInteger(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(role LIKE 'programme%') = (funder_id IS NULL)", name=op.f("ck_officer_post_funder_named")),
        sa.ForeignKeyConstraint(["funder_id"], ["funder.id"], name=op.f("fk_officer_post_funder_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_officer_post_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_post")),
    )
    op.create_index(op.f("ix_officer_post_funder_id"), "officer_post", ["funder_id"], unique=False)
    op.create_index(op.f("ix_officer_post_person_id"), "officer_post", ["person_id"], unique=False)
    op.create_index(
        "uq_officer_post_funder",
        "officer_post",
        ["person_id", "role", "funder_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND funder_id IS NOT NULL"),
        sqlite_where=sa.text("ended_at IS NULL AND funder_id IS NOT NULL"),
    )
    op.create_index(
        "uq_officer_post_programme",
        "officer_post",
        ["person_id", "role"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND funder_id IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL AND funder_id IS NULL"),
    )
    op.create_table(
        "kept_form",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("sealed_fields", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
        sa.UniqueConstraint("public_id", name=op.f("uq_kept_form_public_id")),
    )
    op.add_column("browser_session", sa.Column("strong_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("email_code", sa.Column("link_hash", sa.String(length=64), nullable=True))
    op.add_column("email_code", sa.Column("leads_to", sa.String(length=300), nullable=False, server_default="/account"))
    op.create_index("uq_email_code_link", "email_code", ["link_hash"], unique=True)
    op.add_column("mail", sa.Column("unsubscribe_url", sa.String(length=400), nullable=True))


def downgrade() -> None:
    op.drop_column("mail", "unsubscribe_url")
    op.drop_index("uq_email_code_link", "email_code")
    op.drop_column("email_code", "leads_to")
    op.drop_column("email_code", "link_hash")
    op.drop_column("browser_session", "strong_at")
    op.drop_table("kept_form")
    op.drop_table("officer_post")
    op.drop_table("recovery_code")
    op.drop_table("authenticator")
    op.drop_table("fund")
    op.drop_table("funder")
