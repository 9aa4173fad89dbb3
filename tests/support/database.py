"""One migrated database for a test run, given back empty before each test; everything is really committed."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import connect
from tempfile import TemporaryDirectory
from typing import Protocol

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.orm import Session

from crowdfund.core.db import REFERENCE_TABLES
from crowdfund.core.migrate import upgrade
from crowdfund.places.importer import import_places
from tests.support.postgres import postgres

MEMORY = Path("/dev/shm")


class Database(Protocol):
    """A database that tests may fill."""

    url: str

    def reset(self, engine: Engine) -> None:
        """Close the engine's connections and empty everything but reference data."""
        ...


def prepare(url: str) -> None:
    """Migrate an empty database and bring in the places that every test may count on."""
    upgrade(url)
    engine = create_engine(url)
    with Session(engine) as session:
        import_places(session, None)
        session.commit()
    engine.dispose()


@contextmanager
def empty_database(kind: str) -> Iterator[str]:
    """Yield the address of a database of this kind ('sqlite' or 'postgres') without any table."""
    if kind == "postgres":
        with postgres() as url:
            yield url
    else:
        with _folder() as folder:
            yield f"sqlite:///{folder}/empty.sqlite3"


@contextmanager
def open_database(kind: str) -> Iterator[Database]:
    """Prepare a database of this kind ('sqlite' or 'postgres') and delete it afterwards."""
    if kind == "postgres":
        with postgres() as url:
            prepare(url)
            opened = PostgresDatabase(url)
            yield opened
            opened.close()
    else:
        with _folder() as folder:
            yield SqliteDatabase(folder)


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="crowdfund-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


class SqliteDatabase:
    """A file, and a prepared one that it is copied from."""

    def __init__(self, folder: Path) -> None:
        self._template, self._file = folder / "template.sqlite3", folder / "test.sqlite3"
        self.url = f"sqlite:///{self._file}"
        prepare(f"sqlite:///{self._template}")
        with closing(connect(self._template)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._copy()

    def reset(self, engine: Engine) -> None:
        """Put a fresh copy in place."""
        engine.dispose()
        self._copy()

    def _copy(self) -> None:
        # A new file, not new content: a forgotten connection keeps its old one instead of crashing on its map.
        for suffix in ("", "-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._template, self._file)


class PostgresDatabase:
    """A server of our own, emptied over a connection that stays: a new one would have to learn every table again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, pool_pre_ping=True)  # copying the database ends every connection
        tables = [name for name in inspect(self._engine).get_table_names() if name not in REFERENCE_TABLES]
        # Replica: append-only triggers and foreign keys look away while this session empties the tables.
        self._emptying = [
            "SET session_replication_role = replica",
            *(f'DELETE FROM "{name}"' for name in tables),
            "RESET session_replication_role",
        ]

    def reset(self, engine: Engine) -> None:
        """Empty the tables and start their numbers again."""
        engine.dispose()
        with self._engine.begin() as connection:
            connection.exec_driver_sql("; ".join(self._emptying))
            connection.execute(
                text("SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences WHERE last_value > 0")
            )

    def close(self) -> None:
        """Let the connection go."""
        self._engine.dispose()
