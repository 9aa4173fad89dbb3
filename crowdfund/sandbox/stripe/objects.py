"""The shapes of Stripe's objects, with every field this stand-in can fill."""

from crowdfund.sandbox.stripe.cards import Card, Decline
from crowdfund.sandbox.stripe.context import Context, new_id
from crowdfund.sandbox.stripe.errors import Json


def base(ctx: Context, kind: str, prefix: str, length: int = 24) -> Json:
    """Return what every object has."""
    return {"id": new_id(prefix, length), "object": kind, "created": ctx.now, "livemode": False}


def customer(ctx: Context) -> Json:
    """Return a new, empty customer."""
    return base(ctx, "customer", "cus", 14) | {
        "address": None, "balance": 0, "currency": None, "default_source": None, "delinquent": False,
        "description": None, "email": None, "invoice_prefix": new_id("x", 8)[2:].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None,
                             "rendering_options": None},
        "metadata": {}, "name": None, "phone": None, "preferred_locales": [], "shipping": None,
        "tax_exempt": "none", "test_clock": None,
    }  # fmt: skip


def payment_method(ctx: Context, card: Card, month: int, year: int, billing: Json, *, checked: bool) -> Json:
    """Return a new payment method; the number itself is kept only because it is a test number."""
    return base(ctx, "payment_method", "pm") | {
        "allow_redisplay": "unspecified",
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None} | billing,
        "card": {
            "brand": card.brand, "country": "GB", "display_brand": card.brand, "exp_month": month, "exp_year": year,
            "checks": {"address_line1_check": None, "address_postal_code_check": None,
                       "cvc_check": "pass" if checked else "unchecked"},
            "fingerprint": card.fingerprint, "funding": "credit", "generated_from": None, "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None}, "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True}, "wallet": None,
        },
        "customer": None, "metadata": {}, "type": "card",
        "_number": card.number, "_authenticated": False, "_spent": False,
    }  # fmt: skip


def setup_intent(ctx: Context) -> Json:
    """Return a new set-up that still needs a card."""
    obj = base(ctx, "setup_intent", "seti")
    return obj | {
        "application": None, "automatic_payment_methods": None, "cancellation_reason": None,
        "client_secret": new_id(f"{obj['id']}_secret", 25), "customer": None, "description": None,
        "flow_directions": None, "last_setup_error": None, "latest_attempt": None, "mandate": None, "metadata": {},
        "next_action": None, "on_behalf_of": None, "payment_method": None,
        "payment_method_options": {"card": {"mandate_options": None, "network": None,
                                            "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"], "single_use_mandate": None, "status": "requires_payment_method",
        "usage": "off_session", "_session": None, "_return_url": None,
    }  # fmt: skip


def payment_intent(ctx: Context, amount: int, currency: str) -> Json:
    """Return a new payment that still needs a card; `amount` in the currency's smallest unit (pence)."""
    obj = base(ctx, "payment_intent", "pi")
    return obj | {
        "amount": amount, "amount_capturable": 0, "amount_details": {"tip": {}}, "amount_received": 0,
        "application": None, "application_fee_amount": None, "automatic_payment_methods": None,
        "canceled_at": None, "cancellation_reason": None, "capture_method": "automatic_async",
        "client_secret": new_id(f"{obj['id']}_secret", 25), "confirmation_method": "automatic",
        "currency": currency, "customer": None, "description": None, "last_payment_error": None,
        "latest_charge": None, "metadata": {}, "next_action": None, "on_behalf_of": None, "payment_method": None,
        "payment_method_options": {"card": {"installments": None, "mandate_options": None, "network": None,
                                            "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"], "processing": None, "receipt_email": None, "review": None,
        "setup_future_usage": None, "shipping": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "requires_payment_method", "transfer_data": None,
        "transfer_group": None, "_session": None, "_return_url": None,
    }  # fmt: skip


def charge(ctx: Context, intent: Json, method: Json, decline: Decline | None) -> Json:
    """Return the charge that an attempt made: paid, or failed for the reason given."""
    card, paid = method["card"], decline is None
    obj = base(ctx, "charge", "ch")
    return obj | {
        "amount": intent["amount"], "amount_captured": intent["amount"] if paid else 0, "amount_refunded": 0,
        "application": None, "application_fee": None, "application_fee_amount": None, "balance_transaction": None,
        "billing_details": method["billing_details"], "captured": paid, "currency": intent["currency"],
        "calculated_statement_descriptor": f"STAND-IN* {intent['statement_descriptor_suffix'] or 'PLEDGE'}"[:22],
        "customer": intent["customer"], "description": intent["description"], "disputed": False,
        "failure_balance_transaction": None, "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None, "fraud_details": {},
        "metadata": intent["metadata"], "on_behalf_of": None, "outcome": _outcome(decline), "paid": paid,
        "payment_intent": intent["id"], "payment_method": method["id"],
        "payment_method_details": {"type": "card", "card": _card_details(card, intent["amount"])},
        "receipt_email": intent["receipt_email"], "receipt_number": None, "receipt_url": None, "refunded": False,
        "review": None, "shipping": None, "source_transfer": None, "statement_descriptor": None,
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if paid else "failed", "transfer_data": None, "transfer_group": None,
        "_number": method["_number"],
    }  # fmt: skip


def _card_details(card: Json, amount: int) -> Json:
    return {
        key: card[key] for key in ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4",
                                   "checks", "regulated_status", "wallet")
    } | {"amount_authorized": amount, "installments": None, "mandate": None, "network": card["brand"],
         "network_token": {"used": False}, "three_d_secure": None}  # fmt: skip


def _outcome(decline: Decline | None) -> Json:
    if decline is None:
        return {"advice_code": None, "network_advice_code": None, "network_decline_code": None,
                "network_status": "approved_by_network", "reason": None, "risk_level": "normal", "risk_score": 20,
                "seller_message": "Payment complete.", "type": "authorized"}  # fmt: skip
    return {"advice_code": decline.advice, "network_advice_code": None, "network_decline_code": None,
            "network_status": "declined_by_network", "reason": decline.decline_code or decline.code,
            "risk_level": "normal", "risk_score": 20, "seller_message": "The bank did not approve this payment.",
            "type": "issuer_declined"}  # fmt: skip
