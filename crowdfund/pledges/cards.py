"""The cards that were saved for a pledge at the provider, and how long they are good."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import jobs
from crowdfund.core.clock import LONDON
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import FORGET_CARD, CheckoutState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import CARD_NEEDED_FOR


def forget_cards(session: Session, pledge: Pledge, now: datetime) -> None:
    """Have every card that was saved for this pledge removed at the provider."""
    for checkout in saved_checkouts(session, pledge):
        forget_card(session, checkout, now)


def forget_card(session: Session, checkout: CardCheckout, now: datetime) -> None:
    """Have one saved card removed at the provider."""
    payload = {"payment_method_ref": checkout.payment_method_ref}
    jobs.enqueue(session, FORGET_CARD, payload, dedupe_key=f"{FORGET_CARD}:{checkout.id}", now=now)


def runs_out(checkout: CardCheckout, deadline: datetime) -> bool:
    """Say whether a card ends before the last day on which it may be needed; cards are good to the end of a month."""
    last_use = (deadline + CARD_NEEDED_FOR).astimezone(LONDON)
    year, month = checkout.card_exp_year, checkout.card_exp_month
    return year is not None and month is not None and (year, month) < (last_use.year, last_use.month)


def saved_checkouts(session: Session, pledge: Pledge) -> Sequence[CardCheckout]:
    """Return the checkouts that saved a card for this pledge, newest first."""
    saved = select(CardCheckout).where(
        CardCheckout.subject == pledge.subject, CardCheckout.state == CheckoutState.COMPLETE
    )
    return session.scalars(saved.order_by(CardCheckout.id.desc())).all()
