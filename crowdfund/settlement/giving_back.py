"""One payment to a project given back by officers: asked for, decided on, and made good when the card failed. Pence."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import Refused
from crowdfund.ledger.postings import Posting, pay_owed
from crowdfund.payments import refunding
from crowdfund.payments.access import can_settle
from crowdfund.payments.models import ChargeAttempt, Refund
from crowdfund.payments.refund_sending import NEVER_ARRIVED
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project
from crowdfund.projects.models import Project
from crowdfund.projects.running import demand_declared, demand_distance
from crowdfund.settlement.held import crowd_held_pence
from crowdfund.settlement.refund_outcomes import close_if_back


def ask_back(
    session: Session, attempt_id: int, pence: int, reason: str, *, limit_pence: int, actor: Actor, now: datetime
) -> Refund:
    """Ask for a refund of a payment. What is not held any more is the programme's loss, so two people decide on it.

    Raises Forbidden for officers tied to the project or without the right, Refused as payments.refunding does.
    """
    project, _ = _lock_what_was_paid(session, attempt_id, actor)
    limit = limit_pence if exposed_pence(session, project.id, pence) == 0 else 0
    return refunding.ask_refund(session, attempt_id, pence, reason, asked_by=actor, limit_pence=limit, now=now)


def approve(session: Session, refund_id: int, *, actor: Actor, now: datetime) -> Refund:
    """Approve what somebody else asked for. Raises as above, and Forbidden for whoever declared nothing about it."""
    project, _ = _lock_what_was_paid(session, _attempt_id(session, refund_id), actor)
    demand_declared(session, project, actor)
    return refunding.approve_refund(session, refund_id, actor=actor, now=now)


def reject(session: Session, refund_id: int, reason: str, *, actor: Actor, now: datetime) -> Refund:
    """Reject what somebody else asked for. Raises as payments.refunding does, and as above."""
    _lock_what_was_paid(session, _attempt_id(session, refund_id), actor)
    return refunding.reject_refund(session, refund_id, reason, actor=actor, now=now)


def make_good(session: Session, refund_id: int, how: str, *, actor: Actor, now: datetime) -> Refund:
    """Record how finance paid a backer whose refund had come back.

    One that the provider refused is paid from what is held. Raises Forbidden as above or when it is done already,
    Refused when it can still go to the card or may not be paid at all, and when nobody says how.
    """
    project, pledge = _lock_what_was_paid(session, _attempt_id(session, refund_id), actor)
    attempt, refund = refunding.lock_refund(session, refund_id)
    refunding.demand(can_settle(actor, refund))
    refunding.demand_reason(how, "how")
    posting = Posting(session, f"refund:{refund.id}:made_good", actor, now)
    if not refund.was_taken:
        _refuse_another_way(session, attempt, refund)
        held = min(refund.amount_pence, crowd_held_pence(session, project.id))
        pay_owed(posting, project.id, 0, held, refund.amount_pence - held)
    else:
        pay_owed(posting, project.id, refund.amount_pence)
    _settle(session, attempt, refund, how, actor=actor, now=now)
    close_if_back(session, project, pledge, attempt, now)
    return refund


def ask_again(session: Session, refund_id: int, *, limit_pence: int, actor: Actor, now: datetime) -> Refund:
    """Ask anew for a refund that never reached the provider; the old row is dealt with.

    Raises Forbidden as above, Refused for one that reached it: its money is owed in another way.
    """
    attempt_id = _attempt_id(session, refund_id)
    _lock_what_was_paid(session, attempt_id, actor)
    attempt, refund = refunding.lock_refund(session, refund_id)
    refunding.demand(can_settle(actor, refund))
    if refund.was_taken:
        raise Refused("owed", "The provider sent this refund and it came back, so it is paid in another way.")
    _settle(session, attempt, refund, "Asked for again.", actor=actor, now=now)
    pence, reason = refund.amount_pence, refund.reason
    return ask_back(session, attempt_id, pence, reason, limit_pence=limit_pence, actor=actor, now=now)


def exposed_pence(session: Session, project_id: int, pence: int) -> int:
    """Return how much of a refund is not held for the project any more, less what other refunds will take."""
    coming = (
        select(Refund.amount_pence)
        .join(ChargeAttempt)
        .where(ChargeAttempt.about == f"project:{project_id}", refunding.is_coming())
    )
    free = crowd_held_pence(session, project_id) - sum(session.scalars(coming))
    return max(0, pence - max(0, free))


def _refuse_another_way(session: Session, attempt: ChargeAttempt, refund: Refund) -> None:
    """Raise Refused while money that never left can still go to its card, or is not the backer's to have."""
    if refund.failure == NEVER_ARRIVED:
        raise Refused("not_tried", "This refund never reached the provider, so it can still go to the card. Ask again.")
    refunding.refuse_disputed(session, attempt.id)
    if refund.amount_pence > refunding.left_pence(session, attempt):
        raise Refused("more_than_left", "This was given back in another refund meanwhile.")


def _settle(session: Session, attempt: ChargeAttempt, refund: Refund, how: str, *, actor: Actor, now: datetime) -> None:
    refund.settled_by_id, refund.settled_at = actor.person_id, now
    session.flush()
    about = {"refund_id": refund.id, "reason": how.strip()}
    subject_id = refunding.thing_of(attempt)
    audit.record(session, Tag.REFUND_SETTLED, actor=actor, subject_id=subject_id, now=now, **about)


def _lock_what_was_paid(session: Session, attempt_id: int, actor: Actor) -> tuple[Project, Pledge]:
    project, pledge = lock_with_project(session, refunding.thing_of(session.get_one(ChargeAttempt, attempt_id)))
    demand_distance(session, project, actor)
    return project, pledge


def _attempt_id(session: Session, refund_id: int) -> int:
    return session.scalars(select(Refund.attempt_id).where(Refund.id == refund_id)).one()
