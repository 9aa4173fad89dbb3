"""The cards that were saved for a pledge at the provider."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import jobs
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import FORGET_CARD, CheckoutState
from crowdfund.pledges.models import Pledge


def forget_cards(session: Session, pledge: Pledge, now: datetime) -> None:
    """Have every card that was saved for this pledge removed at the provider."""
    for checkout in saved_checkouts(session, pledge):
        payload = {"payment_method_ref": checkout.payment_method_ref}
        jobs.enqueue(session, FORGET_CARD, payload, dedupe_key=f"{FORGET_CARD}:{checkout.id}", now=now)


def saved_checkouts(session: Session, pledge: Pledge) -> Sequence[CardCheckout]:
    """Return the checkouts that saved a card for this pledge, newest first."""
    saved = select(CardCheckout).where(
        CardCheckout.subject == pledge.subject, CardCheckout.state == CheckoutState.COMPLETE
    )
    return session.scalars(saved.order_by(CardCheckout.id.desc())).all()
