"""Moving the business clock: everything that falls due on the way is carried out at its own time."""

from datetime import datetime

from crowdfund.core import audit, clock, jobs
from crowdfund.core.actor import SystemActor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db
from crowdfund.core.movable_clock import set_business_time
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Worker

TRAVELLER = SystemActor("sandbox")


def travel(worker: Worker, to: datetime) -> None:
    """Move the business clock to `to` (UTC), stepping through due jobs in order."""
    while (due := _next_due(to)) is not None:
        _set(max(due, clock.now()))
        if not worker.run_one():
            break
    _set(to)
    worker.drain()


def _next_due(to: datetime) -> datetime | None:
    job = jobs.next_due(db.session(), to, clock.real_now())
    return job.run_after if job else None


def _set(moment: datetime) -> None:
    with unit_of_work() as session:
        offset = set_business_time(session, moment)
        audit.record(session, Tag.CLOCK_MOVED, actor=TRAVELLER, subject_id=1, now=clock.now(), offset_seconds=offset)
