"""A running stand-in for tests: checked against Stripe's description, with a clock and a mailbox for webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import stripe

from crowdfund.sandbox.stripe import StandIn
from tests.support.stripe_spec import Checked, object_problems

API_KEY = "sk_test_standin"
WEBHOOK_SECRET = "whsec_standin"
START = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


@dataclass
class Inbox:
    """Receives webhooks as a server would; `answers` are given in turn, then 200."""

    received: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.received.append((body, headers))
        return self.answers.pop(0) if self.answers else 200

    @property
    def events(self) -> list[stripe.Event]:
        """Everything received, each signature verified by the real library."""
        return [
            stripe.Webhook.construct_event(body, headers["Stripe-Signature"], WEBHOOK_SECRET)
            for body, headers in self.received
        ]

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


class Sandbox:
    """A stand-in, its address, a clock to move, an inbox, and a real Stripe client."""

    def __init__(self, state: Path | None = None, retries: int = 0) -> None:
        self.at = START
        self.inbox = Inbox()
        self.stand_in = StandIn(
            state, "http://127.0.0.1/stripe/webhook", WEBHOOK_SECRET, API_KEY, lambda: self.at, send=self.inbox.send
        )
        self.checked = Checked(self.stand_in.wsgi_app)
        self.stand_in.wsgi_app = self.checked
        self.url = self.stand_in.start()
        self._session = requests.Session()
        self.client = self.make_client(retries)

    def make_client(self, retries: int = 0, timeout: float = 10, key: str = API_KEY) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.url},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=timeout, session=self._session),
        )

    @property
    def v1(self) -> Any:
        return self.client.v1

    def forward(self, **step: float) -> None:
        self.at += timedelta(**step)

    def flush(self) -> list[str]:
        """Deliver what is due and return the types received since the last flush."""
        before = len(self.inbox.received)
        self.stand_in.flush_webhooks()
        return self.inbox.types[before:]

    def close(self) -> None:
        self._session.close()
        self.stand_in.stop()

    def check(self) -> None:
        """Assert that everything said so far was as Stripe describes it."""
        problems = list(self.checked.problems)
        for event in self.inbox.events:
            plain = event.to_dict()
            problems += [f"{event.type}: {p}" for p in object_problems("event", plain)]
            obj = plain["data"]["object"]
            problems += [f"{event.type}: {p}" for p in object_problems(obj["object"], obj)]
        assert problems == []


@contextmanager
def stripe_sandbox(state: Path | None = None, retries: int = 0) -> Iterator[Sandbox]:
    """A running sandbox, stopped and checked at the end."""
    sandbox = Sandbox(state, retries)
    try:
        yield sandbox
        sandbox.check()
    finally:
        sandbox.close()
