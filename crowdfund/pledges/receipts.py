"""What was really paid for a pledge, and what of it went back: the figures of its receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.payments.models import ChargeAttempt, Refund
from crowdfund.payments.rules import AttemptState, RefundState
from crowdfund.pledges.models import Pledge

_GOING_BACK = (RefundState.APPROVED, RefundState.PENDING, RefundState.SUCCEEDED)


@dataclass(frozen=True)
class GivenBack:
    """A refund on its way or done; before it is sent, `at` is when it was asked for. Pence; times in UTC."""

    amount_pence: int
    at: datetime
    is_sent: bool
    is_done: bool


@dataclass(frozen=True)
class Receipt:
    """A payment that went through. Pence; times in UTC."""

    amount_pence: int
    at: datetime
    card: str
    given_back: Sequence[GivenBack]


def find_receipt(session: Session, pledge: Pledge) -> Receipt | None:
    """Return the receipt of a pledge; None where nothing was ever paid."""
    # One at most: a subject has one attempt that is open or paid, by a unique index.
    succeeded = (ChargeAttempt.subject == pledge.subject, ChargeAttempt.state == AttemptState.SUCCEEDED)
    paid = session.scalars(select(ChargeAttempt).where(*succeeded)).one_or_none()
    if paid is None or paid.ended_at is None:
        return None
    refunds = select(Refund).where(Refund.attempt_id == paid.id, Refund.state.in_(_GOING_BACK)).order_by(Refund.id)
    back = [_given_back(one) for one in session.scalars(refunds)]
    return Receipt(paid.amount_pence, paid.ended_at, card_words(paid.card_brand, paid.card_last4), back)


def _given_back(refund: Refund) -> GivenBack:
    at = refund.sent_at or refund.created_at
    return GivenBack(refund.amount_pence, at, refund.sent_at is not None, refund.state is RefundState.SUCCEEDED)


def card_words(brand: str | None, last4: str | None) -> str:
    """Return how a card is named to its holder."""
    return f"{(brand or 'card').title()} ending {last4 or 'unknown'}"
