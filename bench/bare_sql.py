"""A pledge made to count as plain SQL on the bare driver: the statements of the action, and nothing else."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

import psycopg
from sqlalchemy.engine import make_url

from bench.crew import wait_until
from bench.todo import Todo

STATEMENTS = """
SELECT id, state, deadline, backers_account_id, pledged_account_id FROM project WHERE id = :project{lock};
SELECT * FROM pledge WHERE id = :pledge{lock};
UPDATE pledge SET state = 'active', checkout_id = :pledge, active_at = :at WHERE id = :pledge;
INSERT INTO ledger_entry (book, event, key, actor, at, sealed)
    VALUES ('promise', 'pledge_made', :key, 'system:bench', :at, {false}) RETURNING id;
INSERT INTO ledger_line (entry_id, account_id, amount_pence)
    VALUES (:entry, :backers, -2500), (:entry, :pledged, 2500);
UPDATE ledger_entry SET sealed = {true} WHERE id = :entry;
INSERT INTO audit_event (at, tag, actor, subject_kind, subject_id, data)
    VALUES (:at, 'pledge:activated', 'system:bench', 'pledge', :pledge, '{{}}');
INSERT INTO job (kind, payload, dedupe_key, state, run_after, tries, created_at)
    VALUES ('pledges:mail', '{{}}', :key, 'waiting', :at, 0, :at) ON CONFLICT DO NOTHING
"""
_NAMES = ("project", "pledged", "pledge", "key", "at", "entry", "backers")  # the longer name first


def work(starts_at: float, url: str, todo: Sequence[Todo]) -> Iterator[float]:
    """Yield the moment to begin, then carry the pledges out one after the other, each in its transaction."""
    return _postgres(starts_at, url, todo) if url.startswith("postgresql") else _sqlite(starts_at, url, todo)


def _postgres(starts_at: float, url: str, todo: Sequence[Todo]) -> Iterator[float]:
    at = make_url(url)
    host = at.query["host"]
    assert isinstance(host, str)
    with psycopg.connect(host=host, user=at.username, dbname=at.database) as connection:
        sql = list(_dialect("%({})s", " FOR NO KEY UPDATE", "TRUE", "FALSE"))
        wait_until(starts_at)
        for item in todo:
            _one(connection.execute, sql, item)
            connection.commit()
            yield 0.0


def _sqlite(starts_at: float, url: str, todo: Sequence[Todo]) -> Iterator[float]:
    path = make_url(url).database
    assert path is not None
    with closing(sqlite3.connect(path, timeout=15, isolation_level=None)) as connection:
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")
        sql = list(_dialect(":{}", "", "1", "0"))
        wait_until(starts_at)
        for item in todo:
            connection.execute("BEGIN IMMEDIATE")
            _one(connection.execute, sql, item)
            connection.execute("COMMIT")
            yield 0.0
