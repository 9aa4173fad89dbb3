"""Giving money back: our row first, then the provider, then what is true there; in any order, any number of times."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from crowdfund.core import audit, failpoints, ids
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db, lock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.charge_results import ENDED, GATEWAY, NotBelieved
from crowdfund.payments.gateway import Gateway, RefundResult, RefundStatus
from crowdfund.payments.listening import ChargeListener
from crowdfund.payments.models import ChargeAttempt, Refund
from crowdfund.payments.refunding import lock_refund, queue_sending, thing_of
from crowdfund.payments.rules import REFUNDS, SAME_KEY_FOR, RefundState

ELSEWHERE = "Given back at the payment provider, not through this service."
NEVER_ARRIVED = "never_arrived"  # asked for during a long outage, and the provider never heard of it
# A bank may send a refund back weeks later, and the webhook that says so may be lost.
LOOKS_AFTER = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
_F, _S = RefundState, RefundStatus
_NEW = {_S.PENDING: _F.PENDING, _S.SUCCEEDED: _F.SUCCEEDED, _S.FAILED: _F.FAILED, _S.NOTHING: _F.FAILED}
_UNDER_WAY = frozenset({_F.APPROVED, _F.PENDING})
_OVER = frozenset({_F.SUCCEEDED, _F.FAILED, _F.REJECTED})


class UnknownCharge(LookupError):
    """Something about a charge that is not written down here yet: worth another look later."""


@dataclass(frozen=True)
class Refunds:
    """The provider, and who wants to know what became of a refund."""

    gateway: Gateway
    listeners: Mapping[str, ChargeListener]

    def sync(self, refund_id: int, now: datetime) -> RefundState:
        """Do what a refund needs next and record what is true of it at the provider.

        Safe to call from a webhook, the worker and the sweeper at once. Raises GatewayDown; the row stays.
        """
        refund = db.session.get_one(Refund, refund_id, populate_existing=True)
        if refund.state in {_F.ASKED, _F.REJECTED, _F.FAILED}:
            return refund.state
        if refund.refund_ref is not None:
            return self.record(refund_id, self.gateway.read_refund(refund.refund_ref), now)
        charge_ref = db.session.scalar(select(ChargeAttempt.charge_ref).where(ChargeAttempt.id == refund.attempt_id))
        assert charge_ref is not None, "only a paid charge is refunded"
        if refund.sent_at is not None:
            found = self.gateway.find_refund(refund.public_id, charge_ref)
            # The same key can never give back twice, but only as long as the provider is sure to know it.
            if found.status is not _S.NOTHING or now - refund.sent_at >= SAME_KEY_FOR:
                return self.record(refund_id, found, now)
        return self._send(refund, charge_ref, now)

    def read(self, refund_ref: str, now: datetime) -> RefundState:
        """Record what is true of the provider's refund, also of one that was not made through this service.

        Raises GatewayDown, NotBelieved for one that does not fit, and UnknownCharge while its charge may still be heard
        of.
        """
        result = self.gateway.read_refund(refund_ref)
        known = (Refund.refund_ref == refund_ref) | (Refund.public_id == (result.reference or ""))
        refund_id = db.session.scalar(select(Refund.id).where(known))
        return self.record(refund_id or self._adopt(result, now), result, now)

    def record(self, refund_id: int, result: RefundResult, now: datetime) -> RefundState:
        """Record a result and tell the listener of a change, in one transaction."""
        with unit_of_work() as session:
            subject = select(ChargeAttempt.subject).join(Refund).where(Refund.id == refund_id)
            kind, _, subject_id = session.scalars(subject).one().partition(":")
            self.listeners[kind].lock(session, int(subject_id))
            refund = lock_refund(session, refund_id)[1]
            was = refund.state, refund.was_taken
            state = record_refund(session, refund_id, result, now)
            if (state, refund.was_taken) != was:
                self.listeners[kind].refund_ended(session, int(subject_id), refund_id, now)
        failpoints.reach("refund.after_record")
        return state

    def _send(self, refund: Refund, charge_ref: str, now: datetime) -> RefundState:
        with unit_of_work() as session:
            locked = lock(session, Refund, refund.id)
            locked.sent_at = locked.sent_at or now
        failpoints.reach("refund.before_send")
        result = self.gateway.refund(refund.public_id, charge_ref, refund.amount_pence)
        failpoints.reach("refund.after_send")
        return self.record(refund.id, result, now)

    def _adopt(self, result: RefundResult, now: datetime) -> int:
        """Write down a refund that somebody made at the provider, or that was lost here; return its id."""
        paid = select(ChargeAttempt).where(ChargeAttempt.charge_ref == (result.charge_ref or ""))
        attempt = db.session.scalars(paid).one_or_none()
        if attempt is None or result.amount_pence is None:
            raise unknown_charge(db.session(), f"refund {result.refund_ref}")
        kind = attempt.subject.partition(":")[0]
        with unit_of_work() as session:
            self.listeners[kind].lock(session, thing_of(attempt))
            return adopt_refund(session, attempt.id, result, now)


def record_refund(session: Session, refund_id: int, result: RefundResult, now: datetime) -> RefundState:
    """Move a refund to what is true of it at the provider and return its state; a repeat changes nothing.

    The caller has locked what the money is about. Raises NotBelieved for another refund's reference or amount, and
    for one that turns up after it was given up.
    """
    attempt, refund = lock_refund(session, refund_id)
    _demand_ours(refund, result)
    new, taken = _NEW[result.status], result.taken or result.status is _S.SUCCEEDED
    _refuse_late(refund, result, taken=taken)
    if refund.state in _UNDER_WAY:
        refund.refund_ref, refund.was_taken = result.refund_ref or refund.refund_ref, refund.was_taken or taken
        session.flush()
    if new not in REFUNDS.moves[refund.state]:
        return refund.state
    refund.state = REFUNDS.move(refund.state, new)
    if new in _OVER:
        refund.ended_at = now
    if new is _F.FAILED:
        refund.failure = (result.failure or NEVER_ARRIVED)[:60]
        attempt.refunded_pence -= refund.amount_pence
    session.flush()
    if new in _OVER:
        about = {"refund_id": refund.id, "state": new.value}
        audit.record(session, Tag.REFUND_ENDED, actor=GATEWAY, subject_id=thing_of(attempt), now=now, **about)
    if new is _F.SUCCEEDED:
        for pause in LOOKS_AFTER:
            queue_sending(session, refund.id, now, f":after:{pause.days}", now + pause)
    return new


def adopt_refund(session: Session, attempt_id: int, result: RefundResult, now: datetime) -> int:
    """Write the row of a refund that only the provider knows, and return its id; once for each reference there.

    Raises NotBelieved when more would be given back than was paid.
    """
    attempt = lock(session, ChargeAttempt, attempt_id)
    known = session.scalar(select(Refund.id).where(Refund.refund_ref == result.refund_ref))
    if known is not None:
        return known
    assert result.amount_pence is not None
    if attempt.refunded_pence + result.amount_pence > attempt.amount_pence:
        raise NotBelieved(f"refund {result.refund_ref} and those asked for here are more than was paid")
    refund = Refund(
        public_id=ids.public_id(),
        attempt_id=attempt_id,
        amount_pence=result.amount_pence,
        reason=ELSEWHERE,
        state=_F.APPROVED,
        refund_ref=result.refund_ref,
        created_at=now,
        sent_at=now,
    )
    session.add(refund)
    attempt.refunded_pence += result.amount_pence
    session.flush()
    about = {"refund_id": refund.id, "amount_pence": refund.amount_pence}
    audit.record(session, Tag.REFUND_ASKED, actor=GATEWAY, subject_id=thing_of(attempt), now=now, **about)
    return refund.id


def unknown_charge(session: Session, what: str) -> LookupError:
    """Return what to raise for something about a charge that is not known here.

    While a charge of ours is not answered yet it may be that one; otherwise a person has to look at it.
    """
    unheard = exists().where(ChargeAttempt.sent_at.is_not(None), ChargeAttempt.state.not_in(ENDED))
    kind = UnknownCharge if session.scalar(select(unheard)) else NotBelieved
    return kind(f"{what} is of a charge that is not known here")


def _refuse_late(refund: Refund, result: RefundResult, *, taken: bool) -> None:
    is_new = taken or result.refund_ref not in {None, refund.refund_ref}
    if refund.state is _F.FAILED and not refund.was_taken and is_new:
        raise NotBelieved(f"refund {refund.id} turned up at the provider after it had been given up")


def _demand_ours(refund: Refund, result: RefundResult) -> None:
    if result.status is _S.NOTHING or result.refund_ref is None:
        return
    is_ours = result.refund_ref == refund.refund_ref or result.reference == refund.public_id
    if not is_ours or refund.refund_ref not in {None, result.refund_ref} or result.amount_pence != refund.amount_pence:
        raise NotBelieved(f"the provider's {result.refund_ref} is not what refund {refund.id} asked for")
