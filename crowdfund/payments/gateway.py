"""What we ask of a payment provider, in our own words; stripe_gateway.py is the one that answers."""

from collections.abc import Iterator
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
class Mark:
    """What a payment is for, kept beside it at the provider: it can be told whose it is when our books were lost.

    No personal data: `subject` such as 'pledge:12', the subject's own public reference, and which try it was.
    """

    subject: str
    subject_ref: str
    number: int


@dataclass(frozen=True)
class ChargeRequest:
    """A saved card is to be charged without its holder. `reference` is ours and makes the key; amount in pence."""

    reference: str
    amount_pence: int
    customer_ref: str
    payment_method_ref: str
    description: str
    mark: Mark | None = None


@dataclass(frozen=True)
class PaymentPageRequest:
    """The holder is to pay exactly `amount_pence` on the provider's page, with any card, until `expires_at`.

    `customer_ref` is for whom a card was saved: whatever is paid for the same thing is then found in one place.
    """

    reference: str
    amount_pence: int
    email: str
    title: str
    wording: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    customer_ref: str | None = None
    mark: Mark | None = None


class ChargeStatus(StrEnum):
    """What is true of a charge at the provider."""

    SUCCEEDED = "succeeded"
    DECLINED = "declined"  # the bank said no, or wants its holder; another try with it is still possible there
    PROCESSING = "processing"
    CANCELLED = "cancelled"
    NOTHING = "nothing"  # the provider never heard of it


@dataclass(frozen=True)
class ChargeResult:
    """What is true of a charge now; amounts in pence, None until known. `fee_pence` is the provider's own."""

    status: ChargeStatus
    reference: str | None = None
    intent_ref: str | None = None
    charge_ref: str | None = None
    amount_pence: int | None = None
    currency: str | None = None
    fee_pence: int | None = None
    decline_code: str | None = None
    may_retry: bool = False
    card: SavedCard | None = None
    refunded_pence: int = 0
    live: bool = False
    mark: Mark | None = None


class RefundStatus(StrEnum):
    """What became of a refund at the provider."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NOTHING = "nothing"


@dataclass(frozen=True)
class RefundResult:
    """What is true of a refund now."""

    status: RefundStatus
    reference: str | None = None
    refund_ref: str | None = None
    amount_pence: int | None = None
    failure: str | None = None
    charge_ref: str | None = None
    taken: bool = False  # its money left the balance; one that failed after that came back since


@dataclass(frozen=True)
class DisputeResult:
    """What is true of a dispute now; `returned_pence` and `fee_returned_pence` once it is won."""

    dispute_ref: str
    charge_ref: str
    amount_pence: int
    fee_pence: int
    reason: str
    status: str  # 'open', 'won' or 'lost'
    evidence_due_at: datetime | None
    opened_at: datetime
    returned_pence: int = 0
    fee_returned_pence: int = 0


@dataclass(frozen=True)
class BalanceMovement:
    """A line of the provider's balance: `amount_pence` before and `fee_pence` taken off it."""

    ref: str
    kind: str
    source_ref: str | None
    amount_pence: int
    fee_pence: int
    at: datetime


@dataclass(frozen=True)
class SavedCheckout:
    """A page on which a card was saved; `reference` is ours, None when it is not ours."""

    session_ref: str
    reference: str | None
    customer_ref: str | None
    at: datetime


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

    def charge(self, request: ChargeRequest) -> ChargeResult:
        """Charge a saved card off-session under the key of its reference; the same reference is never charged twice.

        A decline is a result. GatewayDown means that nobody knows: look it up with `find_charge`.
        """
        ...

    def open_payment(self, request: PaymentPageRequest) -> CheckoutPage:
        """Open a page on which exactly this amount is paid; the same reference again gives the same page."""
        ...

    def read_payment(self, session_ref: str) -> tuple[CheckoutStatus, ChargeResult]:
        """Return what is true of a payment page and of its charge now."""
        ...

    def close_payment(self, session_ref: str) -> CheckoutStatus:
        """Close a payment page and return what is true then: EXPIRED, or COMPLETE when it was paid meanwhile."""
        ...

    def find_charge(self, reference: str, customer_ref: str, since: datetime) -> ChargeResult:
        """Look for a charge of ours by the customer it was made for; NOTHING when there is none."""
        ...

    def list_paid(self, customer_ref: str) -> list[ChargeResult]:
        """Return every charge that was paid by a customer, whenever that was."""
        ...

    def find_paid(self, charge_ref: str) -> ChargeResult | None:
        """Return what is true of the charge behind a line of the balance; None when it is not a charge of ours."""
        ...

    def list_saved(self, since: datetime) -> Iterator[SavedCheckout]:
        """Yield every page on which a card was saved, opened since a moment (UTC), newest first."""
        ...

    def read_charge(self, intent_ref: str) -> ChargeResult:
        """Return what is true of a charge now."""
        ...

    def cancel_charge(self, intent_ref: str) -> ChargeResult:
        """Cancel a charge that was not paid and return what is true then."""
        ...

    def refund(self, reference: str, charge_ref: str, amount_pence: int) -> RefundResult:
        """Give money back to the card of a charge; the same reference is never given back twice."""
        ...

    def find_refund(self, reference: str, charge_ref: str) -> RefundResult:
        """Look for a refund of ours; NOTHING when there is none."""
        ...

    def read_refund(self, refund_ref: str) -> RefundResult:
        """Return what is true of a refund now."""
        ...

    def read_dispute(self, dispute_ref: str) -> DisputeResult:
        """Return what is true of a dispute now."""
        ...

    def list_movements(self, since: datetime) -> Iterator[BalanceMovement]:
        """Yield every movement of the balance since a moment (UTC), newest first, asking for them page by page."""
        ...

    def balance_pence(self) -> int:
        """Return what the provider holds for us, available and pending."""
        ...
