"""Rows as the database holds them, copied by plain SQL past every model, action and type of ours."""

from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Enum,
    Index,
    String,
    Table,
    UniqueConstraint,
    column,
    insert,
    select,
    table,
    text,
)

from crowdfund.core.db import Base
from crowdfund.core.ids import public_id

Row = dict[str, Any]


def model_table(name: str) -> Table:
    """Return the table that the models describe."""
    return Base.metadata.tables[name]


def uniques(of: Table) -> dict[str, tuple[str, ...]]:
    """Return the columns of every unique constraint and unique index by its name; the primary key is one of them."""
    found = {f"pk_{of.name}": tuple(c.name for c in of.primary_key)}
    for item in (*of.constraints, *of.indexes):
        if isinstance(item, UniqueConstraint) or (isinstance(item, Index) and item.unique):
            found[str(item.name)] = tuple(c.name for c in item.columns)
    return found


def read_row(connection: Connection, of: Table) -> Row:
    """Return some row as the driver gives it. Raises LookupError when there is none: then nothing can be tried."""
    row = connection.execute(text(f"SELECT * FROM {of.name} ORDER BY 1 DESC LIMIT 1")).mappings().first()
    if row is None:
        raise LookupError(f"no row in {of.name} to try its constraints with")
    return dict(row)


def insert_row(connection: Connection, of: Table, row: Row) -> None:
    """Insert a row as it is; PostgreSQL reads documents as lists and mappings, so those are written as documents."""
    columns = (column(name, JSON() if isinstance(value, list | dict) else None) for name, value in row.items())
    connection.execute(insert(table(of.name, *columns)).values(row))


def fresh(connection: Connection, of: Table, row: Row, *, but: tuple[str, ...] = ()) -> Row:
    """Return a copy of a row that differs in everything unique, except in the columns named in `but`."""
    single = {columns[0] for columns in uniques(of).values() if len(columns) == 1}
    last = {columns[-1] for columns in uniques(of).values()}
    changed = {name: _other(connection, of, name) for name in (single | last) - set(but)}
    return row | changed


def _other(connection: Connection, of: Table, name: str) -> Any:
    kind = of.c[name]
    if kind.foreign_keys:
        target = next(iter(kind.foreign_keys)).column
        used = select(column(name)).select_from(table(of.name)).where(column(name).is_not(None))
        free = select(column(target.name)).select_from(table(target.table.name)).where(column(target.name).not_in(used))
        return connection.scalar(free.limit(1))
    if isinstance(kind.type, Enum):
        taken = set(connection.scalars(text(f"SELECT DISTINCT {name} FROM {of.name}")))
        return next(value for value in reversed(kind.type.enums) if value not in taken)
    if isinstance(kind.type, String):
        return public_id()[: kind.type.length or 26]
    return (connection.scalar(text(f"SELECT MAX({name}) FROM {of.name}")) or 0) + 1000
