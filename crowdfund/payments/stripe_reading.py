"""Stripe's objects, as plain JSON, read into our own words. Amounts in pence, times UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from crowdfund.payments.gateway import (
    BalanceMovement,
    ChargeResult,
    ChargeStatus,
    DisputeResult,
    Mark,
    RefundResult,
    RefundStatus,
    SavedCard,
    SavedCheckout,
)
from crowdfund.payments.stripe_declines import Advice, may_retry

Json = dict[str, Any]
REFERENCE = "crowdfund_reference"  # the name in metadata under which a thing of ours is known
SUBJECT, SUBJECT_REF, NUMBER = "crowdfund_subject", "crowdfund_subject_ref", "crowdfund_attempt"  # and what it is for
_CHARGES = {"succeeded": ChargeStatus.SUCCEEDED, "canceled": ChargeStatus.CANCELLED}
_REFUNDS = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
# The bank only asked and is content; or the money was given back before it came to a dispute.
_DISPUTES = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "lost"}


def moment(seconds: int) -> datetime:
    """Return a moment of Stripe's."""
    return datetime.fromtimestamp(seconds, UTC)


def reference_of(obj: Json) -> str | None:
    """Return our reference of a thing, or None when it is not ours."""
    reference = (obj.get("metadata") or {}).get(REFERENCE)
    return None if reference is None else str(reference)


def mark_of(obj: Json) -> Mark | None:
    """Return what a payment is for, or None when it does not say so."""
    kept = obj.get("metadata") or {}
    subject, ref, number = (str(kept.get(name, "")) for name in (SUBJECT, SUBJECT_REF, NUMBER))
    return Mark(subject, ref, int(number)) if subject and ref and number.isdecimal() else None


def saved_card(intent: Json) -> SavedCard | None:
    """Return the card that a SetupIntent saved; it came with its payment method."""
    method = intent.get("payment_method")
    if not isinstance(method, dict):
        return None
    return _card(intent["customer"], method["id"], method["card"])


def charge_result(intent: Json) -> ChargeResult:
    """Return what a PaymentIntent says; one with its charge and the charge's booking says all of it."""
    paid = intent["status"] == "succeeded"
    status = _CHARGES.get(intent["status"], ChargeStatus.PROCESSING)
    error = None if paid else intent.get("last_payment_error")
    if intent["status"] == "requires_payment_method" and error:
        status = ChargeStatus.DECLINED
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {"id": charge}
    booked = charge.get("balance_transaction")
    booked = booked if isinstance(booked, dict) else {}
    currencies = (booked.get("currency", intent["currency"]), intent["currency"])
    return ChargeResult(
        status,
        reference=reference_of(intent),
        intent_ref=intent["id"],
        charge_ref=charge["id"],
        amount_pence=intent["amount_received"] if paid else intent["amount"],
        currency=next((currency for currency in currencies if currency != "gbp"), "gbp"),
        fee_pence=booked.get("fee"),
        decline_code=_decline_code(error) if error else None,
        may_retry=may_retry(_advice(error)) if error else False,
        card=_charged_card(charge),
        refunded_pence=charge.get("amount_refunded", 0),
        live=bool(intent["livemode"]),
        mark=mark_of(intent),
    )


def _decline_code(error: Json) -> str:
    return str(error.get("decline_code") or error.get("code") or "declined")[:60]


def _advice(error: Json) -> Advice:
    return Advice(
        _decline_code(error),
        error.get("advice_code"),
        error.get("network_advice_code"),
        error.get("network_decline_code"),
    )


def _charged_card(charge: Json) -> SavedCard | None:
    card = (charge.get("payment_method_details") or {}).get("card")
    return _card(charge.get("customer"), charge["payment_method"], card) if card else None


def _card(customer: str | Json | None, method_ref: str, card: Json) -> SavedCard:
    customer_ref = customer["id"] if isinstance(customer, dict) else customer or ""
    fingerprint = card.get("fingerprint") or method_ref
    return SavedCard(
        customer_ref, method_ref, card["brand"], card["last4"], card["exp_month"], card["exp_year"], fingerprint
    )


def best_charge(intents: Iterable[Json], reference: str) -> ChargeResult:
    """Return the charge of ours among a customer's: a paid one before any other, NOTHING when there is none."""
    ours = [charge_result(intent) for intent in intents if reference_of(intent) == reference]
    paid = [result for result in ours if result.status is ChargeStatus.SUCCEEDED]
    return next(iter(paid or ours), ChargeResult(ChargeStatus.NOTHING))


def refund_result(refund: Json) -> RefundResult:
    """Return what a Refund says."""
    status, taken = _REFUNDS.get(refund["status"] or "succeeded", RefundStatus.PENDING), _took(refund)
    if status is RefundStatus.FAILED and taken and not refund.get("failure_balance_transaction"):
        status = RefundStatus.PENDING  # the money is still to come back
    failure = (refund.get("failure_reason") or refund["status"]) if status is RefundStatus.FAILED else None
    return RefundResult(status, reference_of(refund), refund["id"], refund["amount"], failure, refund["charge"], taken)


def _took(refund: Json) -> bool:
    return bool(refund.get("balance_transaction"))


def dispute_result(dispute: Json) -> DisputeResult:
    """Return what a Dispute says; the amount is what was taken, so nothing while the bank only asks."""
    booked = dispute["balance_transactions"]
    taken = [line for line in booked if line["amount"] < 0]
    given = [line for line in booked if line["amount"] >= 0]
    due = dispute["evidence_details"].get("due_by")
    return DisputeResult(
        dispute["id"],
        dispute["charge"],
        amount_pence=-sum(line["amount"] for line in taken),
        fee_pence=sum(line["fee"] for line in booked if line["fee"] > 0),
        reason=dispute["reason"],
        status=_DISPUTES.get(dispute["status"], "open"),
        evidence_due_at=None if due is None else moment(due),
        opened_at=moment(dispute["created"]),
        returned_pence=sum(line["amount"] for line in given),
        fee_returned_pence=-sum(line["fee"] for line in booked if line["fee"] < 0),
    )


def movement(line: Json) -> BalanceMovement:
    """Return what a BalanceTransaction says."""
    at = moment(line["created"])
    return BalanceMovement(line["id"], line["type"], line["source"], line["amount"], line["fee"], at)


def saved_checkout(session: Json) -> SavedCheckout:
    """Return what a Checkout Session says in which a card was saved."""
    return SavedCheckout(session["id"], reference_of(session), session["customer"], moment(session["created"]))
