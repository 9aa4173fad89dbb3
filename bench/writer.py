"""Puts many rows into a database at once."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Table

BATCH = 5000


class Writer:
    """Writes rows in batches."""

    def __init__(self, connection: Connection, tables: MetaData) -> None:
        self._connection, self._tables = connection, tables

    def add(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows; those of a table all have the same keys."""
        table: Table = self._tables.tables[name]
        for batch in _in_batches(rows):
            self._insert(table, batch)

    def _insert(self, table: Table, batch: Sequence[dict[str, Any]]) -> None:
        columns = list(batch[0])
        values = [tuple(_plain(row[c]) for c in columns) for row in batch]
        names = ", ".join(columns)
        if self._connection.dialect.name == "postgresql":
            cursor = self._connection.connection.cursor()
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for value in values:
                    copy.write_row(value)
            return
        marks = ", ".join("?" * len(columns))
        self._connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", values)

    def restart(self, name: str) -> None:
        """Let the numbering go on after what was copied in; SQLite does so by itself."""
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql(f"SELECT setval('{name}_id_seq', (SELECT MAX(id) FROM {name}))")


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


def _in_batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
