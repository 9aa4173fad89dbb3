"""A reconciliation that takes long: read page by page, kept batch by batch, and by one worker at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.core import lease
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.db import db
from crowdfund.core.errors import GatewayDown
from crowdfund.core.jobs import LEASE, Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Worker
from crowdfund.payments.balance_lines import BATCH
from crowdfund.payments.gateway import BalanceMovement
from crowdfund.payments.models import BalanceLine, Reconciliation
from crowdfund.payments.reconcile_jobs import ask_reconciliation, handlers
from crowdfund.payments.reconciling import reconcile
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.stripe.money import book
from crowdfund.wiring import gateway_of
from tests.support.provider_books import ProviderBooks

pytestmark = pytest.mark.database

LINES = 2 * BATCH + 300


@dataclass
class Slow(ProviderBooks):
    """A provider whose every batch takes nearly as long as a lease."""

    between: Callable[[], object] = lambda: None
    batches: int = field(default=0)

    def list_movements(self, since: datetime) -> Iterator[BalanceMovement]:
        """Yield the lines, with something going on after each batch."""
        for number, line in enumerate(super().list_movements(since)):
            if number and number % BATCH == 0:
                self.batches += 1
                self.between()
            yield line


@pytest.fixture
def books(db_session: Session, clock: FixedClock) -> Slow:
    made = Slow(clock)
    for number in range(LINES):
        made.line("charge", f"ch_{number}", 2_500, 58)
    with unit_of_work() as session:
        assert ask_reconciliation(session, clock.now())
    return made


def worker(books: ProviderBooks) -> Worker:
    return Worker(handlers(books.gateway, {}, "finance@example.org"))


def job() -> Job:
    db.session.expire_all()
    return db.session.scalars(select(Job)).one()


def set_lease(left: timedelta) -> None:
    """Let the lease have so much left, as if the rest had gone by."""
    with unit_of_work() as session:
        session.execute(update(Job).values(leased_until=real_now() + left))


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_while_it_works_no_other_worker_begins_it(books: Slow) -> None:
    left: list[timedelta] = []

    def another_comes() -> None:
        leased_until = job().leased_until
        assert leased_until is not None
        left.append(leased_until - real_now())
        assert not worker(books).run_one()
        set_lease(timedelta(seconds=1))

    books.between = another_comes
    assert worker(books).run_one()
    assert len(left) == books.batches == LINES // BATCH
    assert min(left) > LEASE / 2
    assert (job().state, job().tries, count(Reconciliation), count(BalanceLine)) == (JobState.DONE, 1, 1, LINES)


def test_one_whose_lease_ran_out_stops_and_the_other_one_s_result_stays(books: Slow) -> None:
    def too_late() -> None:
        books.between = lambda: None
        set_lease(timedelta(seconds=-1))
        assert worker(books).run_one()

    books.between = too_late
    assert worker(books).run_one()
    run = db.session.scalars(select(Reconciliation)).one()
    assert (run.lines, run.ended_at) == (LINES, books.clock.now())
    assert (job().state, job().tries, job().last_error) == (JobState.DONE, 2, None)


def test_looking_at_what_only_the_provider_knows_keeps_the_lease_too(books: Slow) -> None:
    del books.lines[3:]
    left: list[timedelta] = []

    def look(ref: str, now: datetime) -> str:
        leased_until = job().leased_until
        assert leased_until is not None
        left.append(leased_until - real_now())
        set_lease(timedelta(seconds=1))
        return f"Nobody knows {ref}."

    assert Worker(handlers(books.gateway, {"charge": look}, "finance@example.org")).run_one()
    assert (len(left), min(left) > LEASE / 2) == (3, True)


def test_outside_a_worker_there_is_no_lease_to_keep(books: Slow) -> None:
    lease.extend()
    assert job().leased_until is None


def test_the_provider_is_asked_for_the_next_page_only_when_the_last_batch_is_kept(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    with stripe.work() as context:
        for number in range(LINES):
            book(context, {"id": f"ch_{number}", "currency": "gbp"}, "charge", 2_500, fee=58)
    told: list[int] = []

    def progress(lines: int) -> None:
        told.append(lines)
        stripe.set_mode("down")

    with pytest.raises(GatewayDown):
        reconcile(gateway_of(app), clock.now(), progress)
    assert (told, count(BalanceLine)) == ([BATCH], BATCH)
    stripe.clear_modes()
    run = reconcile(gateway_of(app), clock.now())
    assert (count(BalanceLine), count(Reconciliation), run.lines) == (LINES, 1, LINES)
    assert run.provider_pence == LINES * (2_500 - 58)
