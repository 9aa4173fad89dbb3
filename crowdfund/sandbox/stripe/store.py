"""What the stand-in remembers: one SQLite file (or memory), one connection, one lock."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crowdfund.sandbox.stripe.errors import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  created INTEGER NOT NULL, customer TEXT, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE INDEX IF NOT EXISTS object_customer ON object (customer, kind);
CREATE INDEX IF NOT EXISTS object_open ON object (
  kind, json_extract(data, '$.status'), json_extract(data, '$.expires_at'));
CREATE TABLE IF NOT EXISTS replay (
  key TEXT PRIMARY KEY, created INTEGER NOT NULL, fingerprint TEXT NOT NULL, request TEXT NOT NULL,
  status INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, due REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due);
CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event);
CREATE TABLE IF NOT EXISTS mode (name TEXT PRIMARY KEY, params TEXT NOT NULL);
"""


class Store:
    """Objects by id, plus rows for replays, deliveries and modes."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        # Work that was under way when the last process ended is not under way now.
        self._db.execute("DELETE FROM replay WHERE status IS NULL")
        self._db.execute("UPDATE delivery SET state = 'pending' WHERE state = 'sending'")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested calls join the outer one."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._leave("ROLLBACK")
                raise
            self._leave("COMMIT")

    def _leave(self, how: str) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._db.execute(how)

    def sql(self, statement: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    def put(self, obj: Json) -> Json:
        """Insert or replace an object, by its id."""
        values = (obj["id"], obj["object"], obj.get("created", 0), obj.get("customer"), json.dumps(obj))
        self.sql(
            "INSERT INTO object (id, kind, created, customer, data) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, data = excluded.data",
            values,
        )
        return obj

    def find(self, kind: str, id_: str) -> Json | None:
        """Return the object, or None."""
        rows = self.sql("SELECT data FROM object WHERE id = ? AND kind = ?", (id_, kind))
        return json.loads(rows[0]["data"]) if rows else None

    def seq(self, kind: str, id_: str) -> int | None:
        """Return the place of an object in its list, or None."""
        rows = self.sql("SELECT seq FROM object WHERE id = ? AND kind = ?", (id_, kind))
        return rows[0]["seq"] if rows else None

    def select(
        self, kind: str, where: str = "1", values: Sequence[Any] = (), *, limit: int = -1, oldest_first: bool = False
    ) -> list[Json]:
        """Return objects of a kind, newest first unless told. `where` is our own SQL, never a caller's text."""
        order = "ASC" if oldest_first else "DESC"
        statement = f"SELECT data FROM object WHERE kind = ? AND {where} ORDER BY seq {order} LIMIT ?"  # noqa: S608 - see the docstring
        return [json.loads(row["data"]) for row in self.sql(statement, (kind, *values, limit))]

    def count(self, kind: str) -> int:
        """Return how many objects of a kind there are."""
        return int(self.sql("SELECT count(*) FROM object WHERE kind = ?", (kind,))[0][0])
