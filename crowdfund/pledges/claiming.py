"""Taking pledges that were made as a guest into an account, by explicit action."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState

_UNFINISHED = (PledgeState.SETUP, PledgeState.ABANDONED)


def count_unclaimed(session: Session, person_id: int) -> int:
    """Return how many pledges were made with the person's proved address outside their account."""
    return session.scalar(select(func.count()).select_from(Pledge).where(*_unclaimed(person_id))) or 0


def claim_pledges(session: Session, person_id: int, *, actor: Actor, now: datetime) -> int:
    """Take every such pledge into the account; returns how many."""
    found = session.scalars(select(Pledge.id).where(*_unclaimed(person_id)).order_by(Pledge.id)).all()
    for pledge_id in found:
        pledge = lock(session, Pledge, pledge_id)
        pledge.claimed_at = now
        session.flush()
        audit.record(session, Tag.PLEDGE_CLAIMED, actor=actor, subject_id=pledge_id, now=now)
    return len(found)


def _unclaimed(person_id: int) -> tuple[ColumnElement[bool], ...]:
    return Pledge.person_id == person_id, Pledge.claimed_at.is_(None), Pledge.state.not_in(_UNFINISHED)
