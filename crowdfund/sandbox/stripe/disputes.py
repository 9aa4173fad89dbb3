"""Disputes: the card's holder asks the bank for the money back. Amounts in pence."""

from crowdfund.sandbox.stripe.context import Context, merge_metadata
from crowdfund.sandbox.stripe.errors import Json, invalid
from crowdfund.sandbox.stripe.money import DAY, book
from crowdfund.sandbox.stripe.objects import base

FEE = 2_000
EVIDENCE_DAYS = 14
WAITING = {"needs_response", "under_review"}
ASKING = {"warning_needs_response", "warning_under_review"}


def open_dispute(ctx: Context, charge_id: str, reason: str = "fraudulent") -> Json:
    """Let the card holder dispute a payment: the amount and a fee leave the balance at once.

    With the reason 'inquiry' the bank only asks, and nothing leaves.
    """
    paid = ctx.get("charge", charge_id, "charge")
    left = paid["amount"] - paid["amount_refunded"]
    if not paid["paid"] or paid["disputed"] or left == 0:
        raise invalid("Only a paid charge that is not refunded or disputed can be disputed.", "charge")
    asks = reason == "inquiry"
    dispute = base(ctx, "dispute", "du") | {
        "amount": left, "balance_transactions": [], "charge": charge_id, "currency": paid["currency"],
        "enhanced_eligibility_types": [], "evidence": {"enhanced_evidence": {}},
        "evidence_details": {"due_by": ctx.now + EVIDENCE_DAYS * DAY, "enhanced_eligibility": {},
                             "has_evidence": False, "past_due": False, "submission_count": 0},
        "is_charge_refundable": asks, "metadata": {}, "payment_intent": paid["payment_intent"],
        "reason": "general" if asks else reason, "status": "warning_needs_response" if asks else "needs_response",
    }  # fmt: skip
    if asks:
        return ctx.save(dispute, "charge.dispute.created")
    _withdraw(ctx, dispute)
    return ctx.save(dispute, "charge.dispute.created", "charge.dispute.funds_withdrawn")


def _withdraw(ctx: Context, dispute: Json) -> None:
    ctx.save(ctx.get("charge", dispute["charge"]) | {"disputed": True}, "charge.updated")
    _book(ctx, dispute, -dispute["amount"], FEE, "dispute")


def _book(ctx: Context, dispute: Json, amount: int, fee: int, category: str) -> None:
    booked = book(ctx, dispute, "adjustment", amount, fee=fee, category=category)
    dispute["balance_transactions"].append(ctx.get("balance_transaction", booked))


def update_dispute(ctx: Context, asked: Json, id_: str) -> Json:
    """Keep evidence and hand it in. The words 'winning_evidence' and 'losing_evidence' decide at once, as in tests."""
    dispute = ctx.get("dispute", id_)
    if dispute["status"] not in WAITING | ASKING:
        raise invalid(f"This dispute is already {dispute['status']}.")
    dispute["metadata"] = merge_metadata(dispute["metadata"], asked.get("metadata"))
    evidence = asked.get("evidence", {})
    dispute["evidence"] |= evidence
    details = dispute["evidence_details"]
    details["has_evidence"] = details["has_evidence"] or bool(evidence)
    if asked.get("submit", True) and evidence:
        details["submission_count"] += 1
        dispute["status"] = dispute["status"].replace("needs_response", "under_review")
        if (words := evidence.get("uncategorized_text")) in {"winning_evidence", "losing_evidence"}:
            ctx.afterwards.append(lambda: _decide_later(ctx, id_, words == "winning_evidence"))
    return ctx.save(dispute, "charge.dispute.updated")


def _decide_later(ctx: Context, id_: str, won: bool) -> None:
    resolve_dispute(ctx, id_, won=won)


def close_dispute(ctx: Context, asked: Json, id_: str) -> Json:
    """Accept that a dispute is lost."""
    del asked
    return resolve_dispute(ctx, id_, won=False)


def resolve_dispute(ctx: Context, dispute_id: str, *, won: bool) -> Json:
    """Decide a dispute: won brings the amount back (not the fee), lost leaves it with the card holder.

    An inquiry that is won is closed; one that is lost becomes a dispute.
    """
    dispute = ctx.get("dispute", dispute_id)
    if dispute["status"] in ASKING:
        return _end_asking(ctx, dispute, won=won)
    if dispute["status"] not in WAITING:
        raise invalid(f"This dispute is already {dispute['status']}.")
    dispute["status"] = "won" if won else "lost"
    if won:
        _book(ctx, dispute, dispute["amount"], 0, "dispute_reversal")
        ctx.save(dispute, "charge.dispute.funds_reinstated")
    return ctx.save(dispute, "charge.dispute.closed")


def _end_asking(ctx: Context, dispute: Json, *, won: bool) -> Json:
    paid = ctx.get("charge", dispute["charge"])
    left = paid["amount"] - paid["amount_refunded"]
    if won or not left:  # nothing is taken of a payment that was given back meanwhile
        return ctx.save(dispute | {"status": "warning_closed"}, "charge.dispute.closed")
    dispute |= {"status": "needs_response", "is_charge_refundable": False, "amount": left}
    _withdraw(ctx, dispute)
    return ctx.save(dispute, "charge.dispute.updated", "charge.dispute.funds_withdrawn")
