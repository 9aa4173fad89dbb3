"""What refunds and disputes are called on screens, and what a dispute is about."""

from crowdfund.payments.rules import DisputeState, RefundState

REFUND_WORDS: dict[RefundState, str] = {
    RefundState.ASKED: "Waits for a second person",
    RefundState.APPROVED: "Approved: it is being sent",
    RefundState.PENDING: "With the provider, on its way to the card",
    RefundState.SUCCEEDED: "Sent to the card",
    RefundState.FAILED: "Failed",
    RefundState.REJECTED: "Rejected",
}
DISPUTE_WORDS: dict[DisputeState, str] = {
    DisputeState.OPEN: "Open: the bank decides",
    DisputeState.WON: "Won: the money came back",
    DisputeState.LOST: "Lost: the cardholder keeps the money",
}
_REASONS = {
    "fraudulent": "the cardholder did not make the payment",
    "product_not_received": "the cardholder did not get what was paid for",
    "product_unacceptable": "the cardholder got something else than was promised",
    "duplicate": "it was charged more than once",
    "subscription_canceled": "it was cancelled before",
    "credit_not_processed": "a promised refund did not come",
    "unrecognized": "the cardholder does not recognise the payment",
}


def reason_words(reason: str) -> str:
    """Return why a payment is disputed, in words; the provider's own where there are none."""
    return _REASONS.get(reason, reason.replace("_", " "))
