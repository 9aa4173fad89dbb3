"""The worker's part of payments: webhooks become a look at the provider, the sweeper looks where none came."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from crowdfund.core import jobs
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.charging import Charges
from crowdfund.payments.checkouts import Checkouts
from crowdfund.payments.events import Look, event_handler, look_at_charge, look_at_page
from crowdfund.payments.models import CardCheckout, ChargeAttempt
from crowdfund.payments.rules import (
    CHARGE,
    FORGET_CARD,
    HANDLE_EVENT,
    NEVER_OPENED,
    SWEEP,
    SYNC,
    UNANNOUNCED,
    AttemptState,
    CheckoutState,
)

_LOOKED_AT = (AttemptState.UNKNOWN, AttemptState.WAITING, AttemptState.DECLINED)
_LATE = timedelta(hours=1)  # an attempt whose own job should long have run


def handlers(checkouts: Checkouts, charges: Charges, looks: Mapping[str, Look]) -> dict[str, Handler]:
    """Return the job handlers of this domain; `looks` are what other kinds of webhook make us look at."""

    def sync(payload: dict[str, Any], now: datetime) -> None:
        checkouts.sync(payload["checkout_id"], now)

    def charge(payload: dict[str, Any], now: datetime) -> None:
        charges.sync(payload["attempt_id"], now)

    def forget_card(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
        checkouts.gateway.forget_card(payload["payment_method_ref"])

    ours = {"checkout.session.": look_at_page(checkouts, charges), "payment_intent.": look_at_charge(charges)}
    event = event_handler({**ours, **looks})
    return {HANDLE_EVENT: event, SYNC: sync, CHARGE: charge, SWEEP: sweep, FORGET_CARD: forget_card}


def queue_charge(session: Session, attempt_id: int, now: datetime, run_after: datetime | None = None) -> None:
    """Have the worker charge an attempt, or find out what became of it."""
    key = f"{CHARGE}:{attempt_id}"
    jobs.enqueue(session, CHARGE, {"attempt_id": attempt_id}, dedupe_key=key, now=now, run_after=run_after)


def sweep(payload: dict[str, Any], now: datetime) -> None:  # noqa: ARG001 - handlers share a shape
    """Queue a look at every checkout and charge that should have been heard of; give up those that never opened."""
    slot = int(now.timestamp() // 300)
    unopened = update(CardCheckout).where(
        CardCheckout.state == CheckoutState.CREATING, CardCheckout.created_at < now - NEVER_OPENED
    )
    waiting = select(CardCheckout.id).where(
        CardCheckout.state == CheckoutState.OPEN, CardCheckout.created_at < now - UNANNOUNCED
    )
    unheard = select(ChargeAttempt.id, ChargeAttempt.state).where(
        or_(
            ChargeAttempt.state.in_(_LOOKED_AT) & (ChargeAttempt.sent_at < now - UNANNOUNCED),
            (ChargeAttempt.state == AttemptState.PREPARED) & (ChargeAttempt.created_at < now - _LATE),
        )
    )
    with unit_of_work() as session:
        session.execute(unopened.values(state=CheckoutState.EXPIRED))
        for checkout_id in session.scalars(waiting).all():
            key = f"{SYNC}:{checkout_id}:{slot}"
            jobs.enqueue(session, SYNC, {"checkout_id": checkout_id}, dedupe_key=key, now=now)
        for attempt_id, state in session.execute(unheard).all():
            # Somebody may leave a page open for days.
            when = slot // 12 if state is AttemptState.WAITING else slot
            key = f"{CHARGE}:{attempt_id}:{state.value}:{when}"
            jobs.enqueue(session, CHARGE, {"attempt_id": attempt_id}, dedupe_key=key, now=now)
