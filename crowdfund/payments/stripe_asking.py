"""What we ask of Stripe: the parameters of each request that makes something."""

from typing import Any

from crowdfund.payments.gateway import ChargeRequest, CheckoutRequest, PaymentPageRequest
from crowdfund.payments.stripe_reading import NUMBER, REFERENCE, SUBJECT, SUBJECT_REF

Json = dict[str, Any]
_BOOKED = "latest_charge.balance_transaction"
EXPAND_CHARGE = {"expand": [_BOOKED]}
EXPAND_CHARGES = {"expand": [f"data.{_BOOKED}"]}
EXPAND_PAYMENT = {"expand": [f"payment_intent.{_BOOKED}"]}


def customer(request: CheckoutRequest) -> Json:
    """A customer of this one checkout."""
    return {"email": request.email, "metadata": {REFERENCE: request.reference}}


def checkout(request: CheckoutRequest, customer_ref: str) -> Json:
    """A page on which a card is saved."""
    ours = {REFERENCE: request.reference}
    return {
        "mode": "setup",
        "customer": customer_ref,
        "currency": "gbp",
        "payment_method_types": ["card"],
        "metadata": ours,
        "setup_intent_data": {"metadata": ours},
        "custom_text": {"submit": {"message": request.wording}},
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
    }


def charge(request: ChargeRequest) -> Json:
    """A saved card charged at once without its holder; booked at once too, so that the fee is in the answer."""
    return {
        "amount": request.amount_pence,
        "currency": "gbp",
        "customer": request.customer_ref,
        "payment_method": request.payment_method_ref,
        "payment_method_types": ["card"],
        "confirm": True,
        "off_session": True,
        "capture_method": "automatic",
        "description": request.description,
        "metadata": _ours(request),
        **EXPAND_CHARGE,
    }


def payment_page(request: PaymentPageRequest) -> Json:
    """A page on which exactly this amount is paid in pounds; a conversion offered there would not be exact."""
    ours = _ours(request)
    price = {"currency": "gbp", "unit_amount": request.amount_pence, "product_data": {"name": request.title}}
    return {
        "mode": "payment",
        **_payer(request),
        "payment_method_types": ["card"],
        "line_items": [{"price_data": price, "quantity": 1}],
        "adaptive_pricing": {"enabled": False},
        "submit_type": "pay",
        "metadata": ours,
        "payment_intent_data": {"metadata": ours, "description": request.title, "capture_method": "automatic"},
        "custom_text": {"submit": {"message": request.wording}},
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
        "expires_at": int(request.expires_at.timestamp()),
    }


def _ours(request: ChargeRequest | PaymentPageRequest) -> Json:
    """What is kept with a payment: our reference, and what it is for."""
    ours = {REFERENCE: request.reference}
    if request.mark is None:
        return ours
    mark = request.mark
    return ours | {SUBJECT: mark.subject, SUBJECT_REF: mark.subject_ref, NUMBER: str(mark.number)}


def _payer(request: PaymentPageRequest) -> Json:
    if request.customer_ref is not None:
        return {"customer": request.customer_ref}
    return {"customer_email": request.email, "customer_creation": "always"}


def refund(reference: str, charge_ref: str, amount_pence: int) -> Json:
    """Money back to the card of a charge."""
    return {"charge": charge_ref, "amount": amount_pence, "metadata": {REFERENCE: reference}}
