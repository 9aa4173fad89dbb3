"""A project's total as each place that keeps one says it: they have to agree."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.pledges.models import Crowd, Pledge
from crowdfund.pledges.rules import COUNTING


def totals(session: Session, project_id: int) -> tuple[int, int, int, int]:
    """Return pence by the ledger and by the pledges, backers by the crowd and by the pledges."""
    session.expire_all()
    counting = select(func.coalesce(func.sum(Pledge.amount_pence), 0), func.count()).where(
        Pledge.project_id == project_id, Pledge.state.in_(COUNTING)
    )
    pence, backers = session.execute(counting).one()
    crowd = session.get(Crowd, project_id)
    ledger = balance_pence(session, AccountKind.PLEDGED, project_id)
    return ledger, int(pence), crowd.backers if crowd else 0, backers
