"""The stand-in for Stripe behind the application under test: on its clock, its webhooks delivered when asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from crowdfund.core import clock
from crowdfund.sandbox.stripe import StandIn

API_KEY = "sk_test_sandbox"
WEBHOOK_SECRET = "whsec_sandbox"


@dataclass
class Post:
    """Delivers webhooks into whatever application is under test."""

    into: Any = None
    sent: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)

    def deliver(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Send one webhook; without a receiver it is lost, as in real life."""
        self.sent.append((body, headers))
        if self.into is None:
            return 503
        reply = self.into.test_client().post("/stripe/webhook", data=body, headers=headers)
        return int(reply.status_code)


def start_anew(stripe: StandIn) -> None:
    """Let the provider forget everything: an empty database belongs beside an account that nothing ever moved."""
    with stripe.store.transaction():
        for table in ("object", "replay", "delivery", "mode"):
            stripe.store.sql(f"DELETE FROM {table}")


@contextmanager
def stand_in(post: Post) -> Iterator[tuple[StandIn, str]]:
    """Yield a running stand-in and its address."""
    stripe = StandIn(None, "http://localhost/stripe/webhook", WEBHOOK_SECRET, API_KEY, clock.now, send=post.deliver)
    address = stripe.start()
    try:
        yield stripe, address
    finally:
        stripe.stop()
