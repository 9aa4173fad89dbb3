"""The stand-in itself: its state, its clock, its server, and what tests and demonstrations ask of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from crowdfund.sandbox.stripe import checkout, disputes, money, payouts
from crowdfund.sandbox.stripe.api import run_afterwards
from crowdfund.sandbox.stripe.context import Context, public
from crowdfund.sandbox.stripe.customers import create_customer
from crowdfund.sandbox.stripe.errors import Json
from crowdfund.sandbox.stripe.modes import Modes
from crowdfund.sandbox.stripe.sessions import create_session, expire_due
from crowdfund.sandbox.stripe.store import Store
from crowdfund.sandbox.stripe.webhooks import Deliveries, Send, post
from crowdfund.sandbox.stripe.wsgi import App

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def real_clock() -> datetime:
    """Return the machine's time in UTC."""
    return datetime.now(UTC)


class _QuietHandler(WSGIRequestHandler):
    def log(self, *message: Any) -> None:
        """Say nothing: the page shows what happened."""

    def connection_dropped(self, *why: Any) -> None:
        """Hang up, where a kept connection would leave the caller waiting."""
        del why
        self.close_connection = True


class StandIn:
    """A local server that behaves like the part of Stripe we use. Amounts in pence, times UTC by its own clock."""

    def __init__(
        self,
        state_path: Path | None,
        webhook_url: str | None,
        webhook_secret: str,
        api_key: str,
        clock: Callable[[], datetime] = real_clock,
        *,
        public_url: str | None = None,
        merchant: str = "Crowdfund Kent",
        send: Send = post,
    ) -> None:
        self.store = Store(state_path)
        self.modes = Modes(self.store)
        self.api_key, self.merchant = api_key, merchant
        self._clock, self._public_url = clock, public_url
        self.deliveries = Deliveries(
            self.store, self.modes, webhook_url, webhook_secret, clock=lambda: clock().timestamp(), send=send
        )
        self.wsgi_app: WSGIApplication = App(self)
        self._stopping = threading.Event()
        self._server: BaseWSGIServer | None = None
        self._threads: list[threading.Thread] = []

    def now(self) -> int:
        """Return seconds since 1970 by the stand-in's clock."""
        return int(self._clock().timestamp())

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond stop()."""
        self._stopping.wait(seconds)

    def context(self, base_url: str, request_id: str | None = None, key: str | None = None) -> Context:
        """Return the surroundings of one piece of work, with sessions whose time is up closed first."""
        where = self._public_url or base_url
        ctx = Context(self.store, self.now(), where, self.deliveries.queue, request_id, key)
        with self.store.transaction():
            expire_due(ctx)
        return ctx

    @contextmanager
    def work(self, base_url: str = "") -> Iterator[Context]:
        """A piece of work outside the API, in one transaction."""
        with self.store.transaction():
            ctx = self.context(base_url or self.base_url)
            yield ctx
            run_afterwards(ctx)

    @property
    def base_url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self._server.server_port}" if self._server else "http://127.0.0.1"

    def start(self, port: int = 0, *, deliver: bool = False) -> str:
        """Serve in a thread and return the address. Webhooks go out by flush_webhooks() unless `deliver`."""
        self._listen("127.0.0.1", port)
        assert self._server is not None
        server = self._server
        self._run(lambda: server.serve_forever(poll_interval=0.02))
        if deliver:
            self._run(self._deliver_forever)
        return self.base_url

    def serve(self, host: str = "127.0.0.1", port: int = 12111) -> None:
        """Serve and deliver webhooks until stop() or Ctrl-C."""
        self._listen(host, port)
        assert self._server is not None
        self._run(self._deliver_forever)
        try:
            self._server.serve_forever()
        finally:
            self.stop()

    def _listen(self, host: str, port: int) -> None:
        self._server = make_server(host, port, self.wsgi_app, threaded=True, request_handler=_QuietHandler)

    def _run(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _deliver_forever(self) -> None:
        while not self._stopping.wait(0.2):
            self.flush_webhooks()

    def stop(self) -> None:
        """Stop serving and close the state."""
        self._stopping.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for thread in self._threads:
            thread.join(timeout=15)
        self._threads.clear()
        self.store.close()

    def flush_webhooks(self) -> int:
        """Close sessions whose time is up, send every webhook that is due, return how many were taken."""
        with self.work():
            pass
        return self.deliveries.flush()

    def set_mode(self, name: str, **params: Any) -> None:
        """Turn a fault on; see modes.py for names and parameters. Raises ValueError."""
        self.modes.set(name, **params)

    def clear_modes(self, name: str | None = None) -> None:
        """Turn one fault off, or all."""
        self.modes.clear(name)

    def complete_checkout(
        self, session_id: str, card: str = "4242424242424242", *, challenge: bool = True, **typed: str
    ) -> checkout.Outcome:
        """Do what a payer does on the Checkout page: `card`, then pass the challenge or fail it.

        `typed` may give expiry, cvc, name or email. Raises ApiError when the session is not open.
        """
        with self.work() as ctx:
            session = ctx.get("checkout.session", session_id)
            if checkout.needs_email(session):
                typed = {"email": "payer@example.org"} | typed
            outcome = checkout.submit(ctx, session_id, checkout.Entry(card, **typed))
            if outcome.challenge is None:
                return outcome
            return checkout.answer(ctx, outcome.challenge, passed=challenge)

    def save_card(self, email: str, metadata: dict[str, str], card: str) -> tuple[Json, Json]:
        """Do at once what makes a demonstration's crowd: customer, session, card; return session and method."""
        with self.work() as ctx:
            customer = create_customer(ctx, {"email": email, "metadata": metadata})
            asked = {"mode": "setup", "customer": customer["id"], "currency": "gbp", "metadata": metadata}
            asked |= {"setup_intent_data": {"metadata": metadata}, "payment_method_types": ["card"]}
            addresses = {"success_url": "http://127.0.0.1/", "cancel_url": "http://127.0.0.1/"}
            session = create_session(ctx, asked | addresses)
            checkout.submit(ctx, session["id"], checkout.Entry(card))
            intent = ctx.get("setup_intent", session["setup_intent"])
            return session, ctx.get("payment_method", intent["payment_method"])

    def answer_challenge(self, intent_id: str, *, passed: bool = True) -> checkout.Outcome:
        """Do what a payer does on the bank's page for an intent that requires action."""
        with self.work() as ctx:
            return checkout.answer(ctx, intent_id, passed=passed)

    def open_dispute(self, charge_id: str) -> Json:
        """Let the card holder dispute a charge; return the dispute."""
        with self.work() as ctx:
            return dict(public(disputes.open_dispute(ctx, charge_id)))

    def resolve_dispute(self, dispute_id: str, *, won: bool) -> Json:
        """Decide a dispute; return it."""
        with self.work() as ctx:
            return dict(public(disputes.resolve_dispute(ctx, dispute_id, won=won)))

    def fail_refund(self, refund_id: str) -> None:
        """Let the bank send a refund back."""
        with self.work() as ctx:
            money.fail_refund(ctx, refund_id)

    def pay_out(self) -> Json | None:
        """Send what is available to the bank account; return the payout, None when there is nothing."""
        with self.work() as ctx:
            return payouts.pay_out(ctx)

    def fail_payout(self, payout_id: str) -> Json:
        """Let the bank send a payout back; return it."""
        with self.work() as ctx:
            return payouts.fail_payout(ctx, payout_id)
