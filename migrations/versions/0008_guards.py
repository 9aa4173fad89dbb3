"""Guards: what may never change, moves that are allowed, and balances that only sealed entries move."""

from migrations.triggers import drop, free_moves, guard_moves, install

revision = "0008_guards"
down_revision = "0007_pledges"
branch_labels = None
depends_on = None

EDGES = (
    ("project", "draft", "submitted"),
    ("project", "submitted", "changes_requested ready declined"),
    ("project", "changes_requested", "submitted"),
    ("project", "ready", "live"),
    ("project", "live", "paused collecting unsuccessful cancelled"),
    ("project", "paused", "live cancelled"),
    ("project", "collecting", "funded shortfall"),
    ("project", "shortfall", "funded refunding"),
    ("project", "refunding", "refunded"),
    ("project", "funded", "ring_fenced delivering"),
    ("project", "ring_fenced", "delivering refunding"),
    ("project", "delivering", "completed"),
    ("pledge", "setup", "active abandoned"),
    ("pledge", "active", "withdrawn released collecting"),
    ("pledge", "collecting", "paid fixing lapsed"),
    ("pledge", "fixing", "collecting lapsed"),
    ("pledge", "paid", "refunded disputed"),
    ("pledge", "disputed", "paid charged_back"),
    ("card_checkout", "creating", "open expired"),
    ("card_checkout", "open", "complete expired"),
)
APPEND_ONLY = ("audit_event", "audit_seal", "ledger_line")

COUNTING = "('active', 'collecting', 'fixing', 'paid', 'disputed')"
SAME_ENTRY = (
    "NEW.id = OLD.id AND NEW.book = OLD.book AND NEW.event = OLD.event AND NEW.key = OLD.key"
    " AND NEW.actor = OLD.actor AND NEW.at = OLD.at AND COALESCE(NEW.reverses_id, 0) = COALESCE(OLD.reverses_id, 0)"
)
FIXED_ACCOUNT = (
    "NEW.id = OLD.id AND NEW.book = OLD.book AND NEW.kind = OLD.kind AND NEW.subject_id = OLD.subject_id"
    " AND NEW.source = OLD.source AND NEW.year = OLD.year AND NEW.lock_rank = OLD.lock_rank"
    " AND COALESCE(NEW.floor_pence, -1) = COALESCE(OLD.floor_pence, -1)"
)
SEAL_SQLITE = """
    UPDATE ledger_account SET balance_pence = balance_pence
        + (SELECT amount_pence FROM ledger_line WHERE entry_id = OLD.id AND account_id = ledger_account.id)
    WHERE id IN (SELECT account_id FROM ledger_line WHERE entry_id = OLD.id)
"""
# One by one in lock order: two entries that share accounts can wait for each other, never for ever.
SEAL_POSTGRESQL = """
    FOR line IN SELECT l.account_id, l.amount_pence FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id
        WHERE l.entry_id = OLD.id ORDER BY a.lock_rank, a.id LOOP
        UPDATE ledger_account SET balance_pence = balance_pence + line.amount_pence WHERE id = line.account_id;
    END LOOP
"""
CROWD = """
    INSERT INTO crowd (project_id, backers, version)
    VALUES (NEW.project_id, CASE WHEN NEW.state IN {counting} THEN 1 ELSE 0 END, 1)
    ON CONFLICT (project_id) DO UPDATE SET version = crowd.version + 1, backers = crowd.backers
        + CASE WHEN NEW.state IN {counting} THEN 1 ELSE 0 END - CASE WHEN OLD.state IN {counting} THEN 1 ELSE 0 END
""".format(counting=COUNTING)  # noqa: UP032 - the statement is easier to read whole


