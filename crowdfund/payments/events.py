"""Webhooks: each is only a reason to look at the thing it names."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from crowdfund.core import failpoints
from crowdfund.core.db import db
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.charge_results import NotBelieved, record_page
from crowdfund.payments.charging import Charges
from crowdfund.payments.checkouts import Checkouts, learn_session
from crowdfund.payments.models import CardCheckout, ChargeAttempt, StripeEvent
from crowdfund.payments.rules import EventState

log = logging.getLogger(__name__)

# Looks at the thing with this reference at the provider: (reference, now).
Look = Callable[[str, datetime], None]


def event_handler(looks: Mapping[str, Look]) -> Handler:
    """Return the handler of a received webhook; `looks` are named by how the kind of event begins."""

    def handle(payload: dict[str, Any], now: datetime) -> None:
        event = db.session.get_one(StripeEvent, payload["event_id"])
        if event.state is not EventState.RECEIVED:
            return
        event_id, kind, ref = event.id, event.kind, event.object_ref
        state = EventState.DONE
        try:
            for prefix, look in looks.items():
                if kind.startswith(prefix):
                    look(ref, now)
                    break
        except NotBelieved:
            log.exception("event %s is set aside", event_id)
            state = EventState.QUARANTINED
        failpoints.reach("event.before_done")
        with unit_of_work() as session:
            session.execute(update(StripeEvent).where(StripeEvent.id == event_id).values(state=state))

    return handle


def look_at_page(checkouts: Checkouts, charges: Charges) -> Look:
    """Return what looks at one of the provider's pages: one where a card is saved, or one that is paid on."""

    def look(session_ref: str, now: datetime) -> None:
        checkout_id = db.session.scalar(select(CardCheckout.id).where(CardCheckout.session_ref == session_ref))
        attempt_id = db.session.scalar(select(ChargeAttempt.id).where(ChargeAttempt.session_ref == session_ref))
        if checkout_id is None and attempt_id is None:
            checkout_id, attempt_id = _adopt(checkouts, session_ref)
        if checkout_id is not None:
            checkouts.sync(checkout_id, now)
        if attempt_id is not None:
            charges.sync(attempt_id, now)

    return look


def look_at_charge(charges: Charges) -> Look:
    """Return what looks at a charge."""

    def look(intent_ref: str, now: datetime) -> None:
        charges.read(intent_ref, now)

    return look


def _adopt(checkouts: Checkouts, session_ref: str) -> tuple[int | None, int | None]:
    # The webhook can overtake the answer that names the session, or the answer can be lost: our
    # reference in it finds the row, which learns its session now. Not ours: nothing to do.
    reference = checkouts.gateway.read_checkout(session_ref).reference
    if reference is None:
        return None, None
    checkout_id = db.session.scalar(select(CardCheckout.id).where(CardCheckout.public_id == reference))
    attempt_id = db.session.scalar(select(ChargeAttempt.id).where(ChargeAttempt.public_id == reference))
    with unit_of_work() as session:
        if checkout_id is not None and not learn_session(session, checkout_id, session_ref):
            checkout_id = None
        if attempt_id is not None and not record_page(session, attempt_id, session_ref):
            attempt_id = None
    return checkout_id, attempt_id
