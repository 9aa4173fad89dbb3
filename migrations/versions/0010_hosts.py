"""Groups say more about themselves, have hosts, and invite people."""

import sqlalchemy as sa
from alembic import op

from migrations.constraints import add_column, drop_column, replace_check
from migrations.triggers import free_moves, guard_moves

revision = "0010_hosts"
down_revision = "0009_officers"
branch_labels = None
depends_on = None

EDGES = (
    ("host", "asked", "accepted refused ended"),
    ("host", "accepted", "ended"),
    ("invitation", "open", "accepted refused cancelled"),
)


def upgrade() -> None:
    op.create_table(
        "host",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "accepted",
                "refused",
                "ended",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
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
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("legal_form <> 'informal'", name=op.f("ck_host_constituted")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_host_answered_by_id")),
        sa.ForeignKeyConstraint(["group_id"], ["community_group.id"], name=op.f("fk_host_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host")),
        sa.UniqueConstraint("public_id", name=op.f("uq_host_public_id")),
    )
    op.create_index(op.f("ix_host_answered_by_id"), "host", ["answered_by_id"], unique=False)
    op.create_index(op.f("ix_host_group_id"), "host", ["group_id"], unique=False)
    op.create_index(
        "uq_host_standing",
        "host",
        ["group_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'accepted')"),
        sqlite_where=sa.text("state IN ('asked', 'accepted')"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("member", "signatory", "host", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "refused",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "role",
            sa.Enum("owner", "member", "reader", name="role", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("invited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(kind = 'member') = (role IS NOT NULL)", name=op.f("ck_invitation_role_given")),
        sa.CheckConstraint(
            "state IN ('open', 'cancelled') OR answered_at IS NOT NULL", name=op.f("ck_invitation_answer_dated")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_invitation_answered_by_id")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["person.id"], name=op.f("fk_invitation_invited_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
    )
    op.create_index(op.f("ix_invitation_answered_by_id"), "invitation", ["answered_by_id"], unique=False)
    op.create_index(op.f("ix_invitation_invited_by_id"), "invitation", ["invited_by_id"], unique=False)
    op.create_index(op.f("ix_invitation_subject"), "invitation", ["subject"], unique=False)
    op.create_index(
        "uq_invitation_open",
        "invitation",
        ["kind", "subject", "email"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.add_column("community_group", sa.Column("postcode", sa.String(length=8), nullable=True))
    op.add_column("community_group", sa.Column("website", sa.String(length=200), nullable=False, server_default=""))
    for name in ("has_rules", "has_bank_account", "has_two_signatories"):
        op.add_column("community_group", sa.Column(name, sa.Boolean(), nullable=True))
    add_column(
        "community_group",
        sa.Column("safeguarding", sa.String(length=40), nullable=True),
        check=("ck_community_group_safeguarding", "safeguarding IN ('not_needed', 'policy', 'help_wanted')"),
    )
    replace_check("group_member", "ck_group_member_role", "role IN ('owner', 'member', 'reader')")
    guard_moves(EDGES)


def downgrade() -> None:
    free_moves(EDGES)
    op.execute("UPDATE group_member SET role = 'member' WHERE role = 'reader'")
    replace_check("group_member", "ck_group_member_role", "role IN ('owner', 'member')")
    for name in ("safeguarding", "has_two_signatories", "has_bank_account", "has_rules", "website", "postcode"):
        drop_column("community_group", name)
    op.drop_table("invitation")
    op.drop_table("host")
