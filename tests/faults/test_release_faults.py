"""A project with a crowd is cancelled while its worker dies: no pledge is lost, nobody is told twice."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Consent
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.jobs import Job
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.notifications.models import Mail
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import breaches
from crowdfund.pledges.releasing import BATCH, cancel_for_group
from crowdfund.pledges.rules import PledgeState
from crowdfund.pledges.updates import publish_update
from crowdfund.projects.models import Project
from crowdfund.wiring import worker_of
from tests.support.factories import TESTER, make_pledge, make_project, save_card, start
from tests.support.threads import failures, together
from tests.support.totals import totals


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


def crowd(clock: FixedClock, backers: int) -> Project:
    project = make_project(clock.now())
    for number in range(backers):
        make_pledge(project, clock.now(), 200 + number)
    return project


def cancel(project: Project, clock: FixedClock) -> None:
    with unit_of_work() as session:
        cancel_for_group(session, project.id, "The field was sold.", actor=TESTER, now=clock.now())


def count_released() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Pledge.state == PledgeState.RELEASED)) or 0


def end_leases() -> None:
    with unit_of_work() as session:
        session.execute(update(Job).values(leased_until=real_now() - timedelta(seconds=1)))


def hold_everything(session: Session, project: Project, backers: int) -> None:
    """Every pledge ended once and its backer heard of it once; the totals are nothing, the books balance."""
    assert totals(session, project.id) == (0, 0, 0, 0)
    states = session.execute(select(Pledge.state, func.count()).group_by(Pledge.state)).all()
    assert [tuple(row) for row in states] == [(PledgeState.RELEASED, backers)]
    mails = session.scalars(select(Mail.recipient).where(Mail.template == "pledge_released_cancelled")).all()
    assert len(set(mails)) == len(mails) == backers
    audited = session.scalars(select(AuditEvent.subject_id).where(AuditEvent.tag == "pledge:released")).all()
    assert len(set(audited)) == len(audited) == backers
    assert session.scalar(select(func.count()).select_from(Consent).where(Consent.withdrawn_at.is_(None))) == 0
    assert list(ledger_breaches(session)) == list(breaches(session)) == []


@contextmanager
def dying_at(statement: int) -> Iterator[None]:
    """Kill whoever sends the statement of this number."""
    left = [statement]

    def count(*_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", count)


def test_a_worker_killed_outright_in_the_middle_of_a_crowd(
    app: Flask, db_session: Session, clock: FixedClock, settings: Settings
) -> None:
    backers = 130
    clock.at = real_now()
    project = crowd(clock, backers)
    worker_of(app).drain()
    cancel(project, clock)
    environment = {f"CROWDFUND_{item.name.upper()}": str(getattr(settings, item.name)) for item in fields(settings)}
    process = subprocess.Popen([sys.executable, "-m", "crowdfund", "worker"], env={**os.environ, **environment})
    try:
        until = time.monotonic() + 60
        while count_released() < 2 * BATCH and time.monotonic() < until:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.01)
    finally:
        process.kill()
        process.wait()
    released = count_released()
    assert 2 * BATCH <= released < backers
    assert totals(db_session, project.id)[2:] == (backers - released, backers - released)
    end_leases()
    clock.at = real_now()
    worker_of(app).drain()
    hold_everything(db_session, project, backers)


@pytest.mark.parametrize("statement", [3, 9, 20, 41, 150, 400, 700])
def test_a_worker_that_dies_at_any_statement_is_followed_by_one_that_ends_the_work(
    app: Flask, db_session: Session, clock: FixedClock, statement: int
) -> None:
    project = crowd(clock, BATCH + 5)
    worker_of(app).drain()
    cancel(project, clock)
    with dying_at(statement), pytest.raises(Killed):
        worker_of(app).drain()
    end_leases()
    worker_of(app).drain()
    hold_everything(db_session, project, BATCH + 5)


@pytest.mark.parametrize("statement", [8, 30, 90, 200])
def test_an_update_reaches_everyone_once_though_its_worker_dies(
    app: Flask, db_session: Session, clock: FixedClock, statement: int
) -> None:
    project = crowd(clock, 60)
    worker_of(app).drain()
    with unit_of_work() as session:
        publish_update(session, project.id, "News", "The wood is here.", actor=TESTER, now=clock.now())
    with dying_at(statement), pytest.raises(Killed):
        worker_of(app).drain()
    end_leases()
    worker_of(app).drain()
    db_session.expire_all()
    mails = db_session.scalars(select(Mail.recipient).where(Mail.template == "project_update")).all()
    assert len(set(mails)) == len(mails) == 60


def test_cancelling_while_backers_come_withdraw_and_change(app: Flask, db_session: Session, clock: FixedClock) -> None:
    project = make_project(clock.now())
    standing = [make_pledge(project, clock.now()) for _ in range(6)]
    coming = [start(project, clock.now()) for _ in range(6)]
    with unit_of_work() as session:
        checkouts = [save_card(session, pledge, clock.now()).id for pledge in coming]

    def activate(number: int) -> bool:
        with unit_of_work() as session:
            return actions.activate_pledge(session, coming[number].id, checkouts[number], actor=TESTER, now=clock.now())

    def withdraw(number: int) -> None:
        with unit_of_work() as session:
            actions.withdraw_pledge(session, standing[number].id, actor=TESTER, now=clock.now())

    steps = [lambda n=n: activate(n) for n in range(6)] + [lambda n=n: withdraw(n) for n in range(3)]
    steps.insert(5, lambda: cancel(project, clock))
    results = together(app, steps)
    assert failures(results, Refused, Forbidden) == []
    worker_of(app).drain()
    assert totals(db_session, project.id) == (0, 0, 0, 0)
    ended = {PledgeState.RELEASED, PledgeState.WITHDRAWN, PledgeState.ABANDONED}
    assert set(db_session.scalars(select(Pledge.state))) <= ended
    assert list(ledger_breaches(db_session)) == list(breaches(db_session)) == []
