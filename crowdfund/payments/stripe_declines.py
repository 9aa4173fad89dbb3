"""Whether a card that was declined may be tried again without its holder."""

from dataclasses import dataclass

# The bank, the network or Stripe said never, or only the holder can put it right.
_NEVER = frozenset(
    [
        "authentication_required",
        "authentication_not_handled",
        "card_not_supported",
        "currency_not_supported",
        "duplicate_transaction",
        "expired_card",
        "fraudulent",
        "highest_risk_level",
        "incorrect_cvc",
        "incorrect_number",
        "incorrect_pin",
        "invalid_account",
        "invalid_cvc",
        "invalid_expiry_month",
        "invalid_expiry_year",
        "invalid_number",
        "lost_card",
        "merchant_blacklist",
        "mobile_device_authentication_required",
        "new_account_information_available",
        "not_permitted",
        "offline_pin_required",
        "online_or_offline_pin_required",
        "payment_intent_authentication_failure",
        "pickup_card",
        "pin_try_exceeded",
        "previously_declined_do_not_retry",
        "restricted_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "security_violation",
        "stolen_card",
        "stop_payment_order",
        "test_mode_live_card",
        "testmode_decline",
        "transaction_not_allowed",
    ]
)
# What passes by itself: money comes, a bank's machine comes back, a limit ends.
_PASSES = frozenset(
    [
        "approve_with_id",
        "card_velocity_exceeded",
        "do_not_honor",
        "insufficient_funds",
        "issuer_not_available",
        "processing_error",
        "reenter_transaction",
        "try_again_later",
        "withdrawal_count_limit_exceeded",
    ]
)
_TRY_AGAIN = "try_again_later"
# Mastercard's advice: update the card first; do not try again; the holder cancelled.
_NETWORK_ADVISES_NO = frozenset({"01", "03", "21"})
# Visa's first category, never to be tried again: pick up, invalid, lost, stolen, closed, not permitted, revoked.
_NETWORK_SAYS_NEVER = frozenset({"04", "07", "12", "14", "15", "41", "43", "46", "57", "R0", "R1", "R3"})


@dataclass(frozen=True)
class Advice:
    """What Stripe, the network and the bank say of a decline; each may be missing."""

    decline_code: str
    advice_code: str | None = None
    network_advice: str | None = None
    network_code: str | None = None


def may_retry(advice: Advice) -> bool:
    """Say whether the same card may be tried again off-session. Whoever says no wins; silence is a no."""
    refused = (
        advice.decline_code in _NEVER,
        advice.network_advice in _NETWORK_ADVISES_NO,
        (advice.network_code or "").upper() in _NETWORK_SAYS_NEVER,
        advice.advice_code not in {None, _TRY_AGAIN},
    )
    return not any(refused) and (advice.advice_code == _TRY_AGAIN or advice.decline_code in _PASSES)
