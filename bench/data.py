"""Bulk data: projects with crowds of very different sizes, in ledger, pledges and crowds alike."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table

from tests.support.tampering import without_triggers

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LINES = (("cost", "Timber", 200_000), ("cost", "Tools", 100_000), ("money_use", "a plank", 1_000))
FAR = timedelta(days=365 * 20)
POPULAR = 10
POPULAR_SHARE = 0.3
BATCH = 5000


@dataclass(frozen=True)
class Size:
    """How much data."""

    projects: int
    pledges: int

    def crowds(self) -> list[int]:
        """Return how many pledges each project has: three in ten are on ten popular ones."""
        popular = min(POPULAR, self.projects)
        many = int(self.pledges * POPULAR_SHARE) // popular
        few = (self.pledges - many * popular) // max(1, self.projects - popular)
        return [many] * popular + [few] * (self.projects - popular)


def fill(engine: Engine, size: Size) -> None:
    """Fill an empty, migrated database that holds the districts; its invariants hold afterwards."""
    tables = MetaData()
    tables.reflect(engine)
    crowds = size.crowds()
    with without_triggers(engine) as connection:
        writer = Writer(connection, tables)
        writer.add("person", _people(max(crowds)))
        writer.add("community_group", _groups())
        writer.add("ledger_account", _accounts(crowds))
        writer.add("project", _projects(size.projects))
        writer.add("project_line", _lines(size.projects))
        writer.add("crowd", ({"project_id": i + 1, "backers": n, "version": n} for i, n in enumerate(crowds) if n))
        for name in ("card_checkout", "pledge", "ledger_entry", "ledger_line"):
            writer.add(name, _ROWS[name](crowds))
        if engine.dialect.name == "postgresql":
            for name in ("person", "community_group", "ledger_account", "project", "card_checkout", "pledge"):
                writer.restart(name)
            writer.restart("ledger_entry")
            writer.restart("ledger_line")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


class Writer:
    """Writes rows in batches."""

    def __init__(self, connection: Connection, tables: MetaData) -> None:
        self._connection, self._tables = connection, tables

    def add(self, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows; those of a table all have the same keys."""
        table: Table = self._tables.tables[name]
        for batch in _batches(rows):
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
        """Let a PostgreSQL sequence go on after what was copied in."""
        self._connection.exec_driver_sql(f"SELECT setval('{name}_id_seq', (SELECT MAX(id) FROM {name}))")


def _people(count: int) -> Iterator[dict[str, Any]]:
    for n in range(1, count + 1):
        yield {
            "id": n,
            "public_id": f"p{n:025d}",
            "email": f"p{n}@example.com",
            "name": f"Person {n}",
            "created_at": NOW,
        }


def _groups() -> Iterator[dict[str, Any]]:
    for n in range(1, 101):
        yield {
            "id": n,
            "public_id": f"g{n:025d}",
            "slug": f"group-{n}",
            "name": f"Group {n}",
            "legal_form": "association",
            "about": "We meet on Tuesdays.",
            "town": "Ashford",
            "district_code": "E07000105",
            "contact_email": "group@example.org",
            "created_at": NOW,
        }


def _accounts(crowds: list[int]) -> Iterator[dict[str, Any]]:
    common = {"book": "promise", "source": "", "year": "", "lock_rank": 0}
    for index, crowd in enumerate(crowds):
        total = sum(_amount(k) for k in range(crowd))
        for side, (kind, balance, floor) in enumerate((("backers", -total, None), ("pledged", total, 0))):
            row = {"id": 2 * index + side + 1, "kind": kind, "subject_id": index + 1}
            yield common | row | {"balance_pence": balance, "floor_pence": floor}


def _projects(count: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(1)
    for n in range(1, count + 1):
        launched = NOW - timedelta(minutes=n)
        yield {
            "id": n,
            "public_id": f"j{n:025d}",
            "slug": f"project-{n}",
            "group_id": n % 100 + 1,
            "state": "live",
            "title": f"A bench for street number {n}",
            "aim": "A bench where people can rest on the way to the shops.",
            "story": "## What we want to do\n\n" + "We put up a bench and look after it. " * 40,
            "theme": draw.choice(("community_spaces", "arts_heritage", "sport_play")),
            "place": "Ashford",
            "district_code": f"E070001{draw.randrange(5, 17):02d}",
            "picture": "images/scenes/allotment.svg",
            "picture_alt": "An allotment",
            "target_pence": 300_000,
            "stretch_use": "",
            "if_too_little": "Nobody is charged.",
            "if_too_much": "We plant a tree.",
            "risks": "Rain.",
            "permissions": "The parish agreed.",
            "campaign_days": 42,
            "backers_account_id": 2 * n - 1,
            "pledged_account_id": 2 * n,
            "created_at": launched,
            "checked_at": launched,
            "launched_at": launched,
            "deadline": launched + FAR,
        }


def _lines(count: int) -> Iterator[dict[str, Any]]:
    flags = {"is_capital": False, "is_public": False, "is_confirmed": False}
    for n in range(1, count + 1):
        for position, (kind, label, pence) in enumerate(LINES):
            row = {"project_id": n, "kind": kind, "position": position, "label": label, "amount_pence": pence}
            yield {"id": n * len(LINES) + position} | row | flags


def _each(crowds: list[int]) -> Iterator[tuple[int, int, int]]:
    number = 0
    for index, crowd in enumerate(crowds):
        for k in range(crowd):
            number += 1
            yield number, index + 1, k


def _checkouts(crowds: list[int]) -> Iterator[dict[str, Any]]:
    for n, _, _ in _each(crowds):
        known = {"id": n, "public_id": f"c{n:025d}", "subject": f"pledge:{n}", "state": "complete"}
        yield known | {"payment_method_ref": f"pm_{n}", "created_at": NOW}


def _pledges(crowds: list[int]) -> Iterator[dict[str, Any]]:
    flags = {"message": "", "share_with_group": False, "wants_news": False, "changes": 0}
    shown = {"name_audience": "everyone", "amount_audience": "everyone", "state": "active", "created_at": NOW}
    for n, project, k in _each(crowds):
        ids = {"id": n, "public_id": f"l{n:025d}", "reference": f"P-{n:08d}", "start_token": f"t{n:025d}"}
        links = {"project_id": project, "person_id": k + 1, "checkout_id": n, "backer_name": f"Person {k + 1}"}
        money = {"amount_pence": _amount(k), "consented_pence": _amount(k), "active_at": NOW - timedelta(seconds=n)}
        yield ids | links | money | shown | flags


def _entries(crowds: list[int]) -> Iterator[dict[str, Any]]:
    for n, _, _ in _each(crowds):
        row = {"id": n, "book": "promise", "event": "pledge_made", "key": f"pledge:{n}:made"}
        yield row | {"actor": "system:bench", "at": NOW, "sealed": True}


def _ledger_lines(crowds: list[int]) -> Iterator[dict[str, Any]]:
    for n, project, k in _each(crowds):
        yield {"id": 2 * n - 1, "entry_id": n, "account_id": 2 * project - 1, "amount_pence": -_amount(k)}
        yield {"id": 2 * n, "entry_id": n, "account_id": 2 * project, "amount_pence": _amount(k)}


def _amount(k: int) -> int:
    return (500, 1000, 2500, 5000)[k % 4]


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


_ROWS = {"card_checkout": _checkouts, "pledge": _pledges, "ledger_entry": _entries, "ledger_line": _ledger_lines}
