"""Pledges made to count: through the application's action, and as the same SQL on a bare driver."""

import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import Engine, MetaData
from sqlalchemy.engine import make_url

from bench.data import NOW, Writer
from crowdfund.core.actor import SystemActor
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges.actions import activate_pledge
from tests.support.tampering import transaction

ACTOR = SystemActor("bench")
WHEN = NOW + timedelta(hours=1)
_numbers = itertools.count(1)

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


@dataclass(frozen=True)
class Todo:
    """A pledge in set-up whose card is saved."""

    pledge: int
    project: int


def prepare(engine: Engine, count: int, projects: int, first: int = 1) -> list[Todo]:
    """Put pledges in set-up into the database, spread over so many projects from the `first` on, and return them."""
    tables = MetaData()
    tables.reflect(engine)
    todo = [Todo(10_000_000 + next(_numbers), first + n % projects) for n in range(count)]
    with transaction(engine) as connection:
        writer = Writer(connection, tables)
        writer.add("person", (_person(t) for t in todo))
        writer.add("card_checkout", (_checkout(t) for t in todo))
        writer.add("pledge", (_pledge(t) for t in todo))
    return todo


def application(app: Flask, todo: list[Todo], clients: int) -> float:
    """Return pledges a second through the application's action, without HTTP."""

    def work(mine: list[Todo]) -> None:
        with app.app_context():
            for item in mine:
                with unit_of_work() as session:
                    assert activate_pledge(session, item.pledge, item.pledge, actor=ACTOR, now=WHEN)
            db.session.remove()

    return _timed(work, todo, clients)


def bare(url: str, todo: list[Todo], clients: int) -> float:
    """Return pledges a second as the same statements on the bare driver."""
    run = _postgres if url.startswith("postgresql") else _sqlite
    return _timed(lambda mine: run(url, mine), todo, clients)


def _timed(work: Callable[[list[Todo]], None], todo: list[Todo], clients: int) -> float:
    with ThreadPoolExecutor(clients) as pool:
        began = time.perf_counter()
        for done in [pool.submit(work, todo[n::clients]) for n in range(clients)]:
            done.result()
        return len(todo) / (time.perf_counter() - began)


def _postgres(url: str, todo: list[Todo]) -> None:
    at = make_url(url)
    with psycopg.connect(host=at.query["host"], user=at.username, dbname=at.database) as connection:
        sql = list(_dialect("%({})s", " FOR NO KEY UPDATE", "TRUE", "FALSE"))
        for item in todo:
            _one(connection.execute, sql, item)
            connection.commit()


def _sqlite(url: str, todo: list[Todo]) -> None:
    path = make_url(url).database
    assert path is not None
    with closing(sqlite3.connect(path, timeout=15, isolation_level=None)) as connection:
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")
        sql = list(_dialect(":{}", "", "1", "0"))
        for item in todo:
            connection.execute("BEGIN IMMEDIATE")
            _one(connection.execute, sql, item)
            connection.execute("COMMIT")


def _dialect(mark: str, lock: str, true: str, false: str) -> Iterator[str]:
    names = ("project", "pledged", "pledge", "key", "at", "entry", "backers")  # the longer name first
    for statement in STATEMENTS.strip().split(";\n"):
        sql = statement.format(lock=lock, true=true, false=false)
        for name in names:
            sql = sql.replace(f":{name}", mark.format(name)) if mark != ":{}" else sql
        yield sql


def _one(execute: Callable[..., Any], sql: list[str], item: Todo) -> None:
    values: dict[str, Any] = {"project": item.project, "pledge": item.pledge, "at": WHEN.isoformat(" ")}
    values["key"] = f"pledge:{item.pledge}:made"
    row = execute(sql[0], values).fetchone()
    values |= {"backers": row[3], "pledged": row[4]}
    execute(sql[1], values).fetchone()
    execute(sql[2], values)
    values["entry"] = execute(sql[3], values).fetchone()[0]
    for statement in sql[4:]:
        execute(statement, values)


def _person(item: Todo) -> dict[str, Any]:
    n = item.pledge
    return {"id": n, "public_id": f"q{n:025d}", "email": f"q{n}@example.com", "name": "Q", "created_at": NOW}


def _checkout(item: Todo) -> dict[str, Any]:
    n = item.pledge
    known = {"id": n, "public_id": f"k{n:025d}", "subject": f"pledge:{n}", "state": "complete"}
    return known | {"payment_method_ref": f"pm_{n}", "created_at": NOW}


def _pledge(item: Todo) -> dict[str, Any]:
    n = item.pledge
    return {
        "id": n,
        "public_id": f"m{n:025d}",
        "reference": f"B-{n}",
        "start_token": f"u{n:025d}",
        "project_id": item.project,
        "person_id": n,
        "state": "setup",
        "amount_pence": 2500,
        "consented_pence": 2500,
        "changes": 0,
        "backer_name": "Q",
        "name_audience": "everyone",
        "amount_audience": "everyone",
        "message": "",
        "share_with_group": False,
        "wants_news": False,
        "created_at": NOW,
    }