def upgrade() -> None:
    for table in APPEND_ONLY:
        install(
            f"{table}_append_only_update", f"BEFORE UPDATE ON {table}", refuse="1 = 1", why=f"{table} is append-only"
        )
    for table in (*APPEND_ONLY, "ledger_entry", "ledger_account"):
        install(
            f"{table}_append_only_delete", f"BEFORE DELETE ON {table}", refuse="1 = 1", why=f"{table} is append-only"
        )
    _guard_ledger()
    guard_moves(EDGES)
    install(
        "project_locked",
        "BEFORE UPDATE OF target_pence, launched_at, deadline ON project",
        refuse="OLD.launched_at IS NOT NULL AND (NEW.launched_at IS NULL OR NEW.deadline IS NULL"
        " OR NEW.target_pence <> OLD.target_pence OR NEW.launched_at <> OLD.launched_at"
        " OR NEW.deadline <> OLD.deadline)",
        why="target and dates stand from the launch on: backers agreed to them",
    )
    _guard_pledges()


def _guard_ledger() -> None:
    install(
        "ledger_entry_starts_open",
        "BEFORE INSERT ON ledger_entry",
        refuse="NEW.sealed",
        why="a ledger entry starts without a seal",
    )
    install(
        "ledger_line_one_book",
        "BEFORE INSERT ON ledger_line",
        refuse="NOT EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_account a ON a.book = e.book"
        " WHERE e.id = NEW.entry_id AND a.id = NEW.account_id AND NOT e.sealed)",
        why="a line joins an open entry of its own book only",
    )
    install(
        "ledger_entry_seal",
        "BEFORE UPDATE ON ledger_entry",
        refuse=f"OLD.sealed OR NOT NEW.sealed OR NOT ({SAME_ENTRY})"
        " OR (SELECT COUNT(*) < 2 OR SUM(amount_pence) <> 0 FROM ledger_line WHERE entry_id = OLD.id)",
        why="a ledger entry is only ever sealed, with lines that add up to nothing",
        sqlite=SEAL_SQLITE,
        postgresql=SEAL_POSTGRESQL,
    )
    install(
        "ledger_account_starts_empty",
        "BEFORE INSERT ON ledger_account",
        refuse="NEW.balance_pence <> 0",
        why="only a sealed entry moves a balance",
    )
    install(
        "ledger_account_fixed",
        "BEFORE UPDATE ON ledger_account",
        refuse=f"NOT ({FIXED_ACCOUNT})",
        why="an account stays what it was opened as",
        refuse_postgresql="OR (NEW.balance_pence <> OLD.balance_pence AND pg_trigger_depth() < 2)",
    )


def _guard_pledges() -> None:
    install(
        "pledge_starts_in_setup",
        "BEFORE INSERT ON pledge",
        refuse="NEW.state <> 'setup'",
        why="a pledge starts in set-up",
    )
    install(
        "pledge_amount_frozen",
        "BEFORE UPDATE OF amount_pence ON pledge",
        refuse="NEW.amount_pence <> OLD.amount_pence AND OLD.state NOT IN ('setup', 'active')",
        why="the amount is frozen",
    )
    moved = f"(NEW.state IN {COUNTING} OR OLD.state IN {COUNTING})"
    changed = "(NEW.state <> OLD.state OR NEW.amount_pence <> OLD.amount_pence)"
    install(
        "pledge_crowd",
        "AFTER UPDATE OF state, amount_pence ON pledge",
        when=f"{moved} AND {changed}",
        sqlite=CROWD,
        postgresql=CROWD,
    )


def downgrade() -> None:
    drop("pledge_crowd")
    drop("pledge_amount_frozen")
    drop("pledge_starts_in_setup")
    free_moves(EDGES)
    drop("project_locked")
    drop("ledger_account_starts_empty")
    drop("ledger_account_fixed")
    drop("ledger_entry_seal")
    drop("ledger_line_one_book")
    drop("ledger_entry_starts_open")
    for table in (*APPEND_ONLY, "ledger_entry", "ledger_account"):
        drop(f"{table}_append_only_delete")
    for table in APPEND_ONLY:
        drop(f"{table}_append_only_update")
