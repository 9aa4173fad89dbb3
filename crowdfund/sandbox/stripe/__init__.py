"""A stand-in for Stripe: an HTTP server that the real library talks to, with no real card and no real money."""

from crowdfund.sandbox.stripe.cards import TEST_CARDS, Card, made_up_card
from crowdfund.sandbox.stripe.checkout import Outcome
from crowdfund.sandbox.stripe.errors import ApiError
from crowdfund.sandbox.stripe.modes import ALL_MODES
from crowdfund.sandbox.stripe.standin import StandIn

__all__ = ["ALL_MODES", "TEST_CARDS", "ApiError", "Card", "Outcome", "StandIn", "made_up_card"]
