"""Test cards: Stripe's published numbers and what each one does, and made-up ones for crowds."""

import hashlib
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Decline:
    """Why a card is refused: Stripe's code, decline code and sentence, and the field at fault."""

    code: str
    message: str
    decline_code: str | None = None
    advice: str = "try_again_later"
    field: str = "number"


@dataclass(frozen=True)
class Card:
    """A test card: what happens when it is saved, charged, refunded."""

    number: str
    title: str
    token: str
    setup: Decline | None = None
    charge: Decline | None = None
    authenticate: Literal["never", "setup", "always"] = "never"
    dispute: str = ""  # the reason its holder will give, or "inquiry"
    refund: Literal["now", "pending", "fails", "refused"] = "now"
    brand: str = "visa"

    @property
    def grouped(self) -> str:
        """The number in groups of four, for reading."""
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))

    @property
    def fingerprint(self) -> str:
        """The same 16 characters whenever the same number is used."""
        return hashlib.sha256(f"stand-in:{self.number}".encode()).hexdigest()[:16]


_FOR_GOOD = {"lost_card", "stolen_card", "pickup_card", "fraudulent", "stop_payment_order"}


def declined(decline_code: str, message: str = "Your card was declined.") -> Decline:
    """Return a refusal with the advice that Stripe gives for it."""
    advice = "do_not_try_again" if decline_code in _FOR_GOOD else "try_again_later"
    return Decline("card_declined", message, decline_code, advice)


GENERIC = declined("generic_decline")
FUNDS = declined("insufficient_funds", "Your card has insufficient funds.")
LOST = declined("lost_card")
STOLEN = declined("stolen_card")
EXPIRED = Decline("expired_card", "Your card has expired.", "expired_card", "do_not_try_again", "expiry")
CVC = Decline("incorrect_cvc", "Your card's security code is incorrect.", "incorrect_cvc", "confirm_card_data", "cvc")
PROCESSING = Decline(
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "processing_error",
)
NUMBER = Decline("incorrect_number", "Your card number is incorrect.", None, "confirm_card_data")
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "Your card was declined. This is a test, but the number is not a test card. It was not kept.",
    "test_mode_live_card",
    "do_not_try_again",
)
AUTHENTICATION = Decline(
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    "authentication_required",
)


def _refused(number: str, title: str, token: str, why: Decline) -> Card:
    return Card(number, title, token, setup=why, charge=why)


TEST_CARDS: tuple[Card, ...] = (
    Card("4242424242424242", "Works", "visa"),
    Card("5555555555554444", "Works (Mastercard)", "mastercard", brand="mastercard"),
    Card("4000056655665556", "Works (Visa debit)", "visa_debit"),
    Card("4000002500003155", "Asks for confirmation when saved, then works", "authenticationRequiredOnSetup",
         authenticate="setup"),
    Card("4000002760003184", "Asks for confirmation every time", "authenticationRequired", authenticate="always"),
    Card("4000000000000341", "Can be saved, is declined when charged", "chargeCustomerFail", charge=GENERIC),
    _refused("4000000000000002", "Is declined", "chargeDeclined", GENERIC),
    _refused("4000000000009995", "Is declined: insufficient funds", "chargeDeclinedInsufficientFunds", FUNDS),
    _refused("4000000000009987", "Is declined: lost card", "chargeDeclinedLostCard", LOST),
    _refused("4000000000009979", "Is declined: stolen card", "chargeDeclinedStolenCard", STOLEN),
    _refused("4000000000000069", "Is declined: expired", "chargeDeclinedExpiredCard", EXPIRED),
    _refused("4000000000000127", "Is declined: wrong CVC", "chargeDeclinedIncorrectCvc", CVC),
    _refused("4000000000000119", "Is declined: processing error", "chargeDeclinedProcessingError", PROCESSING),
    Card("4000000000000259", "Works, then the payment is disputed", "createDispute", dispute="fraudulent"),
    Card("4000000000007726", "Works; a refund is pending before it succeeds", "pendingRefund", refund="pending"),
    Card("4000000000005126", "Works; a refund fails later", "refundFail", refund="fails"),
    # Made-up numbers count from the start of this table: new cards go to its end.
    Card("4000008260003178", "Can be saved, is declined when charged: insufficient funds",
         "authenticationRequiredChargeDeclinedInsufficientFunds", charge=FUNDS, authenticate="setup"),
    Card("4000000000002685", "Works, then the payment is disputed: not received", "createDisputeProductNotReceived",
         dispute="product_not_received"),
    Card("4000000000001976", "Works, then the bank asks about the payment", "createDisputeInquiry",
         dispute="inquiry"),
    Card("4000000000005134", "Works; a refund is refused at once, no money moves", "refundRefused", refund="refused"),
)  # fmt: skip
_BY_NUMBER = {card.number: card for card in TEST_CARDS}
_BY_TOKEN = {card.token: card for card in TEST_CARDS}
_MADE_UP = "4242"


def luhn_digit(digits: str) -> int:
    """Return the check digit that `digits` needs."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def made_up_card(n: int, like: str = "4242424242424242") -> str:
    """Return the n-th number that behaves like the test card `like` but has a fingerprint of its own.

    Stripe does not know these; they let a demonstration have a crowd of different cards.
    """
    digits = f"{_MADE_UP}{TEST_CARDS.index(_BY_NUMBER[like]):02d}{n:09d}"
    return f"{digits}{luhn_digit(digits)}"


def find_card(number: str) -> Card | Decline:
    """Return the test card with this number, or why there is none."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return NUMBER
    if luhn_digit(number[:-1]) != int(number[-1]):
        return NUMBER
    if number in _BY_NUMBER:
        return _BY_NUMBER[number]
    family = int(number[4:6])
    if number.startswith(_MADE_UP) and len(number) == 16 and family < len(TEST_CARDS):
        like = TEST_CARDS[family]
        return Card(number, like.title, "", like.setup, like.charge, like.authenticate, like.dispute,
                    like.refund, like.brand)  # fmt: skip
    return NOT_A_TEST_CARD


def find_token(token: str) -> Card | None:
    """Return the card behind a test token such as 'pm_card_visa' or 'tok_visa'."""
    for prefix in ("pm_card_visa_", "pm_card_", "tok_visa_", "tok_"):
        if token.startswith(prefix) and token.removeprefix(prefix) in _BY_TOKEN:
            return _BY_TOKEN[token.removeprefix(prefix)]
    return None
