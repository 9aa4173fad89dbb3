"""Triggers for both databases from one description; a refusal looks like a broken constraint to the caller."""

from alembic import op


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
