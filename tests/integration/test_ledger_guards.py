"""What the database itself refuses of the ledger, whoever asks; and what the check finds where it cannot refuse."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import breaches
from tests.support.factories import TESTER
from tests.support.tampering import transaction, without_triggers

pytestmark = pytest.mark.database

ENTRY = (
    "INSERT INTO ledger_entry (id, book, event, key, actor, at, sealed) VALUES"
    " ({id}, '{book}', 'pledge_made', 'key {id}', 'x', '2027-01-18 09:00:00', {sealed})"
)
LINE = "INSERT INTO ledger_line (entry_id, account_id, amount_pence) VALUES ({entry}, {account}, {pence})"
SEAL = "UPDATE ledger_entry SET sealed = true WHERE id = {id}"
# Accounts: 1 backers and 2 pledged of the promise book, 3 provider and 4 held of the cash book. Entries 1, 2: sealed.
OPEN = ENTRY.format(id=90, book="promise", sealed="false")
REFUSED: dict[str, list[str]] = {
    "change a line": ["UPDATE ledger_line SET amount_pence = amount_pence + 1"],
    "delete a line": ["DELETE FROM ledger_line WHERE id = 1"],
    "delete an entry": ["DELETE FROM ledger_entry WHERE id = 1"],
    "delete an open entry": [OPEN, "DELETE FROM ledger_entry WHERE id = 90"],
    "delete an account": ["DELETE FROM ledger_account WHERE id = 4"],
    "rename an entry": ["UPDATE ledger_entry SET key = 'other' WHERE id = 1"],
    "redate an entry": ["UPDATE ledger_entry SET at = '2020-01-01 00:00:00' WHERE id = 1"],
    "unseal an entry": ["UPDATE ledger_entry SET sealed = false WHERE id = 1"],
    "seal an entry twice": [SEAL.format(id=1)],
    "change an open entry": [OPEN, "UPDATE ledger_entry SET actor = 'other' WHERE id = 90"],
    "change an entry while sealing it": [
        OPEN,
        LINE.format(entry=90, account=1, pence=-5),
        LINE.format(entry=90, account=2, pence=5),
        "UPDATE ledger_entry SET sealed = true, actor = 'other' WHERE id = 90",
    ],
    "start sealed": [ENTRY.format(id=90, book="promise", sealed="true")],
    "add to a sealed entry": [LINE.format(entry=1, account=4, pence=5)],
    "add a line of the other book": [OPEN, LINE.format(entry=90, account=4, pence=5)],
    "add a line of nothing": [OPEN, LINE.format(entry=90, account=1, pence=0)],
    "add two lines of one account": [
        OPEN,
        LINE.format(entry=90, account=1, pence=5),
        LINE.format(entry=90, account=1, pence=-5),
    ],
    "seal without lines": [OPEN, SEAL.format(id=90)],
    "seal with one line": [OPEN, LINE.format(entry=90, account=1, pence=-5), SEAL.format(id=90)],
    "seal out of balance": [
        OPEN,
        LINE.format(entry=90, account=1, pence=-5),
        LINE.format(entry=90, account=2, pence=4),
        SEAL.format(id=90),
    ],
    "overdraw by sealing": [
        OPEN,
        LINE.format(entry=90, account=1, pence=9_999_999),
        LINE.format(entry=90, account=2, pence=-9_999_999),
        SEAL.format(id=90),
    ],
    "overdraw by hand": ["UPDATE ledger_account SET balance_pence = -1 WHERE id = 2"],
    "give an account another kind": ["UPDATE ledger_account SET kind = 'held' WHERE id = 2"],
    "move an account to the other book": ["UPDATE ledger_account SET book = 'cash' WHERE id = 2"],
    "give an account to another project": ["UPDATE ledger_account SET subject_id = 8 WHERE id = 2"],
    "take a floor away": ["UPDATE ledger_account SET floor_pence = NULL WHERE id = 2"],
    "lower a floor": ["UPDATE ledger_account SET floor_pence = -100 WHERE id = 2"],
}
ON_SQLITE = {
    "replace a line": ["REPLACE INTO ledger_line (id, entry_id, account_id, amount_pence) VALUES (1, 1, 1, 77)"],
    "replace an entry": [ENTRY.format(id=1, book="promise", sealed="false").replace("INSERT", "REPLACE")],
}
ON_POSTGRESQL = {
    "change a balance by hand": ["UPDATE ledger_account SET balance_pence = balance_pence + 1 WHERE id = 2"],
    "empty the lines": ["TRUNCATE ledger_line"],
    "empty the entries": ["TRUNCATE ledger_entry CASCADE"],
    "empty the accounts": ["TRUNCATE ledger_account CASCADE"],
    "empty the audit trail": ["TRUNCATE audit_event CASCADE"],
    "empty the seals": ["TRUNCATE audit_seal"],
}
RICH = (
    "INSERT INTO ledger_account (book, kind, subject_id, source, year, lock_rank, balance_pence)"
    " VALUES ('cash', 'held', 99, '', '', 0, 500)"
)
FOUND = {
    "a changed line": ("UPDATE ledger_line SET amount_pence = amount_pence + 1 WHERE id = 1", "does not add up"),
    "a deleted line": ("DELETE FROM ledger_line WHERE id = 1", "does not add up"),
    "a changed balance": ("UPDATE ledger_account SET balance_pence = 77 WHERE id = 2", "its lines say"),
    "an account that starts with money": (
        RICH,
        "says 500 pence, its lines say 0",
    ),
    "an entry left open": (OPEN, "1 ledger entries are not sealed"),
    "a line in the wrong book": ("UPDATE ledger_line SET account_id = 4 WHERE id = 1", "mixes the two books"),
}


@pytest.fixture(autouse=True)
def two_entries(db_session: Session, clock: FixedClock) -> Iterator[None]:
    """One entry in each book."""
    with unit_of_work() as session:
        accounts = postings.open_project(session, 7)
        postings.make_pledge(Posting(session, "a", TESTER, clock.now()), accounts, 2500)
        postings.collect_charge(Posting(session, "b", TESTER, clock.now()), 7, 2500, 0)
    yield
    assert db_session.execute(text("SELECT COUNT(*) FROM ledger_line")).scalar() is not None


def attempt(statements: list[str]) -> None:
    with transaction(db.engine) as connection:
        run(connection, statements)


def run(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(text(statement))


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses_to(db_session: Session, what: str) -> None:
    with pytest.raises(DBAPIError):
        attempt(REFUSED[what])
    assert list(breaches(db_session)) == []


def test_the_database_refuses_ways_around_of_its_own_kind(db_session: Session) -> None:
    for statements in (ON_SQLITE if db.engine.dialect.name == "sqlite" else ON_POSTGRESQL).values():
        with pytest.raises(DBAPIError):
            attempt(statements)
    assert list(breaches(db_session)) == []


def test_every_step_before_the_last_of_a_refusal_is_fine_by_itself(db_session: Session) -> None:
    attempt([OPEN, LINE.format(entry=90, account=1, pence=-5), LINE.format(entry=90, account=2, pence=5)])
    attempt([SEAL.format(id=90)])
    assert list(breaches(db_session)) == []


@pytest.mark.parametrize("what", FOUND)
def test_the_check_finds(db_session: Session, what: str) -> None:
    statement, words = FOUND[what]
    with without_triggers(db.engine) as connection:
        connection.execute(text(statement))
    assert [breach for breach in breaches(db_session) if words in breach]
