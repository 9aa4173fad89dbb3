"""Preparing a payout, and its approval or rejection by another person. Amounts are pence."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor, Permit
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock, one_at_a_time
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.money import pounds
from crowdfund.payouts import queries
from crowdfund.payouts.access import can_approve, can_prepare, can_reject
from crowdfund.payouts.details import why_not_payable
from crowdfund.payouts.listening import Payable, listener_of
from crowdfund.payouts.models import BankDetails, Payout
from crowdfund.payouts.queries import Facts
from crowdfund.payouts.rules import MACHINE, WORDS, PayoutState


def prepare_payout(
    session: Session, purpose: str, amount_pence: int, *, secret: str, actor: Actor, now: datetime
) -> Payout:
    """Write a payout that waits for a second person. `purpose` is such as 'project:3'.

    Raises Forbidden for whoever may not or declared nothing about it, Refused when details are missing or held,
    something is in the way, or the amount is more than what is held less open disputes, refunds and other payouts
    on their way.
    """
    demand(can_prepare(actor))
    payable = lock_purpose(session, purpose, actor)
    _demand_declared(session, purpose, actor)
    details = queries.find_details(session, payable.payee)
    facts = queries.read_facts(session, purpose, details.id if details else None)
    refuse_obstacle(find_obstacle(payable, details, facts, secret=secret, now=now))
    assert details is not None, "missing details are an obstacle"
    _refuse_beyond(payable, facts, amount_pence)
    assert actor.person_id is not None, "a person prepares"
    payout = Payout(
        public_id=ids.public_id(),
        reference=ids.reference("PO"),
        purpose=purpose,
        number=_next_number(session, purpose),
        payee=payable.payee,
        bank_details_id=details.id,
        amount_pence=amount_pence,
        state=PayoutState.PREPARED,
        prepared_by_id=actor.person_id,
        prepared_at=now,
    )
    session.add(payout)
    session.flush()
    about: dict[str, Any] = {"payout_id": payout.id, "amount_pence": amount_pence}
    audit.record(session, Tag.PAYOUT_PREPARED, actor=actor, subject_id=thing_of(purpose), now=now, **about)
    return payout


def approve_payout(session: Session, payout_id: int, *, secret: str, actor: Actor, now: datetime) -> Payout:
    """Approve what somebody else prepared; everything is judged again as it is now.

    Raises Forbidden for whoever prepared it, gave or checked its bank details, declared nothing or may not, and
    Refused as prepare_payout does and when it has moved.
    """
    payout, payable = lock_payout(session, payout_id, actor)
    details = lock(session, BankDetails, payout.bank_details_id)
    refuse_moved(payout, PayoutState.PREPARED)
    _demand_declared(session, payout.purpose, actor)
    demand(can_approve(actor, payout, details))
    facts = queries.read_facts(session, payout.purpose, details.id, but=payout.id)
    refuse_obstacle(find_obstacle(payable, details, facts, secret=secret, now=now))
    _refuse_beyond(payable, facts, payout.amount_pence)
    payout.approved_by_id, payout.approved_at = actor.person_id, now
    move(session, payout, PayoutState.APPROVED, actor=actor, now=now)
    return payout


def reject_payout(session: Session, payout_id: int, reason: str, *, actor: Actor, now: datetime) -> Payout:
    """Stop a payout before it is sent. Raises Forbidden for whoever may not, Refused without a reason or once sent."""
    payout, _ = lock_payout(session, payout_id, actor)
    refuse_moved(payout, PayoutState.PREPARED, PayoutState.APPROVED)
    demand(can_reject(actor, payout))
    demand_reason(reason)
    payout.reason, payout.ended_at = reason, now
    move(session, payout, PayoutState.REJECTED, reason, actor=actor, now=now)
    return payout


def find_obstacle(payable: Payable, details: BankDetails | None, facts: Facts, *, secret: str, now: datetime) -> str:
    """Return what stands in the way of paying to these details; empty where nothing does."""
    if payable.refusal:
        return payable.refusal
    if details is not None and details.payee != payable.payee:
        return "The money goes to somebody else by now. Stop this payout and prepare another."
    if facts.is_paid_twice:
        return "The bank paid an earlier payout twice. Record first what became of the second payment."
    return why_not_payable(details, facts, secret=secret, now=now)


def left_pence(payable: Payable, facts: Facts) -> int:
    """Return what can be paid out now: what is held less open disputes, refunds and payouts on their way."""
    return max(0, payable.free_pence - facts.waiting_pence)


def lock_purpose(session: Session, purpose: str, actor: Actor) -> Payable:
    """Lock what a payout is for and return what may be paid. Raises NotFound, Forbidden for officers tied to it."""
    listener, subject_id = listener_of(purpose)
    listener.lock(session, subject_id)
    listener.demand_apart(session, subject_id, actor)
    return listener.payable(session, subject_id)


def lock_payout(session: Session, payout_id: int, actor: Actor) -> tuple[Payout, Payable]:
    """Lock a payout behind its purpose, in the order that everybody keeps. Raises NotFound and Forbidden."""
    purpose = session.scalar(select(Payout.purpose).where(Payout.id == payout_id)) or ""
    payable = lock_purpose(session, purpose, actor)
    return lock(session, Payout, payout_id), payable


def move(session: Session, payout: Payout, new: PayoutState, reason: str = "", *, actor: Actor, now: datetime) -> None:
    """Move a locked payout and audit it. Raises IllegalMove."""
    about = {"payout_id": payout.id, "old": payout.state, "new": new, "reason": reason}
    payout.state = MACHINE.move(payout.state, new)
    session.flush()
    audit.record(session, Tag.PAYOUT_MOVED, actor=actor, subject_id=thing_of(payout.purpose), now=now, **about)


def demand(permit: Permit) -> None:
    """Raise Forbidden with the reason of a permit that is none."""
    if not permit:
        raise Forbidden(permit.reason)


def refuse_moved(payout: Payout, *states: PayoutState) -> None:
    """Raise Refused for a payout that somebody else moved meanwhile."""
    if payout.state not in states:
        raise Refused("moved", f"Somebody was faster. This payout stands at: {WORDS[payout.state]}.", "reason")


def demand_reason(reason: str) -> None:
    """Raise Refused on the field `reason` where none is given."""
    if not reason.strip():
        raise Refused("no_reason", "Say why in a sentence or two.", "reason")


def thing_of(purpose: str) -> int:
    """Return the id of the thing that a purpose names."""
    return listener_of(purpose)[1]


def refuse_obstacle(obstacle: str) -> None:
    """Raise Refused where something is in the way."""
    if obstacle:
        raise Refused("obstacle", obstacle)


def _demand_declared(session: Session, purpose: str, actor: Actor) -> None:
    listener, subject_id = listener_of(purpose)
    listener.demand_declared(session, subject_id, actor)


def _refuse_beyond(payable: Payable, facts: Facts, amount_pence: int) -> None:
    if amount_pence <= 0:
        raise Refused("no_amount", "Enter an amount above £0.", "amount")
    if amount_pence > (left := left_pence(payable, facts)):
        sentence = (
            f"That is more than can be paid out now: {pounds(left)}. "
            "It is what is held less open disputes, refunds and payouts on their way."
        )
        raise Refused("more_than_held", sentence, "amount")


def _next_number(session: Session, purpose: str) -> int:
    one_at_a_time(session, f"payouts:{purpose}")
    return int(session.scalar(select(func.max(Payout.number)).where(Payout.purpose == purpose)) or 0) + 1
