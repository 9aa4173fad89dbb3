"""Jobs are queued once, leased to one worker at a time, tried again with pauses and parked in the end."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.core import jobs
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.errors import Busy, GatewayDown
from crowdfund.core.jobs import LEASE, MOST_TRIES, Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from tests.support.threads import failures, together

pytestmark = pytest.mark.database

SECOND = timedelta(seconds=1)


def queue(clock: FixedClock, key: str, **when: object) -> bool:
    with unit_of_work() as session:
        return jobs.enqueue(session, "test:work", {"n": 1}, dedupe_key=key, now=clock.now(), **when)


def claim(clock: FixedClock, real: object = None) -> Job | None:
    with unit_of_work() as session:
        return jobs.claim(session, clock.now(), real or real_now())


def only(session: Session) -> Job:
    session.expire_all()
    return session.scalars(select(Job)).one()


def test_the_same_key_twice_is_one_job(db_session: Session, clock: FixedClock) -> None:
    assert queue(clock, "a")
    assert not queue(clock, "a")
    assert queue(clock, "b")


def test_the_same_key_from_many_at_once_is_one_job(app: Flask, db_session: Session, clock: FixedClock) -> None:
    results = together(app, [lambda: queue(clock, "a")] * 12)
    assert sorted(results) == [False] * 11 + [True]


def test_a_job_goes_with_the_change_that_wanted_it(db_session: Session, clock: FixedClock) -> None:
    def change_your_mind() -> None:
        with unit_of_work() as session:
            jobs.enqueue(session, "test:work", {}, dedupe_key="a", now=clock.now())
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        change_your_mind()
    assert claim(clock) is None


def test_a_job_waits_for_its_time_and_the_earliest_goes_first(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "later", run_after=clock.now() + SECOND)
    queue(clock, "much later", run_after=clock.now() + 2 * SECOND)
    assert claim(clock) is None
    clock.forward(2 * SECOND)
    assert [claim(clock).dedupe_key, claim(clock).dedupe_key] == ["later", "much later"]
    assert claim(clock) is None


def test_a_lease_keeps_others_away_until_it_runs_out(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    real = real_now()
    assert claim(clock, real).tries == 1
    assert claim(clock, real) is None
    assert claim(clock, real + LEASE) is None
    assert claim(clock, real + LEASE + SECOND).tries == 2


def test_two_workers_never_get_the_same_lease(app: Flask, db_session: Session, clock: FixedClock) -> None:
    for number in range(6):
        queue(clock, f"job {number}")

    def take() -> list[str]:
        claimed = [claim(clock) for _ in range(12)]
        return [job.dedupe_key for job in claimed if job]

    results = together(app, [take] * 8)
    assert failures(results) == []
    assert sorted(key for keys in results for key in keys) == [f"job {number}" for number in range(6)]


def test_a_failed_job_comes_back_after_a_growing_pause_and_is_parked(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    pauses = []
    for _ in range(MOST_TRIES):
        job = claim(clock)
        with unit_of_work() as session:
            jobs.fail(session, job, ValueError("it broke"), clock.now())
        pauses.append(int((only(db_session).run_after - clock.now()).total_seconds()))
        clock.at = only(db_session).run_after
    assert pauses == [5, 15, 45, 135, 405, 1215, 3600, 3600]
    assert only(db_session).state is JobState.PARKED
    assert only(db_session).last_error == "ValueError: it broke"
    clock.forward(timedelta(days=365))
    assert claim(clock) is None


def test_a_job_that_kills_its_worker_is_not_tried_for_ever(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    real = real_now()
    claims = 0
    for _ in range(MOST_TRIES + 5):
        claims += claim(clock, real) is not None
        real += LEASE + SECOND
    assert claims == MOST_TRIES
    assert only(db_session).state is JobState.PARKED


def test_a_long_error_is_kept_short(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    job = claim(clock)
    with unit_of_work() as session:
        jobs.fail(session, job, ValueError("x" * 100_000), clock.now())
    assert len(only(db_session).last_error or "") == 2000


def test_a_worker_that_was_too_slow_does_not_bring_a_finished_job_back(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    real = real_now()
    slow = claim(clock, real)
    db_session.expunge(slow)
    quick = claim(clock, real + LEASE + SECOND)
    with unit_of_work() as session:
        jobs.finish(session, quick.id)
    with unit_of_work() as session:
        jobs.fail(session, slow, ValueError("it broke"), clock.now())
    assert only(db_session).state is JobState.DONE
    assert claim(clock) is None


def test_a_finished_job_is_neither_run_nor_queued_again(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    job = claim(clock)
    with unit_of_work() as session:
        jobs.finish(session, job.id)
    clock.forward(timedelta(days=1))
    assert claim(clock, real_now() + timedelta(days=1)) is None
    assert not queue(clock, "a")
    assert db_session.scalar(select(func.count()).select_from(Job)) == 1


def test_a_parked_job_can_be_put_back_with_all_its_tries(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    with unit_of_work() as session:
        session.execute(update(Job).values(state=JobState.PARKED, tries=MOST_TRIES))
    assert claim(clock) is None
    with unit_of_work() as session:
        assert jobs.unpark(session) == 1
    assert claim(clock).tries == 1


@pytest.mark.parametrize("error", [GatewayDown("x"), Busy("x"), ConnectionRefusedError("x")])
def test_what_failed_for_an_outage_is_never_parked(db_session: Session, clock: FixedClock, error: Exception) -> None:
    queue(clock, "a")
    for _ in range(3 * MOST_TRIES):
        job = claim(clock)
        with unit_of_work() as session:
            jobs.fail(session, job, error, clock.now())
        assert only(db_session).run_after - clock.now() <= timedelta(hours=1)
        clock.at = only(db_session).run_after
    assert only(db_session).state is JobState.WAITING


def test_what_was_done_long_ago_is_deleted_and_nothing_else(db_session: Session, clock: FixedClock) -> None:
    for key in ("done", "parked", "waiting"):
        queue(clock, key)
    with unit_of_work() as session:
        for state in (JobState.DONE, JobState.PARKED):
            session.execute(update(Job).where(Job.dedupe_key == state.value).values(state=state))
    for before, left in ((clock.now(), 3), (clock.now() + SECOND, 2)):
        with unit_of_work() as session:
            jobs.delete_done(session, before)
        assert db_session.scalar(select(func.count()).select_from(Job)) == left


def test_what_failed_because_nobody_answered_is_never_parked(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    for _ in range(MOST_TRIES + 4):
        job = claim(clock)
        with unit_of_work() as session:
            jobs.fail(session, job, GatewayDown("no answer"), clock.now())
        clock.at = only(db_session).run_after
    assert only(db_session).state is JobState.WAITING


def test_parked_jobs_get_another_chance(db_session: Session, clock: FixedClock) -> None:
    queue(clock, "a")
    for _ in range(MOST_TRIES):
        job = claim(clock)
        with unit_of_work() as session:
            jobs.fail(session, job, ValueError("it broke"), clock.now())
        clock.at = only(db_session).run_after
    with unit_of_work() as session:
        assert jobs.unpark(session) == 1
    assert claim(clock) is not None
