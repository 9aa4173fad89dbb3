"""The balance: fees, balance transactions and refunds. Amounts in pence."""

from crowdfund.sandbox.stripe.context import Context, merge_metadata
from crowdfund.sandbox.stripe.declines import card_of
from crowdfund.sandbox.stripe.errors import Json, invalid
from crowdfund.sandbox.stripe.objects import base

FEE_PER_MILLE = 15
FEE_FIXED = 20
DAY = 86_400


def processing_fee(amount: int) -> int:
    """Return the fee for a card payment: 1.5 % rounded to the nearest penny, plus 20p."""
    return (amount * FEE_PER_MILLE + 500) // 1_000 + FEE_FIXED


def book(ctx: Context, source: Json, kind: str, amount: int, *, fee: int = 0, category: str = "", days: int = 0) -> str:
    """Put a movement on the balance, available after `days`, and return its id."""
    details = [{"amount": fee, "application": None, "currency": source["currency"],
                "description": "Stripe processing fees" if kind == "charge" else "Dispute fee",
                "type": "stripe_fee"}] if fee else []  # fmt: skip
    obj = base(ctx, "balance_transaction", "txn") | {
        "amount": amount, "available_on": ctx.now + days * DAY, "balance_type": "payments",
        "currency": source["currency"], "description": source.get("description"), "exchange_rate": None,
        "fee": fee, "fee_details": details, "net": amount - fee, "reporting_category": category or kind,
        "source": source["id"], "status": "pending", "type": kind,
    }  # fmt: skip
    del obj["livemode"]
    return str(ctx.save(obj)["id"])


def book_charge(ctx: Context, paid: Json) -> None:
    """Put a charge on the balance, available three days later. Changes `paid`, which the caller saves."""
    paid["balance_transaction"] = book(ctx, paid, "charge", paid["amount"], fee=processing_fee(paid["amount"]), days=3)


def create_refund(ctx: Context, asked: Json) -> Json:
    """Give money back. Raises ApiError for more than is left, a failed or disputed charge, or no charge."""
    paid = _charge_to_refund(ctx, asked)
    amount = asked.get("amount", paid["amount"] - paid["amount_refunded"])
    left = paid["amount"] - paid["amount_refunded"]
    if left == 0:
        raise invalid(f"Charge {paid['id']} has already been refunded.", None, "charge_already_refunded")
    if amount > left:
        message = f"Refund amount (£{amount / 100:.2f}) is greater than unrefunded amount on charge (£{left / 100:.2f})"
        raise invalid(message, "amount")
    refund = base(ctx, "refund", "re") | {
        "amount": amount, "balance_transaction": None, "charge": paid["id"], "currency": paid["currency"],
        "destination_details": {"type": "card", "card": {"reference_status": "pending", "reference_type":
                                "acquirer_reference_number", "type": "refund"}},
        "metadata": merge_metadata({}, asked.get("metadata")), "payment_intent": paid["payment_intent"],
        "reason": asked.get("reason"), "receipt_number": None, "source_transfer_reversal": None,
        "status": "succeeded", "transfer_reversal": None,
    }  # fmt: skip
    del refund["livemode"]
    speed = card_of(paid).refund
    if speed == "refused":
        refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        return ctx.save(refund, "refund.created", "refund.failed")
    refund["balance_transaction"] = book(ctx, refund, "refund", -amount)
    if speed == "pending":
        refund["status"] = "pending"
        ctx.afterwards.append(lambda: _finish_refund(ctx, refund["id"]))
    if speed == "fails":
        ctx.afterwards.append(lambda: fail_refund(ctx, refund["id"]))
    _count_refunded(ctx, paid, amount)
    return ctx.save(refund, "refund.created")


def _charge_to_refund(ctx: Context, asked: Json) -> Json:
    if ("charge" in asked) == ("payment_intent" in asked):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.")
    charge_id = asked.get("charge")
    if charge_id is None:
        intent = ctx.get("payment_intent", asked["payment_intent"], "payment_intent")
        charge_id = intent["latest_charge"]
        if intent["status"] != "succeeded":
            raise invalid(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                          "payment_intent")  # fmt: skip
    paid = ctx.get("charge", charge_id, "charge")
    if not paid["paid"]:
        raise invalid(f"Charge {charge_id} failed and cannot be refunded.", "charge")
    if paid["disputed"] and _is_taken_back(ctx, str(charge_id)):
        raise invalid(f"Charge {charge_id} has been charged back; cannot issue a refund.", None, "charge_disputed")
    return paid


def _is_taken_back(ctx: Context, charge_id: str) -> bool:
    """Say whether a dispute of the charge is open or lost; one that was won leaves it as good as before."""
    of_charge = ctx.store.select("dispute", "json_extract(data, '$.charge') = ?", (charge_id,))
    return any(dispute["status"] != "won" for dispute in of_charge)


def _count_refunded(ctx: Context, paid: Json, amount: int) -> None:
    paid["amount_refunded"] += amount
    paid["refunded"] = paid["amount_refunded"] == paid["amount"]
    ctx.save(paid, "charge.refunded" if amount > 0 else "charge.updated")


def _finish_refund(ctx: Context, refund_id: str) -> None:
    ctx.save(ctx.get("refund", refund_id) | {"status": "succeeded"}, "refund.updated", "charge.refund.updated")


def fail_refund(ctx: Context, refund_id: str) -> None:
    """Let the bank send a refund back: the money returns to the balance."""
    refund = ctx.get("refund", refund_id)
    back = book(ctx, refund, "refund_failure", refund["amount"])
    refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card", "failure_balance_transaction": back}
    _count_refunded(ctx, ctx.get("charge", refund["charge"]), -refund["amount"])
    ctx.save(refund, "refund.updated", "refund.failed", "charge.refund.updated")


def balance(ctx: Context, asked: Json) -> Json:
    """Return what is available now and what is still on its way."""
    del asked
    sums = {"available": 0, "pending": 0}
    for row in ctx.store.sql(
        "SELECT json_extract(data, '$.available_on') <= ? AS ready, sum(json_extract(data, '$.net')) AS net "
        "FROM object WHERE kind = 'balance_transaction' GROUP BY ready",
        (ctx.now,),
    ):
        sums["available" if row["ready"] else "pending"] = row["net"]
    parts = {name: [{"amount": net, "currency": "gbp", "source_types": {"card": net}}] for name, net in sums.items()}
    return {"object": "balance", "livemode": False} | parts
