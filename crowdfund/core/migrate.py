"""Migrations from code: up, down and the check that models and migrations agree."""

from alembic import command
from alembic.config import Config

from crowdfund.core.config import ROOT


def alembic_config(database_url: str) -> Config:
    """Return Alembic's settings for this database; the address is passed as an attribute, never printed."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("prepend_sys_path", str(ROOT))
    config.attributes["database_url"] = database_url
    return config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database up to `revision`."""
    command.upgrade(alembic_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take the database down to `revision` ('-1' is one step)."""
    command.downgrade(alembic_config(database_url), revision)


def check(database_url: str) -> None:
    """Raise alembic's CommandError when models and migrations differ."""
    command.check(alembic_config(database_url))
