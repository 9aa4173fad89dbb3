"""Adding columns with constraints, and changing checks, on both databases.

SQLite has no ALTER for constraints. Rebuilding a table there would lose its triggers, so the text of the
table's definition is edited instead, the way SQLite's documentation of ALTER TABLE describes for changes that
leave the stored rows as they are.
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op


def add_column(
    table: str,
    column: sa.Column[object],
    *,
    check: tuple[str, str] | None = None,
    references: tuple[str, str, str] | None = None,
) -> None:
    """Add a column with a named check (name, condition) or foreign key (name, table, column)."""
    if not _on_sqlite():
        op.add_column(table, column)
        if check:
            op.create_check_constraint(op.f(check[0]), table, check[1])
        if references:
            op.create_foreign_key(op.f(references[0]), table, references[1], [column.name], [references[2]])
        return
    words = [column.name, column.type.compile(op.get_bind().dialect)]
    if column.server_default is not None:
        words.append(f"DEFAULT '{column.server_default.arg}'")
    if not column.nullable:
        words.append("NOT NULL")
    if check:
        words.append(f"CONSTRAINT {check[0]} CHECK ({check[1]})")
    if references:
        words.append(f"CONSTRAINT {references[0]} REFERENCES {references[1]} ({references[2]})")
    op.execute(f"ALTER TABLE {table} ADD COLUMN {' '.join(words)}")


def drop_column(table: str, column: str, *, references: tuple[str, str, str] | None = None) -> None:
    """Remove a column with what `add_column` gave it."""
    if references and _on_sqlite():
        words = f" CONSTRAINT {references[0]} REFERENCES {references[1]} ({references[2]})"
        _edit(table, lambda sql: sql.replace(words, ""))
    op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def replace_check(table: str, name: str, condition: str) -> None:
    """Give a check another condition; rows that break it are not looked at on SQLite, so make it wider only."""
    if not _on_sqlite():
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, condition)
        return
    _edit(table, lambda sql: _with_condition(sql, name, condition))


def add_check(table: str, name: str, condition: str) -> None:
    """Add a check to a table whose rows all keep it."""
    if not _on_sqlite():
        op.create_check_constraint(op.f(name), table, condition)
        return
    _edit(table, lambda sql: f"{sql[: sql.rindex(')')].rstrip()}, \n\tCONSTRAINT {name} CHECK ({condition})\n)")


def drop_check(table: str, name: str) -> None:
    """Remove a check."""
    if not _on_sqlite():
        op.drop_constraint(op.f(name), table, type_="check")
        return
    _edit(table, lambda sql: _without(sql, name))


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _edit(table: str, change: Callable[[str], str]) -> None:
    bind = op.get_bind()
    row = {"name": table}
    sql = bind.scalar(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), row)
    changed = change(sql)
    if changed == sql:
        raise RuntimeError(f"nothing to change in {table}")
    version = bind.scalar(sa.text("PRAGMA schema_version"))
    op.execute("PRAGMA writable_schema = ON")
    statement = sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name")
    bind.execute(statement, row | {"sql": changed})
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")


def _span(sql: str, name: str) -> tuple[int, int, int]:
    """Return where a named check begins, where its condition begins, and where it ends."""
    found = re.search(rf"CONSTRAINT {name} CHECK \(", sql)
    if found is None:
        raise RuntimeError(f"there is no check {name}")
    depth, at = 1, found.end()
    while depth:
        depth += {"(": 1, ")": -1}.get(sql[at], 0)
        at += 1
    return found.start(), found.end(), at


def _with_condition(sql: str, name: str, condition: str) -> str:
    _, begin, end = _span(sql, name)
    return f"{sql[:begin]}{condition}{sql[end - 1 :]}"


def _without(sql: str, name: str) -> str:
    start, _, end = _span(sql, name)
    return re.sub(r",\s*$", "", sql[:start]) + sql[end:]
