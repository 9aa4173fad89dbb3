"""Parked work: what it is in words, why it stopped without anybody's data, and putting it back in line."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import Right
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.jobs import Job, JobState

NOT_PARKED = "This work is in line again already, or done."
_DOMAINS = {
    "payments": "Payments",
    "settlement": "Settlement",
    "pledges": "Pledges",
    "projects": "Projects",
    "checking": "Checking",
    "mail": "Mail",
    "web": "Tidying up",
}


def name_of(kind: str) -> str:
    """Return what a kind of job is called on the page, such as 'Payments: send refund'."""
    domain, _, what = kind.partition(":")
    return f"{_DOMAINS.get(domain, domain.title())}: {what.replace('_', ' ')}"


def cause_of(job: Job) -> str:
    """Return why a job stopped: the name of its error alone, because what follows may name people."""
    name = (job.last_error or "").partition(":")[0]
    return name if name.isidentifier() else "It was stopped again and again"


def retry_job(session: Session, job_id: int, *, actor: Actor, now: datetime) -> str:
    """Put a parked job back in line with all its tries and return its kind.

    Raises Forbidden for whoever may not, Refused for one that is not parked.
    """
    if not actor.may(Right.SEE_STATUS):
        raise Forbidden(f"Your role does not let you {Right.SEE_STATUS}.")
    try:
        job = lock(session, Job, job_id)
    except NotFound as error:
        raise Refused("not_parked", NOT_PARKED) from error
    if job.state is not JobState.PARKED:
        raise Refused("not_parked", NOT_PARKED)
    job.state, job.tries, job.leased_until, job.run_after = JobState.WAITING, 0, None, now
    session.flush()
    audit.record(session, Tag.JOB_RETRIED, actor=actor, subject_id=job.id, now=now, kind=job.kind)
    return job.kind
