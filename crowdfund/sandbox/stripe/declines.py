"""Refusals by the bank: the 402 error in Stripe's shape."""

from crowdfund.sandbox.stripe.cards import Card, Decline, find_card
from crowdfund.sandbox.stripe.context import public
from crowdfund.sandbox.stripe.errors import CardError, Json


def card_of(method: Json) -> Card:
    """Return the test card behind a payment method."""
    card = find_card(method["_number"])
    assert isinstance(card, Card)
    return card


def decline_error(decline: Decline, method: Json | None = None) -> Json:
    """Return the error object for a refusal."""
    error: Json = {
        "type": "card_error",
        "code": decline.code,
        "message": decline.message,
        "advice_code": decline.advice,
    }
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    if decline.field == "cvc":
        error["param"] = "cvc"
    if method is not None:
        error["payment_method"] = public(method)
    return error


def refuse(method: Json, *, for_saving: bool) -> None:
    """Raise CardError when the bank refuses to have this card saved (or charged)."""
    card = card_of(method)
    decline = card.setup if for_saving else card.charge
    if decline is not None:
        raise CardError(decline_error(decline))
