"""Work that takes longer than its lease: while it goes on, no other worker may begin it as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from crowdfund.core import clock, jobs
from crowdfund.core.jobs import Job
from crowdfund.core.unit_of_work import unit_of_work

_job: ContextVar[Job | None] = ContextVar("job", default=None)


class LeaseLost(Exception):
    """Another worker has taken the job: this one was too slow, and must stop."""


@contextmanager
def working_on(job: Job) -> Iterator[None]:
    """Say which job this worker carries out."""
    token = _job.set(job)
    try:
        yield
    finally:
        _job.reset(token)


def extend() -> None:
    """Keep the job that is being carried out for another lease; outside a worker there is nothing to keep.

    Called between the steps of long work, outside a unit of work. Raises LeaseLost.
    """
    job = _job.get()
    if job is None:
        return
    with unit_of_work() as session:
        if not jobs.extend(session, job, clock.real_now()):
            raise LeaseLost(f"job {job.id} {job.kind} was taken by another worker")
