"""What a backer is told of a card that could not be charged: no more than the bank said, in plain words."""

_CONFIRM = frozenset(["authentication_required", "authentication_not_handled", "mobile_device_authentication_required"])
_WORDS = {
    "insufficient_funds": "Your bank told us that there was not enough money on the account at that moment.",
    "expired_card": "The card has run out.",
    "card_velocity_exceeded": "Your bank told us that the card had reached its limit at that moment.",
    "withdrawal_count_limit_exceeded": "Your bank told us that the card had reached its limit at that moment.",
    "processing_error": "The bank’s system could not process the payment at that moment.",
    "issuer_not_available": "Your bank could not be reached at that moment.",
}


def why_declined(code: str | None) -> str:
    """Return a sentence for a decline code; a code that may frighten or mislead gets the plain one.

    Without a code it was not the bank that refused.
    """
    if code is None:
        return "Our payment provider could not carry it out."
    if code in _CONFIRM:
        return "Your bank wants you to confirm this payment yourself."
    return _WORDS.get(code, "Your bank declined the payment. Banks rarely say why.")
