"""The database allows exactly the moves of the tables in the code: every pair of states is tried by raw SQL."""

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.checking.rules import CONCERN_MACHINE as CONCERN
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.state_edges import StateEdge
from crowdfund.core.states import Machine
from crowdfund.grants.rules import APPLICATIONS, ROUNDS
from crowdfund.groups.rules import HOST_MACHINE as HOST
from crowdfund.groups.rules import INVITATION_MACHINE as INVITATION
from crowdfund.matching.rules import MACHINE as OFFER
from crowdfund.payments.rules import ATTEMPTS, DISPUTES, REFUNDS
from crowdfund.payments.rules import MACHINE as CHECKOUT
from crowdfund.payouts.rules import MACHINE as PAYOUT
from crowdfund.pledges.rules import MACHINE as PLEDGE
from crowdfund.projects.rules import MACHINE as PROJECT
from tests.support.raw_rows import fresh, insert_row, model_table, read_row
from tests.support.tampering import undone
from tests.support.world import make_world

pytestmark = pytest.mark.database

MACHINES: dict[str, tuple[Machine, str]] = {
    "project": (PROJECT, "draft"),
    "pledge": (PLEDGE, "setup"),
    "card_checkout": (CHECKOUT, "creating"),
    "host": (HOST, "asked"),
    "invitation": (INVITATION, "open"),
    "concern": (CONCERN, "open"),
    "charge_attempt": (ATTEMPTS, "prepared"),
    "refund": (REFUNDS, "asked"),
    "dispute": (DISPUTES, "open"),
    "payout": (PAYOUT, "prepared"),
    "match_offer": (OFFER, "pitched"),
    "grant_round": (ROUNDS, "draft"),
    "grant_application": (APPLICATIONS, "draft"),
}


def path(machine: Machine, start: str, goal: str) -> list[str]:
    """Return the shortest way of allowed moves from one state to another."""
    ways, waiting = {start: [start]}, [start]
    for state in waiting:
        for old, new in machine.pairs():
            if old == state and new not in ways:
                ways[new] = [*ways[state], new]
                waiting.append(new)
    return ways[goal]


def start_again(connection: Connection, name: str, first: str) -> int:
    """Insert a copy of a row, filled in so far that no other constraint speaks first, and return its id."""
    of = model_table(name)
    row = fresh(connection, of, read_row(connection, of)) | {"state": first}
    if "person_id" in row:
        row["person_id"] = connection.scalar(text("SELECT MIN(id) FROM person"))
    if "subject" in row:
        row["subject"] = "pledge:99"
    insert_row(connection, of, row)
    return int(row["id"])


def allowed_by_the_database(name: str) -> set[tuple[str, str]]:
    """Try every pair of states on a row and return the moves that went through."""
    allowed = set()
    for old in MACHINES[name][0].moves:
        with undone(db.engine) as connection:
            allowed |= {(old.value, new) for new in moves_from(connection, name, old.value)}
    return allowed


def moves_from(connection: Connection, name: str, old: str) -> set[str]:
    machine, first = MACHINES[name]
    copied = start_again(connection, name, first)
    move = text(f"UPDATE {name} SET state = :state WHERE id = {copied}")
    for step in path(machine, first, old)[1:]:
        connection.execute(move, {"state": step})
    possible = set()
    for new in machine.moves:
        connection.exec_driver_sql("SAVEPOINT try")
        try:
            connection.execute(move, {"state": new.value})
            possible.add(new.value)
        except IntegrityError as refused:
            if f"{name}_edge" not in str(refused):
                raise
        connection.exec_driver_sql("ROLLBACK TO try")
    return possible


@pytest.mark.parametrize("name", MACHINES)
def test_the_rows_are_the_moves_of_the_code(db_session: Session, name: str) -> None:
    rows = db_session.execute(select(StateEdge.old_state, StateEdge.new_state).where(StateEdge.machine == name))
    assert {tuple(row) for row in rows} == set(MACHINES[name][0].pairs())


def test_there_are_rows_for_these_machines_only(db_session: Session) -> None:
    assert set(db_session.scalars(select(StateEdge.machine))) == set(MACHINES)


@pytest.mark.parametrize("name", MACHINES)
def test_the_database_allows_these_moves_and_no_other(db_session: Session, clock: FixedClock, name: str) -> None:
    make_world(clock)
    machine = MACHINES[name][0]
    staying = {(state.value, state.value) for state in machine.moves}
    assert allowed_by_the_database(name) == set(machine.pairs()) | staying
