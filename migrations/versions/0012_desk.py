"""The officers' desk finds its projects among all others by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0012_desk"
down_revision = "0011_checking"
branch_labels = None
depends_on = None

ON_DESK = sa.text("state IN ('submitted', 'changes_requested', 'ready')")


def upgrade() -> None:
    op.create_index(
        "ix_project_desk",
        "project",
        ["state", "signed_at", "id"],
        unique=False,
        postgresql_where=ON_DESK,
        sqlite_where=ON_DESK,
    )


def downgrade() -> None:
    op.drop_index("ix_project_desk", table_name="project")
