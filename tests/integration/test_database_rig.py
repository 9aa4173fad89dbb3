"""Each test gets the database back as migrated: nothing written before is left, reference data stays."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from crowdfund.core.db import REFERENCE_TABLES, engine_options, prepare_engine
from tests.support.database import Database

pytestmark = pytest.mark.database

WRITE = text(
    "INSERT INTO audit_event (at, tag, actor, subject_kind, subject_id, data)"
    " VALUES (CURRENT_TIMESTAMP, 'a:b', 'somebody', 'thing', 1, '{}') RETURNING id"
)
COUNT = text("SELECT COUNT(*) FROM audit_event")


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """The application's kind of engine on an emptied database."""
    engine = create_engine(database.url, **engine_options(database.url))
    prepare_engine(engine)
    database.reset(engine)
    yield engine
    database.reset(engine)
    engine.dispose()


def write(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(WRITE).scalar_one())


def count(engine: Engine, question: object = COUNT) -> int:
    with engine.connect() as connection:
        return int(connection.execute(question).scalar_one())


def test_even_an_append_only_table_is_emptied_and_numbered_anew(engine: Engine, database: Database) -> None:
    assert [write(engine), write(engine)] == [1, 2]
    database.reset(engine)
    assert count(engine) == 0
    assert write(engine) == 1


def test_the_triggers_are_on_guard_again_after_a_reset(engine: Engine, database: Database) -> None:
    database.reset(engine)
    write(engine)
    with engine.connect() as connection, pytest.raises(Exception, match="append_only_delete"):
        connection.execute(text("DELETE FROM audit_event"))


def test_reference_data_stays(engine: Engine, database: Database) -> None:
    before = count(engine, text("SELECT COUNT(*) FROM state_edge"))
    assert before > 0
    assert "state_edge" in REFERENCE_TABLES
    database.reset(engine)
    assert count(engine, text("SELECT COUNT(*) FROM state_edge")) == before


def test_what_one_thread_commits_another_sees(engine: Engine) -> None:
    threads = [threading.Thread(target=write, args=[engine]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(engine) == 4


def test_a_forgotten_connection_does_not_bring_old_rows_back(engine: Engine, database: Database) -> None:
    write(engine)
    with engine.connect() as forgotten:
        forgotten.detach()
        forgotten.execute(COUNT).scalar_one()
        database.reset(engine)
        assert count(engine) == 0


def test_a_sum_of_whole_numbers_is_whole(engine: Engine) -> None:
    numbers = "SELECT CAST(9007199254740993 AS BIGINT) AS n UNION ALL SELECT 1"
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT SUM(n), SUM(n) FILTER (WHERE n < 0) FROM ({numbers}) AS many")).one()
    assert found == (9007199254740994, None)
    assert type(found[0]) is int
