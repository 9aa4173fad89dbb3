"""The worker's part of reconciliation: the nightly run, one that an officer asked for, and the mail to finance."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import jobs, lease
from crowdfund.core.jobs import Handler, Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.actions import queue_mail
from crowdfund.payments.differences import KIND_WORDS, WHAT_TO_DO
from crowdfund.payments.gateway import Gateway
from crowdfund.payments.models import Difference, Reconciliation
from crowdfund.payments.reconciling import TELL_FINANCE, reconcile
from crowdfund.payments.rules import RECONCILE
from crowdfund.payments.taking_over import Take

_SHOWN = 5


def handlers(gateway: Gateway, takes: Mapping[str, Take], finance_email: str) -> dict[str, Handler]:
    """Return the job handlers of reconciliation."""

    def run(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
        reconcile(gateway, now, lambda _: lease.extend(), takes)

    def tell(payload: dict[str, Any], now: datetime) -> None:
        with unit_of_work() as session:
            mail_finance(session, payload["reconciliation_id"], finance_email, now)

    return {RECONCILE: run, TELL_FINANCE: tell}


def ask_reconciliation(session: Session, now: datetime) -> bool:
    """Have the worker reconcile, unless it is about to; return whether that is new."""
    if is_waiting(session, now):
        return False
    return jobs.enqueue(session, RECONCILE, {}, dedupe_key=f"{RECONCILE}:asked:{now.isoformat()}", now=now)


def is_waiting(session: Session, now: datetime) -> bool:
    """Say whether a run is about to start, is under way, or waits for a provider that does not answer."""
    waiting = select(Job.id).where(Job.kind == RECONCILE, Job.state == JobState.WAITING, Job.created_at <= now)
    return session.scalar(waiting.limit(1)) is not None


def mail_finance(session: Session, reconciliation_id: int, finance_email: str, now: datetime) -> None:
    """Queue the mail about a reconciliation that found something new, once."""
    of_run = Difference.reconciliation_id == reconciliation_id
    total = session.scalar(select(func.count()).where(of_run))
    first = session.scalars(select(Difference).where(of_run).order_by(Difference.id).limit(_SHOWN)).all()
    context = {"run": session.get_one(Reconciliation, reconciliation_id), "first": first, "count": total}
    context |= {"kinds": KIND_WORDS, "to_do": WHAT_TO_DO}
    key = f"reconciliation:{reconciliation_id}"
    queue_mail(session, "reconciliation_differs", finance_email, key=key, now=now, **context)
