"""What we ask of a payment provider, in our own words; stripe_gateway.py is the one that answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class BadSignature(Exception):
    """A webhook that the provider did not sign, or signed too long ago."""


@dataclass(frozen=True)
class CheckoutRequest:
    """A card is to be saved for one later use; nothing is charged."""

    reference: str
    email: str
    wording: str
    return_url: str
    cancel_url: str


@dataclass(frozen=True)
class CheckoutPage:
    """The provider's page where the card is entered."""

    session_ref: str
    url: str
    expires_at: datetime


@dataclass(frozen=True)
class SavedCard:
    """A card kept by the provider; the fingerprint is the same for the same card."""

    customer_ref: str
    payment_method_ref: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str


class CheckoutStatus(StrEnum):
    """What became of a checkout."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True)
class CheckoutResult:
    """What is true of a checkout at the provider now; `reference` is ours, None when it is not ours."""

    reference: str | None
    status: CheckoutStatus
    card: SavedCard | None
    live: bool


@dataclass(frozen=True)
class Notice:
    """A verified webhook: only a reason to look."""

    event_id: str
    kind: str
    object_ref: str
    live: bool


class Gateway(Protocol):
    """The seam to the provider. Every call may raise GatewayDown."""

    live: bool

    def open_checkout(self, request: CheckoutRequest) -> CheckoutPage:
        """Open the page where a card is saved; the same reference again gives the same page."""
        ...

    def read_checkout(self, session_ref: str) -> CheckoutResult:
        """Return what is true of a checkout now."""
        ...

    def forget_card(self, payment_method_ref: str) -> None:
        """Detach a saved card; one that is detached already is fine."""
        ...

    def read_notice(self, body: bytes, signature: str) -> Notice:
        """Verify a webhook over its raw body. Raises BadSignature."""
        ...
