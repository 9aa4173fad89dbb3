"""Charges written down: what is true at the provider, and what it has that our books do not know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core import failpoints
from crowdfund.core.db import db, lock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.charge_results import ENDED, NotBelieved, record_result
from crowdfund.payments.gateway import ChargeResult, Gateway, Mark
from crowdfund.payments.listening import ChargeListener
from crowdfund.payments.lost_charges import customers_of, owner_of, take_over, unwritten
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptState


@dataclass(frozen=True)
class ChargeRecords:
    """The provider, the secret that hides card fingerprints, and who wants to know what became of a charge."""

    gateway: Gateway
    secret: str
    listeners: Mapping[str, ChargeListener]

    def record(self, attempt_id: int, result: ChargeResult, now: datetime) -> AttemptState:
        """Record a result and tell the listener of an end, in one transaction."""
        with unit_of_work() as session:
            listener, subject_id = self.listener_of(session, attempt_id)
            listener.lock(session, subject_id)
            was = lock(session, ChargeAttempt, attempt_id).state
            state = record_result(session, attempt_id, result, now, live=self.gateway.live, secret=self.secret)
            if state in ENDED and was not in ENDED:
                listener.charge_ended(session, subject_id, attempt_id, now)
        failpoints.reach("charge.after_record")
        return state

    def find_lost(self, subject: str, now: datetime, *, instead_of: int | None = None) -> bool:
        """Look for a payment of a subject that our books do not know, take it over, and say whether there is one.

        `instead_of` is an attempt of the subject that the provider has not heard of. Raises GatewayDown, and
        NotBelieved for a payment that does not fit: nothing may be charged beside it.
        """
        for customer_ref in customers_of(db.session(), subject):
            for result in unwritten(db.session(), subject, self.gateway.list_paid(customer_ref)):
                if self.take_over(result, now, instead_of=instead_of) is None:
                    raise NotBelieved(f"the provider's {result.intent_ref} is for {subject} and does not fit it")
                return True
        return False

    def take_over(self, result: ChargeResult, now: datetime, instead_of: int | None = None) -> AttemptState | None:
        """Write down a payment that our books do not know; None where it fits nothing. See lost_charges.py."""
        owner = owner_of(db.session(), self.listeners, result)
        if owner is None:
            return None
        with unit_of_work() as session:
            found = take_over(session, owner, result, now, live=self.gateway.live, instead_of=instead_of)
        failpoints.reach("charge.after_take_over")
        if found is None:
            return None
        is_early = self.is_early(db.session.get_one(ChargeAttempt, found))
        return AttemptState.WAITING if is_early else self.settle(found, result, now)

    def settle(self, attempt_id: int, result: ChargeResult, now: datetime) -> AttemptState:
        """Record a saved card's charge; one that was declined is cancelled, and ends when that is confirmed."""
        state = self.record(attempt_id, result, now)
        if state is AttemptState.DECLINED and result.intent_ref is not None:
            state = self.record(attempt_id, self.gateway.cancel_charge(result.intent_ref), now)
        return state

    def is_early(self, attempt: ChargeAttempt) -> bool:
        """Say whether a payment that was taken over waits until it is due: before that it has no place in our books."""
        if attempt.state is not AttemptState.WAITING or attempt.session_ref is not None:
            return False
        listener, subject_id = self.listener_of(db.session(), attempt.id)
        owed = listener.owed(db.session(), subject_id)
        return owed is not None and not owed.is_due

    def mark_of(self, attempt: ChargeAttempt) -> Mark | None:
        """Return what is kept at the provider beside the payment of an attempt."""
        listener, subject_id = self.listener_of(db.session(), attempt.id)
        owed = listener.owed(db.session(), subject_id)
        return None if owed is None else Mark(attempt.subject, owed.reference, attempt.number)

    def listener_of(self, session: Session, attempt_id: int) -> tuple[ChargeListener, int]:
        """Return who wants to know of an attempt, and the subject's id there."""
        kind, _, subject_id = session.get_one(ChargeAttempt, attempt_id).subject.partition(":")
        return self.listeners[kind], int(subject_id)
