"""Asking for a refund, and its approval or rejection by another person. Amounts are pence.

The caller has locked what the money is about; here the charge is locked, then the refund.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from crowdfund.core import audit, ids, jobs
from crowdfund.core.actor import Actor, Permit, SystemActor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.money import pounds
from crowdfund.ledger.models import LedgerEntry
from crowdfund.payments.access import can_ask, can_decide
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.rules import REFUNDS, SEND_REFUND, AttemptState, DisputeState, RefundState

REFUNDER = SystemActor("refunds")
MOST_REASON = 500
NO_REASON = "Say why in a sentence or two."
DISPUTED = (
    "The cardholder disputes this payment with the bank, and the bank decides who gets the money. "
    "A refund now could pay it twice, so wait until the dispute is closed."
)
CHARGED_BACK = "The bank gave this payment back to the cardholder after a dispute, so nothing of it is left here."
_F = RefundState


def ask_refund(
    session: Session,
    attempt_id: int,
    pence: int,
    reason: str,
    *,
    asked_by: Actor | None,
    limit_pence: int,
    now: datetime,
) -> Refund:
    """Write a refund of a paid charge to the card it came from; up to the limit it is sent without a second person.

    What one person asked for alone adds up over all refunds of the charge. Nobody as `asked_by`: a decision or the
    clock asks. Raises Forbidden for whoever may not, Refused for a charge that is not paid or is disputed, for more
    than is left of it, and without a reason.
    """
    attempt = lock(session, ChargeAttempt, attempt_id)
    if asked_by is not None:
        demand(can_ask(asked_by))
    demand_reason(reason)
    refuse_disputed(session, attempt_id)
    _refuse_beyond(session, attempt, pence)
    alone = asked_by is None or pence + _asked_alone(session, attempt_id) <= limit_pence
    refund = Refund(
        public_id=ids.public_id(),
        attempt_id=attempt_id,
        amount_pence=pence,
        reason=reason.strip(),
        state=_F.APPROVED if alone else _F.ASKED,
        asked_by_id=asked_by.person_id if asked_by else None,
        created_at=now,
    )
    session.add(refund)
    attempt.refunded_pence += pence
    session.flush()
    actor, about = asked_by or REFUNDER, {"refund_id": refund.id, "amount_pence": pence}
    audit.record(session, Tag.REFUND_ASKED, actor=actor, subject_id=thing_of(attempt), now=now, **about)
    if alone:
        queue_sending(session, refund.id, now)
    return refund


def approve_refund(session: Session, refund_id: int, *, actor: Actor, now: datetime) -> Refund:
    """Approve a refund that somebody else asked for, and have it sent.

    Raises Forbidden for whoever asked for it or may not, Refused when its charge is disputed by now.
    """
    attempt, refund = lock_refund(session, refund_id)
    demand(can_decide(actor, refund))
    refuse_disputed(session, attempt.id)
    refund.state, refund.approved_by_id = REFUNDS.move(refund.state, _F.APPROVED), actor.person_id
    session.flush()
    audit.record(session, Tag.REFUND_APPROVED, actor=actor, subject_id=thing_of(attempt), now=now, refund_id=refund.id)
    queue_sending(session, refund.id, now)
    return refund


def reject_refund(session: Session, refund_id: int, reason: str, *, actor: Actor, now: datetime) -> Refund:
    """Reject a refund that somebody else asked for. Raises Forbidden as above, Refused without a reason."""
    attempt, refund = lock_refund(session, refund_id)
    demand(can_decide(actor, refund))
    demand_reason(reason)
    refund.state, refund.ended_at = REFUNDS.move(refund.state, _F.REJECTED), now
    attempt.refunded_pence -= refund.amount_pence
    session.flush()
    about = {"refund_id": refund.id, "reason": reason.strip()}
    audit.record(session, Tag.REFUND_REJECTED, actor=actor, subject_id=thing_of(attempt), now=now, **about)
    return refund


def left_pence(session: Session, attempt: ChargeAttempt) -> int:
    """Return what may still be given back to the card of a charge.

    What failed after the provider had taken it is owed to the backer in another way, so it is not left either; nor
    is what finance paid in another way.
    """
    elsewhere = or_(Refund.was_taken.is_(True), was_made_good())
    owed = select(func.coalesce(func.sum(Refund.amount_pence), 0)).where(
        Refund.attempt_id == attempt.id, Refund.state == _F.FAILED, elsewhere
    )
    if attempt.state is not AttemptState.SUCCEEDED:
        return 0
    return attempt.amount_pence - attempt.refunded_pence - int(session.scalar(owed) or 0)


def was_made_good() -> ColumnElement[bool]:
    """Return, for a statement about refunds, whether finance paid the backer in another way."""
    return exists().where(LedgerEntry.key == literal("refund:", String) + cast(Refund.id, String) + ":made_good")


def is_coming() -> ColumnElement[bool]:
    """Return, for a statement about refunds, whether the provider may still take one from its balance."""
    return and_(Refund.state.in_((_F.ASKED, _F.APPROVED, _F.PENDING)), Refund.was_taken.is_(False))


def find_refusal(session: Session, attempt_id: int) -> str:
    """Return why nothing of a charge can be given back because of a dispute; empty where nothing is in the way."""
    states = set(session.scalars(select(Dispute.state).where(Dispute.attempt_id == attempt_id)))
    if DisputeState.OPEN in states:
        return DISPUTED
    return CHARGED_BACK if DisputeState.LOST in states else ""


def refuse_disputed(session: Session, attempt_id: int) -> None:
    """Raise Refused('disputed') for a charge that is disputed, or was and is lost."""
    if refusal := find_refusal(session, attempt_id):
        raise Refused("disputed", refusal)


def queue_sending(
    session: Session, refund_id: int, now: datetime, key: str = "", after: datetime | None = None
) -> None:
    """Have the worker send a refund, or look what became of it; another key is another job."""
    name = f"{SEND_REFUND}:{refund_id}{key}"
    jobs.enqueue(session, SEND_REFUND, {"refund_id": refund_id}, dedupe_key=name, now=now, run_after=after)


def lock_refund(session: Session, refund_id: int) -> tuple[ChargeAttempt, Refund]:
    """Lock a refund behind its charge, in the order that everybody keeps. Raises NotFound."""
    ours = select(Refund.attempt_id).where(Refund.id == refund_id).scalar_subquery()
    return lock(session, ChargeAttempt, ours), lock(session, Refund, refund_id)


def thing_of(attempt: ChargeAttempt) -> int:
    """Return the id of what was charged."""
    return int(attempt.subject.partition(":")[2])


def demand(permit: Permit) -> None:
    """Raise Forbidden with the reason of a permit that is none."""
    if not permit:
        raise Forbidden(permit.reason)


def demand_reason(reason: str, field: str = "reason") -> None:
    """Raise Refused on the field where no reason is given or it is too long."""
    if not reason.strip():
        raise Refused("no_reason", NO_REASON, field)
    if len(reason) > MOST_REASON:
        raise Refused("long_reason", f"Use {MOST_REASON} characters or fewer.", field)


def _refuse_beyond(session: Session, attempt: ChargeAttempt, pence: int) -> None:
    if attempt.state is not AttemptState.SUCCEEDED:
        raise Refused("not_paid", "This charge was not paid, so there is nothing to give back.")
    if pence <= 0:
        raise Refused("no_amount", "Enter an amount above £0.", "amount")
    if pence > (left := left_pence(session, attempt)):
        sentence = f"That is more than is left of this payment: {pounds(left)} of {pounds(attempt.amount_pence)}."
        raise Refused("more_than_left", sentence, "amount")


def _asked_alone(session: Session, attempt_id: int) -> int:
    """Return what people asked back from a charge without a second person, in pence."""
    alone = select(func.coalesce(func.sum(Refund.amount_pence), 0)).where(
        Refund.attempt_id == attempt_id,
        Refund.asked_by_id.is_not(None),
        Refund.approved_by_id.is_(None),
        Refund.state.not_in((_F.ASKED, _F.REJECTED, _F.FAILED)),
    )
    return int(session.scalar(alone) or 0)
