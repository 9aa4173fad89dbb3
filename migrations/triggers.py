"""Triggers for both databases from one description; a refusal looks like a broken constraint to the caller."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

Edges = Iterable[tuple[str, str, str]]


def install(
    name: str,
    timing: str,
    *,
    refuse: str = "",
    why: str = "",
    when: str = "",
    sqlite: str = "",
    postgresql: str = "",
    refuse_postgresql: str = "",
) -> None:
    """Create a row trigger that refuses where `refuse` holds, then runs a statement of its own."""
    if op.get_bind().dialect.name == "sqlite":
        _install_sqlite(name, timing, refuse, why, when, sqlite)
    else:
        _install_postgresql(name, timing, f"{refuse} {refuse_postgresql}".strip(), why, when, postgresql)


def guard_moves(edges: Edges) -> None:
    """Let the tables named as machines move only along these edges: (machine, old state, new states)."""
    edges = tuple(edges)
    rows = [
        {"machine": machine, "old_state": old, "new_state": new}
        for machine, old, targets in edges
        for new in targets.split()
    ]
    names = [sa.column(name, sa.String) for name in ("machine", "old_state", "new_state")]
    op.bulk_insert(sa.table("state_edge", *names), rows)
    for machine in dict.fromkeys(edge[0] for edge in edges):
        known = (
            f"SELECT 1 FROM state_edge WHERE machine = '{machine}' AND old_state = OLD.state AND new_state = NEW.state"
        )
        install(
            f"{machine}_edge",
            f"BEFORE UPDATE OF state ON {machine}",
            refuse=f"NEW.state <> OLD.state AND NOT EXISTS ({known})",
            why=f"{machine} cannot move like that",
        )


def free_moves(edges: Edges) -> None:
    """Undo `guard_moves`."""
    for machine in dict.fromkeys(edge[0] for edge in edges):
        drop(f"{machine}_edge")
        op.execute(f"DELETE FROM state_edge WHERE machine = '{machine}'")


def drop(name: str) -> None:
    """Remove a trigger; on PostgreSQL it goes with its function."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute(f"DROP FUNCTION {name}_fn() CASCADE")


def _install_sqlite(name: str, timing: str, refuse: str, why: str, when: str, body: str) -> None:
    parts = [f"SELECT RAISE(ABORT, '{name}: {why}') WHERE {refuse};"] if refuse else []
    if body:
        parts.append(f"{body.strip()};")
    guard = f" WHEN {when}" if when else ""
    op.execute(f"CREATE TRIGGER {name} {timing} FOR EACH ROW{guard} BEGIN {' '.join(parts)} END")


def _install_postgresql(name: str, timing: str, refuse: str, why: str, when: str, body: str) -> None:
    raising = f"IF {refuse} THEN RAISE EXCEPTION '{name}: {why}' USING ERRCODE = 'check_violation'; END IF;"
    steps = (raising if refuse else "") + (f"{body.strip()};" if body else "")
    result = "OLD" if " DELETE " in timing else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}_fn() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE line record;"
        f" BEGIN {steps} RETURN {result}; END $$"
    )
    guard = f" WHEN ({when})" if when else ""
    op.execute(f"CREATE TRIGGER {name} {timing} FOR EACH ROW{guard} EXECUTE FUNCTION {name}_fn()")
    if name.endswith("append_only_delete"):
        table = timing.rsplit(" ", 1)[-1]
        op.execute(f"CREATE TRIGGER {name}_all BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {name}_fn()")
