"""Reading reconciliations for the officers' pages."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.errors import NotFound
from crowdfund.payments.models import Difference, Reconciliation
from crowdfund.payments.reconcile_jobs import is_waiting

_STALE = timedelta(hours=1)  # a run that has taken so long was stopped, or waits for the provider


class Live(NamedTuple):
    """Whether a run is under way: the run, once it has begun, and whether one is about to."""

    begun: Reconciliation | None
    is_waiting: bool

    @property
    def is_on(self) -> bool:
        """Whether the page should ask again soon."""
        return self.begun is not None or self.is_waiting

    @property
    def sentence(self) -> str:
        """How far it is, in words; empty where nothing is under way."""
        if self.begun is not None:
            return f"Comparing: {self.begun.lines:,} lines read from the payment provider so far."
        return "Waiting to start." if self.is_waiting else ""


def read_live(session: Session, now: datetime) -> Live:
    """Return what is under way."""
    begun = select(Reconciliation).where(Reconciliation.ended_at.is_(None), Reconciliation.started_at > now - _STALE)
    rows = session.scalars(begun.order_by(Reconciliation.id.desc()).limit(1))
    return Live(rows.first(), is_waiting(session, now))


def get_run(session: Session, run_id: int) -> Reconciliation:
    """Return a reconciliation that was finished. Raises NotFound."""
    done = select(Reconciliation).where(Reconciliation.id == run_id, Reconciliation.ended_at.is_not(None))
    found = session.scalars(done).one_or_none()
    if found is None:
        raise NotFound(f"reconciliation {run_id}")
    return found


def count_runs(session: Session) -> int:
    """Return how many reconciliations were finished."""
    return session.scalar(select(func.count()).where(Reconciliation.ended_at.is_not(None))) or 0


def list_runs(session: Session, *, offset: int, limit: int) -> list[tuple[Reconciliation, int]]:
    """Return finished reconciliations with how many differences each found, newest first."""
    found = select(func.count()).where(Difference.reconciliation_id == Reconciliation.id).scalar_subquery()
    rows = select(Reconciliation, found).where(Reconciliation.ended_at.is_not(None))
    rows = rows.order_by(Reconciliation.id.desc()).offset(offset).limit(limit)
    return [(run, count or 0) for run, count in session.execute(rows)]


def count_differences(session: Session, run_id: int) -> int:
    """Return how many differences a reconciliation found."""
    return session.scalar(select(func.count()).where(Difference.reconciliation_id == run_id)) or 0


def list_differences(session: Session, run_id: int, *, offset: int, limit: int) -> list[Difference]:
    """Return differences of a reconciliation in the order in which it found them."""
    rows = select(Difference).where(Difference.reconciliation_id == run_id).order_by(Difference.id)
    return list(session.scalars(rows.offset(offset).limit(limit)))
