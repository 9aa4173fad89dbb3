"""The webhook: verify, store once, answer. Deciding is the worker's."""

from flask import Blueprint, Response, current_app, request

from crowdfund.core import clock, failpoints, jobs
from crowdfund.core.db import insert_ignore, table_of
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.checkouts import Checkouts
from crowdfund.payments.gateway import BadSignature
from crowdfund.payments.models import StripeEvent
from crowdfund.payments.rules import HANDLE_EVENT, EventState
from crowdfund.web.guards import anyone

pages = Blueprint("payments", __name__)


def current_checkouts() -> Checkouts:
    """Return the checkouts of the running app."""
    checkouts = current_app.extensions["checkouts"]
    assert isinstance(checkouts, Checkouts)
    return checkouts


@pages.post("/stripe/webhook")
@anyone("signed by Stripe; verified on the raw body")
def webhook() -> Response:
    """Take a webhook in. 400 unless it is signed; one of the wrong mode is set aside; a repeat changes nothing."""
    gateway = current_checkouts().gateway
    try:
        notice = gateway.read_notice(request.get_data(), request.headers.get("Stripe-Signature", ""))
    except BadSignature:
        current_app.logger.warning("a webhook was refused: bad signature")
        return Response("bad signature", 400, mimetype="text/plain")
    now = clock.now()
    state = EventState.RECEIVED if notice.live == gateway.live else EventState.QUARANTINED
    if state is EventState.QUARANTINED:
        current_app.logger.error("the webhook %s is of the provider's other mode and was set aside", notice.event_id)
    with unit_of_work() as session:
        new = insert_ignore(
            session,
            table_of(StripeEvent),
            id=notice.event_id,
            kind=notice.kind,
            object_ref=notice.object_ref,
            state=state,
            received_at=now,
        )
        if new and state is EventState.RECEIVED:
            jobs.enqueue(
                session, HANDLE_EVENT, {"event_id": notice.event_id}, dedupe_key=f"event:{notice.event_id}", now=now
            )
    failpoints.reach("webhook.after_store")
    return Response("received", 200, mimetype="text/plain")
