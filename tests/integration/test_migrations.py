"""Migrations go up, down and up again, agree with the models, and form one numbered line."""

from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from crowdfund.core.config import ROOT
from crowdfund.core.migrate import alembic_config, check, downgrade, upgrade
from tests.support.database import empty_database

pytestmark = pytest.mark.database


@pytest.fixture
def empty_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without any table."""
    with empty_database(request.config.getoption("--db")) as url:
        yield url


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_models_and_migrations_agree_also_after_a_step_back(empty_url: str) -> None:
    upgrade(empty_url)
    check(empty_url)
    downgrade(empty_url, "-1")
    upgrade(empty_url)
    check(empty_url)


def test_the_whole_way_back_leaves_nothing_and_forward_works_again(empty_url: str) -> None:
    upgrade(empty_url)
    before = tables(empty_url)
    downgrade(empty_url, "base")
    assert tables(empty_url) == {"alembic_version"}
    upgrade(empty_url)
    assert tables(empty_url) == before


def test_they_form_one_line_numbered_without_gaps() -> None:
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    line = [script.revision for script in scripts.walk_revisions()][::-1]
    assert scripts.get_heads() == line[-1:]
    assert [name[:5] for name in line] == [f"{number:04d}_" for number in range(1, len(line) + 1)]
    assert line == sorted(path.stem for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
