"""One change, one transaction: whole or not at all, never nested, never forgotten."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db, lock
from crowdfund.core.errors import Busy, NotFound, Refused
from crowdfund.core.unit_of_work import is_open, unit_of_work
from tests.support.factories import make_person
from tests.support.threads import failures, together

pytestmark = pytest.mark.database


def person(clock: FixedClock, number: int = 1) -> Person:
    return Person(public_id=f"{number:026d}", email=f"p{number}@example.org", name="Rosa", created_at=clock.now())


def people(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Person)) or 0


def test_what_happened_inside_is_there_afterwards(app: Flask, db_session: Session, clock: FixedClock) -> None:
    with unit_of_work() as session:
        session.add(person(clock))
    with app.app_context():
        assert people(db.session()) == 1


@pytest.mark.parametrize("error", [ValueError("x"), Refused("no", "No."), KeyboardInterrupt()])
def test_whatever_is_raised_undoes_all_of_it(db_session: Session, clock: FixedClock, error: BaseException) -> None:
    def fail() -> None:
        with unit_of_work() as session:
            session.add(person(clock))
            session.flush()
            raise error

    with pytest.raises(type(error)):
        fail()
    assert people(db_session) == 0
    assert not is_open(db_session)


def test_a_broken_constraint_undoes_all_of_it_and_the_session_goes_on(db_session: Session, clock: FixedClock) -> None:
    def write_twice() -> None:
        with unit_of_work() as session:
            for _ in range(2):
                session.add(person(clock, 1))
                session.flush()

    with pytest.raises(IntegrityError):
        write_twice()
    with unit_of_work() as session:
        session.add(person(clock, 2))
    assert people(db_session) == 1


def test_a_second_unit_inside_the_first_is_a_defect(db_session: Session, clock: FixedClock) -> None:
    def nest() -> None:
        with unit_of_work() as session:
            session.add(person(clock))
            with unit_of_work():
                pass

    with pytest.raises(RuntimeError, match="open already"):
        nest()
    assert people(db_session) == 0


def test_a_write_outside_a_unit_is_a_defect(db_session: Session, clock: FixedClock) -> None:
    db_session.add(person(clock))
    with pytest.raises(RuntimeError, match="outside a unit of work"):
        db_session.flush()
    db_session.rollback()


def test_what_was_read_before_is_read_again_inside(app: Flask, db_session: Session, clock: FixedClock) -> None:
    rosa = make_person(clock.now())
    assert db_session.scalars(select(Person.name)).all() == ["Rosa Field"]

    def rename() -> None:
        with unit_of_work() as session:
            session.execute(text("UPDATE person SET name = 'Rosa Meadow'"))

    assert failures(together(app, [rename])) == []
    with unit_of_work() as session:
        assert session.get_one(Person, rosa.id).name == "Rosa Meadow"


def test_a_lock_reads_the_row_as_it_is_now(app: Flask, db_session: Session, clock: FixedClock) -> None:
    rosa = make_person(clock.now())

    def rename() -> None:
        with unit_of_work() as session:
            session.execute(text("UPDATE person SET name = name || '!'"))

    assert failures(together(app, [rename] * 5)) == []
    with unit_of_work() as session:
        assert lock(session, Person, rosa.id).name == "Rosa Field!!!!!"
        with pytest.raises(NotFound):
            lock(session, Person, rosa.id + 1)


def test_two_that_add_to_one_row_wait_for_each_other(app: Flask, db_session: Session, clock: FixedClock) -> None:
    rosa = make_person(clock.now(), name="")

    def grow() -> None:
        with unit_of_work() as session:
            row = lock(session, Person, rosa.id)
            row.name += "x"

    assert failures(together(app, [grow] * 12)) == []
    assert db_session.scalar(select(Person.name)) == "x" * 12


def test_a_write_that_the_database_cannot_take_is_busy(app: Flask, db_session: Session, clock: FixedClock) -> None:
    statement = "PRAGMA query_only = ON" if db.engine.dialect.name == "sqlite" else "SET TRANSACTION READ ONLY"

    def write() -> None:
        with unit_of_work() as session:
            session.execute(text(statement))
            session.add(person(clock))

    with pytest.raises(Busy):
        write()
    db.session.remove()
    db.engine.dispose()
    assert people(db.session()) == 0
