"""Jobs: side effects written with the change that wants them and carried out after it, at least once."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, Index, String, Text, UniqueConstraint, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from crowdfund.core.db import Base, BigId, choice, insert_ignore, table_of
from crowdfund.core.errors import Busy, GatewayDown

LEASE = timedelta(seconds=60)
MOST_TRIES = 8

Handler = Callable[[dict[str, Any], datetime], None]


class JobState(StrEnum):
    """A job waits, is done, or is parked for an officer after too many failures."""

    WAITING = "waiting"
    DONE = "done"
    PARKED = "parked"


class Job(Base):
    """One piece of work. `run_after` is business time; the lease is real time."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        Index("ix_job_due", "state", "run_after", "id"),
    )

    id: Mapped[BigId]
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    dedupe_key: Mapped[str] = mapped_column(String(120))
    state: Mapped[JobState] = mapped_column(choice(JobState, "state"), default=JobState.WAITING)
    run_after: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, Any],
    *,
    dedupe_key: str,
    now: datetime,
    run_after: datetime | None = None,
) -> bool:
    """Queue work with the change that wants it; the same key twice is one job. Return whether it is new."""
    return insert_ignore(
        session,
        table_of(Job),
        kind=kind,
        payload=json.dumps(payload, sort_keys=True),
        dedupe_key=dedupe_key,
        state=JobState.WAITING,
        run_after=run_after or now,
        tries=0,
        created_at=now,
    )


def next_due(session: Session, upto: datetime, real: datetime) -> Job | None:
    """Return the earliest job that is due at `upto` (business time) and leased by nobody at `real`."""
    statement = (
        select(Job)
        .where(Job.state == JobState.WAITING, Job.run_after <= upto)
        .where((Job.leased_until.is_(None)) | (Job.leased_until < real))
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(statement).first()


def claim(session: Session, upto: datetime, real: datetime) -> Job | None:
    """Lease the earliest due job to this worker, or return None. Two workers never get the same lease.

    A job whose worker was stopped in the middle of the last try is parked: it may be what stops them.
    """
    while (job := next_due(session, upto, real)) and job.tries >= MOST_TRIES and job.leased_until:
        _end(session, job, JobState.PARKED, "every worker that took it was stopped before it ended")
    if job is None:
        return None
    taken = session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.WAITING)
        .where((Job.leased_until.is_(None)) | (Job.leased_until < real))
        .values(leased_until=real + LEASE, tries=Job.tries + 1)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        return None
    session.refresh(job)
    return job


def extend(session: Session, job: Job, real: datetime) -> bool:
    """Lease a job for longer to the worker that has it; say whether it still had it."""
    mine = (Job.id == job.id, Job.state == JobState.WAITING, Job.tries == job.tries, Job.leased_until.is_not(None))
    taken = session.execute(
        update(Job).where(*mine).values(leased_until=real + LEASE).execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    return taken.rowcount == 1


def finish(session: Session, job_id: int) -> None:
    """Mark a job done."""
    session.execute(update(Job).where(Job.id == job_id).values(state=JobState.DONE, leased_until=None, last_error=None))


def fail(session: Session, job: Job, error: Exception, now: datetime) -> None:
    """Put a failed job back with a growing pause, or park it for an officer after the last try.

    What failed because something outside did not answer is never parked: it heals by itself.
    Nothing changes when another worker took it meanwhile, because this one was too slow for its lease.
    """
    outage = isinstance(error, GatewayDown | Busy | OSError)
    state = JobState.WAITING if outage or job.tries < MOST_TRIES else JobState.PARKED
    pause = timedelta(seconds=min(3600, 5 * 3 ** min(job.tries - 1, 6)))
    _end(session, job, state, f"{type(error).__name__}: {error}", run_after=now + pause)


def _end(session: Session, job: Job, state: JobState, error: str, **values: Any) -> None:
    values |= {"state": state, "leased_until": None, "last_error": error[:2000]}
    taken = (Job.id == job.id, Job.state == JobState.WAITING, Job.tries == job.tries)
    session.execute(update(Job).where(*taken).values(**values))


def unpark(session: Session) -> int:
    """Give every parked job its tries again; return how many there were."""
    parked = update(Job).where(Job.state == JobState.PARKED).values(state=JobState.WAITING, tries=0)
    result = session.execute(parked)
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def delete_done(session: Session, before: datetime) -> None:
    """Delete jobs that were done and queued before `before` (UTC)."""
    session.execute(delete(Job).where(Job.state == JobState.DONE, Job.created_at < before))
