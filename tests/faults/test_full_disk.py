"""A database that cannot be written: people are told, nothing is half there, and reading goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Busy
from crowdfund.core.jobs import Job
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import breaches
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project, ProjectUpdate
from tests.support.client import HouseClient
from tests.support.factories import TESTER, make_project, save_card, start
from tests.support.signed import signed_event
from tests.support.totals import totals

READ_ONLY = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET default_transaction_read_only = on"}


@contextmanager
def each_connection(statement: str) -> Iterator[None]:
    """Say `statement` on every connection of the application that is opened meanwhile."""

    def on_connect(connection: Any, _record: Any) -> None:
        connection.execute(statement)
        if db.engine.dialect.name == "postgresql":
            connection.commit()

    db.session.rollback()
    db.engine.dispose()
    event.listen(db.engine, "connect", on_connect)
    try:
        yield
    finally:
        event.remove(db.engine, "connect", on_connect)
        db.session.rollback()
        db.engine.dispose()


@contextmanager
def full() -> Iterator[None]:
    """Let SQLite's file grow no further; PostgreSQL keeps its own room and is set to refuse writes instead."""
    if db.engine.dialect.name == "postgresql":
        with each_connection(READ_ONLY["postgresql"]):
            yield
        return
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with each_connection(f"PRAGMA max_page_count = {pages}"):
        yield


@pytest.fixture
def project(db_session: Session, clock: FixedClock) -> Project:
    return make_project(clock.now())


def rows(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_refused_write_leaves_nothing_and_reading_goes_on(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = start(project, clock.now())
    with unit_of_work() as session:
        checkout = save_card(session, pledge, clock.now())
    before = rows(AuditEvent), rows(Job)
    with each_connection(READ_ONLY[db.engine.dialect.name]):
        with pytest.raises(Busy), unit_of_work() as session:
            actions.activate_pledge(session, pledge.id, checkout.id, actor=TESTER, now=clock.now())
        assert db.session.get_one(Pledge, pledge.id).state is PledgeState.SETUP
        assert totals(db.session(), project.id) == (0, 0, 0, 0)
    assert (rows(AuditEvent), rows(Job)) == before
    with unit_of_work() as session:
        assert actions.activate_pledge(session, pledge.id, checkout.id, actor=TESTER, now=clock.now())
    assert totals(db.session(), project.id) == (2500, 2500, 1, 1)


def test_a_disk_that_fills_up_in_the_middle_undoes_the_whole_change(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    def write_on_and_on() -> None:
        with unit_of_work() as session:
            for number in range(200):
                news = {"title": str(number), "body": "x" * 10_000, "posted_at": clock.now()}
                session.add(ProjectUpdate(project_id=project.id, **news))
                session.flush()

    with full(), pytest.raises(Busy):
        write_on_and_on()
    assert rows(ProjectUpdate) == 0
    assert list(breaches(db.session())) == []


def test_people_get_a_page_that_says_so(
    client: HouseClient, db_session: Session, clock: FixedClock, project: Project
) -> None:
    address = f"/projects/{project.slug}/pledge"
    page = client.get(address)
    with each_connection(READ_ONLY[db.engine.dialect.name]):
        reply = client.submit(page, button="Continue", choice="2500")
        assert reply.status_code == 503
        assert "Nothing was lost" in reply.text
        assert client.get(f"/projects/{project.slug}").status_code == 200
    assert rows(Pledge) == 0
    assert client.submit(client.get(address), button="Continue", choice="2500").status_code == 303


def test_stripe_is_told_to_come_back(client: HouseClient, db_session: Session) -> None:
    with each_connection(READ_ONLY[db.engine.dialect.name]):
        assert client.post("/stripe/webhook", **signed_event()).status_code == 503
    assert client.post("/stripe/webhook", **signed_event()).status_code == 200


def test_a_folder_that_takes_no_file_is_busy_and_no_defect(db_session: Session, clock: FixedClock) -> None:
    if db.engine.dialect.name == "postgresql":
        with unit_of_work():
            return
    queue = Path(f"{db.engine.url.database}.writer")
    queue.unlink(missing_ok=True)
    queue.mkdir()
    try:
        with pytest.raises(Busy), unit_of_work():
            pass
    finally:
        queue.rmdir()
    with unit_of_work():
        pass
