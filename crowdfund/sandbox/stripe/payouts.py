"""Payouts: what is available leaves the balance for the bank account, as it does every day at Stripe."""

from crowdfund.sandbox.stripe.context import Context
from crowdfund.sandbox.stripe.errors import Json, invalid
from crowdfund.sandbox.stripe.money import DAY, balance, book
from crowdfund.sandbox.stripe.objects import base


def pay_out(ctx: Context) -> Json | None:
    """Send all that is available to the bank and return the payout, None when there is nothing."""
    available = balance(ctx, {})["available"][0]["amount"]
    if available <= 0:
        return None
    payout = base(ctx, "payout", "po") | {
        "amount": available, "application_fee": None, "application_fee_amount": None,
        "arrival_date": ctx.now + DAY, "automatic": True, "balance_transaction": None, "currency": "gbp",
        "description": "STRIPE PAYOUT", "destination": None, "failure_balance_transaction": None,
        "failure_code": None, "failure_message": None, "metadata": {}, "method": "standard", "original_payout": None,
        "payout_method": None, "reconciliation_status": "completed", "reversed_by": None, "source_type": "card",
        "statement_descriptor": None, "status": "paid", "trace_id": None, "type": "bank_account",
    }  # fmt: skip
    payout["balance_transaction"] = book(ctx, payout, "payout", -available)
    return ctx.save(payout, "payout.created", "payout.paid")


def fail_payout(ctx: Context, payout_id: str) -> Json:
    """Let the bank send a payout back: the money returns to the balance."""
    payout = ctx.get("payout", payout_id)
    if payout["status"] == "failed":
        raise invalid("This payout has failed already.")
    back = book(ctx, payout, "payout_failure", payout["amount"])
    change = {"status": "failed", "failure_code": "account_closed", "failure_balance_transaction": back}
    change["failure_message"] = "The bank account has been closed."
    return ctx.save(payout | change, "payout.updated", "payout.failed")
