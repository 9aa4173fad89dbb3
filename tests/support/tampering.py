"""Does to the database what only someone with full access to it could: changes rows behind its triggers' backs."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction of its own, committed at the end."""
    with engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")


class _Undo(Exception):
    """Ends a transaction whose work is not to stay."""


@contextmanager
def undone(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction of its own, undone at the end."""
    with suppress(_Undo), transaction(engine) as connection:
        yield connection
        raise _Undo


@contextmanager
def without_triggers(engine: Engine) -> Iterator[Connection]:
    """Yield a connection whose writes no trigger and no foreign key sees; they are on guard again afterwards."""
    if engine.dialect.name == "postgresql":
        with transaction(engine) as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
        return
    with engine.connect() as outside:
        outside.exec_driver_sql("PRAGMA foreign_keys = OFF")
        try:
            with transaction(engine) as connection:
                made = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
                for name, _ in made:
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
                yield connection
                for _, statement in made:
                    connection.exec_driver_sql(statement)
        finally:
            outside.exec_driver_sql("PRAGMA foreign_keys = ON")
