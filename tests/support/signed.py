"""Webhooks as Stripe would sign them."""

import json
import time
from typing import Any

from crowdfund.sandbox.stripe.webhooks import sign
from tests.support.stand_in import WEBHOOK_SECRET


def event_body(ref: str = "cs_1", **changes: Any) -> str:
    """Return an event about a checkout session."""
    values = {"id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": False}
    return json.dumps(values | {"data": {"object": {"id": ref, "object": "checkout.session"}}} | changes)


def signature(body: str, secret: str = WEBHOOK_SECRET, age: int = 0) -> dict[str, str]:
    """Return the header that signs a body `age` seconds ago."""
    return {"Stripe-Signature": sign(body, secret, int(time.time()) - age)}


def signed_event(ref: str = "cs_1", **changes: Any) -> dict[str, Any]:
    """Return what to post: a body and its signature."""
    body = event_body(ref, **changes)
    return {"data": body, "headers": signature(body)}
