"""Reading decisions and declarations of interest."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.decisions.models import Decision, Interest


def find_interest(session: Session, subject: str, person_id: int) -> Interest | None:
    """Return a person's newest declaration about `subject`, if there is one."""
    declared = select(Interest).where(Interest.person_id == person_id, Interest.subject == subject)
    return session.scalars(declared.order_by(Interest.id.desc()).limit(1)).one_or_none()


def count_by_criterion(session: Session, outcome: str) -> dict[str, int]:
    """Return how many decisions with this outcome rest on each criterion."""
    counted = select(Decision.criterion, func.count()).where(Decision.outcome == outcome)
    return dict(session.execute(counted.group_by(Decision.criterion)).all())
