"""Disputes: what the bank took back for a card's holder, and what it decided. Amounts are pence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import db, lock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.postings import Posting, win_dispute
from crowdfund.payments.charge_results import GATEWAY, NotBelieved
from crowdfund.payments.gateway import DisputeResult, Gateway
from crowdfund.payments.listening import ChargeListener
from crowdfund.payments.models import ChargeAttempt, Dispute
from crowdfund.payments.refund_sending import unknown_charge
from crowdfund.payments.refunding import thing_of
from crowdfund.payments.rules import DISPUTES, DisputeState

NO_PROJECT = 0  # the provider's own fee is nobody's but the programme's


@dataclass(frozen=True)
class Disputes:
    """The provider, and who wants to know of a dispute."""

    gateway: Gateway
    listeners: Mapping[str, ChargeListener]

    def read(self, dispute_ref: str, now: datetime) -> DisputeState | None:
        """Record what is true of the provider's dispute; None while the bank only asks and has taken nothing.

        Safe to call from a webhook and the sweeper at once. Raises GatewayDown, NotBelieved for one that does not
        fit, and UnknownCharge while its charge may still be heard of.
        """
        return self.record(self.gateway.read_dispute(dispute_ref), now)

    def record(self, result: DisputeResult, now: datetime) -> DisputeState | None:
        """Record a result and tell the listener of every change, in one transaction."""
        if not result.amount_pence:
            return None
        paid = select(ChargeAttempt).where(ChargeAttempt.charge_ref == result.charge_ref)
        attempt = db.session.scalars(paid).one_or_none()
        if attempt is None:
            raise unknown_charge(db.session(), f"dispute {result.dispute_ref}")
        attempt_id, subject_id = attempt.id, thing_of(attempt)
        listener = self.listeners[attempt.subject.partition(":")[0]]
        with unit_of_work() as session:
            listener.lock(session, subject_id)
            dispute, is_new = open_dispute(session, attempt_id, result, now)
            if is_new:
                listener.dispute_changed(session, subject_id, dispute.id, now)
            if close_dispute(session, dispute.id, result, now):
                listener.dispute_changed(session, subject_id, dispute.id, now)
            return dispute.state


def open_dispute(session: Session, attempt_id: int, result: DisputeResult, now: datetime) -> tuple[Dispute, bool]:
    """Return the row of a dispute, and whether it is new. Raises NotBelieved for another charge or amount."""
    attempt = lock(session, ChargeAttempt, attempt_id)
    known = select(Dispute).where(Dispute.dispute_ref == result.dispute_ref)
    dispute = session.scalars(known.execution_options(populate_existing=True)).one_or_none()
    if dispute is not None:
        if (dispute.attempt_id, dispute.amount_pence) != (attempt_id, result.amount_pence):
            raise NotBelieved(f"the provider's {result.dispute_ref} is not what dispute {dispute.id} was")
        dispute.evidence_due_at = result.evidence_due_at
        session.flush()
        return dispute, False
    dispute = Dispute(
        dispute_ref=result.dispute_ref,
        attempt_id=attempt_id,
        amount_pence=result.amount_pence,
        fee_pence=result.fee_pence,
        reason=result.reason[:60],
        state=DisputeState.OPEN,
        evidence_due_at=result.evidence_due_at,
        opened_at=now,
    )
    session.add(dispute)
    session.flush()
    about = {"dispute_id": dispute.id, "amount_pence": dispute.amount_pence}
    audit.record(session, Tag.DISPUTE_OPENED, actor=GATEWAY, subject_id=thing_of(attempt), now=now, **about)
    return dispute, True


def close_dispute(session: Session, dispute_id: int, result: DisputeResult, now: datetime) -> bool:
    """Move a dispute to what the bank decided; say whether this was the moment.

    One that is won stays open until the provider has given the money back. Raises NotBelieved when it gave back
    only a part, or decided otherwise than before.
    """
    dispute = lock(session, Dispute, dispute_id)
    new = DisputeState(result.status)
    if new is DisputeState.OPEN or new is dispute.state:
        return False
    if dispute.state is not DisputeState.OPEN:
        raise NotBelieved(f"dispute {dispute_id} is {dispute.state}, and the provider says {new}")
    if new is DisputeState.WON and not result.returned_pence:
        return False
    if new is DisputeState.WON and result.returned_pence != dispute.amount_pence:
        raise NotBelieved(f"dispute {dispute_id} was won, and {result.returned_pence} pence came back")
    dispute.state, dispute.closed_at = DISPUTES.move(dispute.state, new), now
    session.flush()
    if new is DisputeState.WON and result.fee_returned_pence:
        posting = Posting(session, f"dispute:{dispute_id}:fee_returned", GATEWAY, now)
        win_dispute(posting, NO_PROJECT, 0, result.fee_returned_pence)
    attempt = session.get_one(ChargeAttempt, dispute.attempt_id)
    about = {"dispute_id": dispute_id, "state": new.value}
    audit.record(session, Tag.DISPUTE_CLOSED, actor=GATEWAY, subject_id=thing_of(attempt), now=now, **about)
    return True
