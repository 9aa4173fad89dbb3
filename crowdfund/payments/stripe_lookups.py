"""Looking things up at Stripe: what changes nothing there, and so may be asked at any time."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from crowdfund.payments import stripe_asking as asking
from crowdfund.payments import stripe_reading as reading
from crowdfund.payments.gateway import (
    BalanceMovement,
    ChargeResult,
    ChargeStatus,
    CheckoutResult,
    CheckoutStatus,
    DisputeResult,
    RefundResult,
    RefundStatus,
    SavedCheckout,
)
from crowdfund.payments.stripe_reading import Json

_PAGE = {"limit": 100}
_CLOCKS_DIFFER = timedelta(minutes=10)


class StripeLookups:
    """Reads through `v1`, the library's services; `answering` turns 'no answer' into GatewayDown."""

    def __init__(self, v1: Any, answering: Callable[[], AbstractContextManager[None]]) -> None:
        self._v1 = v1  # stripe_asking.py knows the parameters, stripe_reading.py the answers
        self._answering = answering

    def read_checkout(self, session_ref: str) -> CheckoutResult:
        """Read the session with its card."""
        with self._answering():
            found = self._v1.checkout.sessions.retrieve(session_ref, {"expand": ["setup_intent.payment_method"]})
        session = found.to_dict()
        status = CheckoutStatus(session["status"] or "open")
        card = reading.saved_card(session["setup_intent"] or {}) if status is CheckoutStatus.COMPLETE else None
        return CheckoutResult(reading.reference_of(session), status, card, bool(session["livemode"]))

    def read_payment(self, session_ref: str) -> tuple[CheckoutStatus, ChargeResult]:
        """Read the session with its PaymentIntent; without one nothing was tried on the page."""
        with self._answering():
            found = self._v1.checkout.sessions.retrieve(session_ref, asking.EXPAND_PAYMENT)
        session = found.to_dict()
        status = CheckoutStatus(session["status"] or "open")
        if session["payment_intent"] is not None:
            return status, reading.charge_result(session["payment_intent"])
        live = bool(session["livemode"])
        return status, ChargeResult(ChargeStatus.NOTHING, reading.reference_of(session), live=live)

    def find_charge(self, reference: str, customer_ref: str, since: datetime) -> ChargeResult:
        """List the customer's PaymentIntents, which unlike searching shows what was made a moment ago."""
        created = {"gte": int((since - _CLOCKS_DIFFER).timestamp())}
        params = {"customer": customer_ref, "created": created, **_PAGE, **asking.EXPAND_CHARGES}
        with self._answering():
            return reading.best_charge(_all(self._v1.payment_intents.list, params), reference)

    def list_paid(self, customer_ref: str) -> list[ChargeResult]:
        """List all PaymentIntents of a customer, who is that of one pledge, so there are few."""
        params = {"customer": customer_ref, **_PAGE, **asking.EXPAND_CHARGES}
        with self._answering():
            found = [reading.charge_result(intent) for intent in _all(self._v1.payment_intents.list, params)]
        return [result for result in found if result.status is ChargeStatus.SUCCEEDED]

    def find_paid(self, charge_ref: str) -> ChargeResult | None:
        """Read the Charge, which names its PaymentIntent; other kinds of payment have another name."""
        if not charge_ref.startswith("ch_"):
            return None
        with self._answering():
            intent = self._v1.charges.retrieve(charge_ref).payment_intent
        return self.read_charge(intent) if isinstance(intent, str) else None

    def list_saved(self, since: datetime) -> Iterator[SavedCheckout]:
        """List the complete Checkout Sessions in which a card was saved."""
        params = {"created": {"gte": int(since.timestamp())}, "status": "complete", **_PAGE}
        with self._answering():
            for session in _all(self._v1.checkout.sessions.list, params):
                if session["mode"] == "setup":
                    yield reading.saved_checkout(session)

    def read_charge(self, intent_ref: str) -> ChargeResult:
        """Read the PaymentIntent with its charge and fee."""
        with self._answering():
            found = self._v1.payment_intents.retrieve(intent_ref, asking.EXPAND_CHARGE)
        return reading.charge_result(found.to_dict())

    def find_refund(self, reference: str, charge_ref: str) -> RefundResult:
        """List the charge's Refunds."""
        with self._answering():
            every = _all(self._v1.refunds.list, {"charge": charge_ref, **_PAGE})
            ours = [refund for refund in every if reading.reference_of(refund) == reference]
        return reading.refund_result(ours[0]) if ours else RefundResult(RefundStatus.NOTHING)

    def read_refund(self, refund_ref: str) -> RefundResult:
        """Read the Refund."""
        with self._answering():
            return reading.refund_result(self._v1.refunds.retrieve(refund_ref).to_dict())

    def read_dispute(self, dispute_ref: str) -> DisputeResult:
        """Read the Dispute."""
        with self._answering():
            return reading.dispute_result(self._v1.disputes.retrieve(dispute_ref).to_dict())

    def list_movements(self, since: datetime) -> Iterator[BalanceMovement]:
        """List the BalanceTransactions of every kind; the next page is asked for when the last one is used up."""
        created = {"gte": int(since.timestamp())}
        with self._answering():
            for line in _all(self._v1.balance_transactions.list, {"created": created, **_PAGE}):
                yield reading.movement(line)

    def balance_pence(self) -> int:
        """Read the Balance, in pounds sterling."""
        with self._answering():
            held = self._v1.balance.retrieve().to_dict()
        parts = [*held["available"], *held["pending"]]
        return sum(part["amount"] for part in parts if part["currency"] == "gbp")


def _all(list_: Callable[..., Any], params: Json) -> Iterator[Json]:
    return (item.to_dict() for item in list_(params).auto_paging_iter())
