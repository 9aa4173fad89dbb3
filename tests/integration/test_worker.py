"""The worker carries out what is due, survives handlers that break, and queues what comes round once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.core import jobs
from crowdfund.core.audit import AuditSeal
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.jobs import LEASE, Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Periodic, Worker
from crowdfund.wiring import PERIODIC, worker_of
from tests.support.factories import make_person
from tests.support.threads import failures, together

pytestmark = pytest.mark.database

HOURLY = Periodic("test:hourly", timedelta(hours=1))


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


def queue(clock: FixedClock, kind: str = "test:work", key: str = "a", **payload: Any) -> None:
    with unit_of_work() as session:
        jobs.enqueue(session, kind, payload, dedupe_key=key, now=clock.now())


def states(session: Session) -> list[JobState]:
    session.expire_all()
    return list(session.scalars(select(Job.state).order_by(Job.id)))


def failing(times: int) -> Callable[[dict[str, Any], datetime], None]:
    left = [times]

    def handle(payload: dict[str, Any], now: datetime) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise ValueError("not yet")

    return handle


def test_a_job_is_handed_its_payload_and_is_done_once(db_session: Session, clock: FixedClock) -> None:
    seen: list[Any] = []
    worker = Worker({"test:work": lambda payload, now: seen.append((payload, now))})
    queue(clock, pledge_id=7)
    assert worker.drain() == 1
    assert seen == [({"pledge_id": 7}, clock.now())]
    assert worker.drain() == 0
    assert states(db_session) == [JobState.DONE]


def test_work_queued_by_work_is_done_in_the_same_go(db_session: Session, clock: FixedClock) -> None:
    worker = Worker({"test:first": lambda payload, now: queue(clock, key="b"), "test:work": lambda payload, now: None})
    queue(clock, "test:first")
    assert worker.drain() == 2


def test_a_handler_that_breaks_leaves_nothing_half_done_and_is_tried_again(
    db_session: Session, clock: FixedClock
) -> None:
    def half(payload: dict[str, Any], now: datetime) -> None:
        with unit_of_work() as session:
            jobs.enqueue(session, "test:work", {}, dedupe_key="inner", now=now)
            raise ValueError("it broke")

    queue(clock, "test:half")
    Worker({"test:half": half}).drain()
    job = db_session.scalars(select(Job)).one()
    assert (job.state, job.tries, job.last_error) == (JobState.WAITING, 1, "ValueError: it broke")
    assert job.run_after > clock.now()


def test_what_failed_is_done_when_its_pause_is_over(db_session: Session, clock: FixedClock) -> None:
    worker = Worker({"test:work": failing(2)})
    queue(clock)
    for _ in range(3):
        worker.drain()
        clock.forward(timedelta(minutes=1))
    assert states(db_session) == [JobState.DONE]


def test_one_that_always_fails_is_parked_and_others_go_on(db_session: Session, clock: FixedClock) -> None:
    worker = Worker({"test:bad": failing(1000), "test:work": failing(0)})
    queue(clock, "test:bad", "bad")
    for number in range(10):
        queue(clock, key=f"good {number}")
        worker.drain()
        clock.forward(timedelta(hours=2))
    assert states(db_session) == [JobState.PARKED] + [JobState.DONE] * 10


def test_an_unknown_kind_of_job_is_kept_for_a_look(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "test:unheard_of")
    Worker({}).drain()
    assert states(db_session) == [JobState.WAITING]


def test_a_killed_worker_s_job_is_taken_over_when_its_lease_ran_out(db_session: Session, clock: FixedClock) -> None:
    def die(payload: dict[str, Any], now: datetime) -> None:
        raise Killed

    queue(clock)
    with pytest.raises(Killed):
        Worker({"test:work": die}).drain()
    other = Worker({"test:work": failing(0)})
    assert other.drain() == 0
    with unit_of_work() as session:
        session.execute(update(Job).values(leased_until=real_now() - timedelta(seconds=1)))
    assert other.drain() == 1
    assert states(db_session) == [JobState.DONE]
    assert timedelta(seconds=40) < LEASE, "two tries of 20 seconds at the provider fit into a lease"


def test_what_comes_round_is_queued_once_per_slot_by_many_workers(
    app: Flask, db_session: Session, clock: FixedClock
) -> None:
    worker = Worker({}, (HOURLY,))
    for _ in range(3):
        assert failures(together(app, [lambda: worker.queue_periodic(clock.now())] * 6)) == []
        clock.forward(timedelta(minutes=59))
        worker.queue_periodic(clock.now())
        clock.forward(timedelta(minutes=1))
    assert db_session.scalar(select(func.count()).select_from(Job)) == 3


def test_a_round_also_seals_the_audit_trail(db_session: Session, clock: FixedClock) -> None:
    make_person(clock.now())
    Worker({}).tick()
    assert db_session.scalar(select(func.count()).select_from(AuditSeal)) == 1


def test_the_worker_stops_when_asked(db_session: Session, clock: FixedClock) -> None:
    rounds: list[int] = []
    worker = Worker({})

    def after_two() -> None:
        rounds.append(1)
        if len(rounds) == 2:
            worker.stopping.set()

    worker.run_forever(0.001, after_two)
    assert len(rounds) == 2


def test_a_broken_round_does_not_end_the_worker(db_session: Session, clock: FixedClock) -> None:
    class Breaks(Worker):
        def tick(self) -> int:
            self.stopping.set()
            raise ValueError("it broke")

    Breaks({}).run_forever(0.001, lambda: None)


def test_everything_that_comes_round_has_a_handler_that_runs(app: Flask, db_session: Session) -> None:
    worker = worker_of(app)
    assert {item.kind for item in PERIODIC} <= set(worker.handlers)
    assert worker.tick() == len(PERIODIC)
    assert set(states(db_session)) == {JobState.DONE}
