"""Saving a card: our row first, then the provider, then what is true there; in any order and any number of times."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import ids
from crowdfund.core.db import db, lock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.gateway import CheckoutPage, CheckoutRequest, CheckoutResult, CheckoutStatus, Gateway, SavedCard
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import MACHINE, UNFINISHED, CheckoutState

# Called when a checkout of its kind of subject is complete: (subject's id, checkout's id, now).
Listener = Callable[[int, int, datetime], None]


@dataclass(frozen=True)
class Checkouts:
    """The provider, the secret that hides card fingerprints, and who wants to know of a saved card."""

    gateway: Gateway
    secret: str
    listeners: Mapping[str, Listener]

    def open_page(self, checkout_id: int, request: CheckoutRequest) -> str:
        """Return the address of the hosted page, asking the provider for it the first time.

        Raises GatewayDown; the row stays, and asking again with it can never open a second page.
        """
        checkout = db.session.get_one(CardCheckout, checkout_id)
        if checkout.url is None:
            page = self.gateway.open_checkout(request)
            with unit_of_work() as session:
                record_page(session, checkout_id, page)
            return page.url
        return checkout.url

    def sync(self, checkout_id: int, now: datetime) -> CheckoutState:
        """Read the checkout at the provider, record what is true and tell the listener of a saved card.

        Safe to call from the return page, a webhook and the sweeper at once. Raises GatewayDown.
        """
        checkout = db.session.get_one(CardCheckout, checkout_id)
        if checkout.state is CheckoutState.OPEN and checkout.session_ref:
            result = self.gateway.read_checkout(checkout.session_ref)
            if result.live is not self.gateway.live:
                raise LookupError(f"checkout {checkout_id} belongs to the provider's other mode")
            with unit_of_work() as session:
                state = record_result(session, checkout_id, result, self.secret, now)
        else:
            state = checkout.state
        if state is CheckoutState.COMPLETE:
            kind, _, subject_id = checkout.subject.partition(":")
            self.listeners[kind](int(subject_id), checkout_id, now)
        return state


def start_checkout(session: Session, subject: str, now: datetime) -> CardCheckout:
    """Return the subject's unfinished checkout, or a new row written before the provider is asked."""
    found = session.scalars(
        select(CardCheckout).where(CardCheckout.subject == subject, CardCheckout.state.in_(UNFINISHED))
    ).one_or_none()
    if found is not None and not (found.expires_at and found.expires_at <= now):
        return found
    if found is not None:
        found.state = MACHINE.move(found.state, CheckoutState.EXPIRED)
        session.flush()
    fresh = CardCheckout(public_id=ids.public_id(), subject=subject, state=CheckoutState.CREATING, created_at=now)
    session.add(fresh)
    session.flush()
    return fresh


def record_page(session: Session, checkout_id: int, page: CheckoutPage) -> None:
    """Record the hosted page that the provider opened; the first one stays."""
    checkout = lock(session, CardCheckout, checkout_id)
    if learn_session(session, checkout_id, page.session_ref) and checkout.url is None:
        checkout.url, checkout.expires_at = page.url, page.expires_at


def learn_session(session: Session, checkout_id: int, session_ref: str) -> bool:
    """Record which session at the provider is this checkout's; say whether it is this one. The first one stays."""
    checkout = lock(session, CardCheckout, checkout_id)
    if checkout.state is CheckoutState.CREATING:
        checkout.state = MACHINE.move(checkout.state, CheckoutState.OPEN)
        checkout.session_ref = session_ref
        session.flush()
    return checkout.session_ref == session_ref


def record_result(
    session: Session, checkout_id: int, result: CheckoutResult, secret: str, now: datetime
) -> CheckoutState:
    """Record what became of an open checkout; a result that names another checkout is not believed."""
    checkout = lock(session, CardCheckout, checkout_id)
    if checkout.state is not CheckoutState.OPEN:
        return checkout.state
    if result.status is CheckoutStatus.COMPLETE and result.card is not None and result.reference == checkout.public_id:
        _keep_card(checkout, result.card, secret)
        checkout.state, checkout.completed_at = MACHINE.move(checkout.state, CheckoutState.COMPLETE), now
    elif result.status is CheckoutStatus.EXPIRED:
        checkout.state = MACHINE.move(checkout.state, CheckoutState.EXPIRED)
    return checkout.state


def _keep_card(checkout: CardCheckout, card: SavedCard, secret: str) -> None:
    checkout.customer_ref, checkout.payment_method_ref = card.customer_ref, card.payment_method_ref
    checkout.card_brand, checkout.card_last4 = card.brand, card.last4
    checkout.card_exp_month, checkout.card_exp_year = card.exp_month, card.exp_year
    checkout.card_hash = ids.keyed_hash(secret, "card", card.fingerprint)
