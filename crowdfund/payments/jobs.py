"""The worker's part of payments: webhooks become a look at the provider, the sweeper looks where none came."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from crowdfund.core import jobs
from crowdfund.core.db import db
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.checkouts import Checkouts, learn_session
from crowdfund.payments.models import CardCheckout, StripeEvent
from crowdfund.payments.rules import (
    FORGET_CARD,
    HANDLE_EVENT,
    NEVER_OPENED,
    SWEEP,
    SYNC,
    UNANNOUNCED,
    CheckoutState,
    EventState,
)


def handlers(checkouts: Checkouts) -> dict[str, Handler]:
    """Return the job handlers of this domain."""

    def handle_event(payload: dict[str, Any], now: datetime) -> None:
        event = db.session.get_one(StripeEvent, payload["event_id"])
        if event.state is not EventState.RECEIVED:
            return
        if event.kind.startswith("checkout.session."):
            found = db.session.scalars(select(CardCheckout.id).where(CardCheckout.session_ref == event.object_ref))
            checkout_id = found.one_or_none() or _adopt(checkouts, event.object_ref)
            if checkout_id is not None:
                checkouts.sync(checkout_id, now)
        with unit_of_work() as session:
            session.execute(update(StripeEvent).where(StripeEvent.id == event.id).values(state=EventState.DONE))

    def sync(payload: dict[str, Any], now: datetime) -> None:
        checkouts.sync(payload["checkout_id"], now)

    def forget_card(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
        checkouts.gateway.forget_card(payload["payment_method_ref"])

    return {HANDLE_EVENT: handle_event, SYNC: sync, SWEEP: sweep, FORGET_CARD: forget_card}


def sweep(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """Queue a look at every checkout that should have been heard of by now; give up those that never opened."""
    slot = int(now.timestamp() // 300)
    unopened = update(CardCheckout).where(
        CardCheckout.state == CheckoutState.CREATING, CardCheckout.created_at < now - NEVER_OPENED
    )
    waiting = select(CardCheckout.id).where(
        CardCheckout.state == CheckoutState.OPEN, CardCheckout.created_at < now - UNANNOUNCED
    )
    with unit_of_work() as session:
        session.execute(unopened.values(state=CheckoutState.EXPIRED))
        for checkout_id in session.scalars(waiting).all():
            key = f"{SYNC}:{checkout_id}:{slot}"
            jobs.enqueue(session, SYNC, {"checkout_id": checkout_id}, dedupe_key=key, now=now)


def _adopt(checkouts: Checkouts, session_ref: str) -> int | None:
    # The webhook can overtake the answer that names the session, or the answer can be lost: our
    # reference in it finds the row, which learns its session now. Not ours: nothing to do.
    reference = checkouts.gateway.read_checkout(session_ref).reference
    if reference is None:
        return None
    checkout_id = db.session.scalar(select(CardCheckout.id).where(CardCheckout.public_id == reference))
    if checkout_id is None:
        return None
    with unit_of_work() as session:
        return checkout_id if learn_session(session, checkout_id, session_ref) else None
