"""What says how the service runs, read in a few statements. Times UTC."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from crowdfund.core.jobs import Job, JobState
from crowdfund.notifications.models import Mail
from crowdfund.payments.models import ChargeAttempt, Difference, Reconciliation, Refund, StripeEvent
from crowdfund.payments.rules import AttemptState, EventState, RefundState
from crowdfund.settlement.rules import SWEEP

HEARTBEAT = SWEEP  # queued every minute by a worker that runs, so its newest one is the worker's pulse


@dataclass(frozen=True)
class Facts:
    """What is true now; None where there is none."""

    heartbeat_at: datetime | None
    waiting: int
    oldest_waiting_at: datetime | None
    parked: int
    webhook_at: datetime | None
    set_aside: int
    asked_at: datetime | None  # when the provider was last asked for a charge
    unknown: int
    oldest_unknown_at: datetime | None
    failed_refunds: int
    unsent_mails: int
    oldest_mail_at: datetime | None
    reconciled_at: datetime | None
    differences: int


def read_facts(session: Session, now: datetime) -> Facts:
    """Return what the status page shows."""
    return Facts(*_queue(session, now), *_webhooks(session), *_charges(session), *_mails(session), *_books(session))


def list_parked(session: Session, limit: int) -> list[Job]:
    """Return parked jobs, the oldest first."""
    rows = select(Job).where(Job.state == JobState.PARKED).order_by(Job.run_after, Job.id).limit(limit)
    return list(session.scalars(rows))


def _queue(session: Session, now: datetime) -> tuple[datetime | None, int, datetime | None, int]:
    due = and_(Job.state == JobState.WAITING, Job.run_after <= now)
    open_ = select(
        func.coalesce(func.sum(case((due, 1), else_=0)), 0),
        func.min(case((due, Job.run_after))),
        func.coalesce(func.sum(case((Job.state == JobState.PARKED, 1), else_=0)), 0),
    ).where(Job.state.in_((JobState.WAITING, JobState.PARKED)))
    waiting, oldest, parked = session.execute(open_).one()
    pulse = select(Job.created_at).where(Job.kind == HEARTBEAT, Job.state == JobState.DONE)
    return session.scalars(pulse.order_by(Job.id.desc()).limit(1)).first(), waiting, oldest, parked


def _webhooks(session: Session) -> tuple[datetime | None, int]:
    aside = func.coalesce(func.sum(case((StripeEvent.state == EventState.QUARANTINED, 1), else_=0)), 0)
    last, set_aside = session.execute(select(func.max(StripeEvent.received_at), aside)).one()
    return last, set_aside


def _charges(session: Session) -> tuple[datetime | None, int, datetime | None, int]:
    unknown = ChargeAttempt.state == AttemptState.UNKNOWN
    charges = select(
        func.max(ChargeAttempt.sent_at),
        func.coalesce(func.sum(case((unknown, 1), else_=0)), 0),
        func.min(case((unknown, ChargeAttempt.created_at))),
    )
    asked, number, oldest = session.execute(charges).one()
    failed = and_(Refund.state == RefundState.FAILED, Refund.settled_at.is_(None))
    return asked, number, oldest, session.scalar(select(func.count()).where(failed)) or 0


def _mails(session: Session) -> tuple[int, datetime | None]:
    waiting = select(func.count(), func.min(Mail.created_at)).where(Mail.sent_at.is_(None))
    number, oldest = session.execute(waiting).one()
    return number, oldest


def _books(session: Session) -> tuple[datetime | None, int]:
    found = select(func.count()).where(Difference.reconciliation_id == Reconciliation.id).scalar_subquery()
    last = select(Reconciliation.ended_at, found).where(Reconciliation.ended_at.is_not(None))
    row = session.execute(last.order_by(Reconciliation.id.desc()).limit(1)).first()
    return (row[0], row[1] or 0) if row else (None, 0)
