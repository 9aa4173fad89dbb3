"""Recording decisions and declarations of interest; neither is ever changed, a newer one stands beside it."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core import ids
from crowdfund.core.actor import Actor
from crowdfund.decisions.models import Decision, Interest


def record_decision(
    session: Session,
    subject: str,
    outcome: str,
    *,
    criterion: str,
    reason: str,
    authority: str,
    amount_pence: int | None,
    actor: Actor,
    now: datetime,
    effective_at: datetime | None = None,
    reference: str = "",
) -> Decision:
    """Record what the actor decided about `subject`, effective at once unless a later time (UTC) is given.

    `reference` is that of a panel's or a Cabinet Member's own record. The caller writes the audit row.
    """
    assert actor.person_id is not None, "a person decides"
    decision = Decision(
        public_id=ids.public_id(),
        subject=subject,
        outcome=outcome,
        criterion=criterion,
        reason=reason,
        authority=authority,
        amount_pence=amount_pence,
        decided_by_id=actor.person_id,
        decided_at=now,
        effective_at=effective_at or now,
        reference=reference,
    )
    session.add(decision)
    session.flush()
    return decision


def record_interest(
    session: Session, subject: str, has_interest: bool, statement: str, *, actor: Actor, now: datetime
) -> Interest:
    """Record what the actor declares about `subject`; the newest declaration holds. The caller audits."""
    assert actor.person_id is not None, "a person declares"
    interest = Interest(
        person_id=actor.person_id, subject=subject, has_interest=has_interest, statement=statement, declared_at=now
    )
    session.add(interest)
    session.flush()
    return interest
