"""What is held for a project of its backers' money: match among it is final, refunds and disputes never take it."""

from sqlalchemy.orm import Session

from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.settling import match_held_pence


def crowd_held_pence(session: Session, project_id: int) -> int:
    """Return how much of what is held for a project came from its backers, in pence; match is paid out last."""
    held = balance_pence(session, AccountKind.HELD, project_id)
    return max(0, held - match_held_pence(session, project_id))
