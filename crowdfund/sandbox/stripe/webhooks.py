"""Webhooks: signed as Stripe signs them, sent at least once, tried again with longer and longer waits."""

import hashlib
import hmac
import time
from collections.abc import Callable

import requests

from crowdfund.sandbox.stripe.context import API_VERSION, compact, public
from crowdfund.sandbox.stripe.modes import Modes
from crowdfund.sandbox.stripe.store import Store

Send = Callable[[str, bytes, dict[str, str]], int]
WAITS = (10, 60, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200)


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send one webhook and return the status, 0 when nobody answered."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(url, data=body, headers=headers, timeout=10, allow_redirects=False).status_code
    except requests.RequestException:
        return 0


def sign(body: str, secret: str, at: int) -> str:
    """Return the Stripe-Signature header for a body sent at `at` (seconds since 1970)."""
    digest = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Deliveries:
    """The queue of events on their way to the webhook address."""

    def __init__(
        self, store: Store, modes: Modes, url: str | None, secret: str, *, clock: Callable[[], float], send: Send
    ) -> None:
        self._store, self._modes, self._url = store, modes, url
        self._secret, self._clock, self._send = secret, clock, send

    def queue(self, event_id: str) -> None:
        """Line an event up for sending, as the modes have it."""
        event = self._store.find("event", event_id)
        if self._url is None or event is None:
            return
        due, copies, state = self._clock(), 1, "pending"
        if (delay := self._modes.take_webhook("delay", event["type"])) is not None:
            due += delay.get("seconds", 5)
        if (duplicate := self._modes.take_webhook("duplicate", event["type"])) is not None:
            copies += duplicate.get("copies", 1)
        if self._modes.take_webhook("drop", event["type"]) is not None:
            state = "dropped"
        for _ in range(copies):
            self._store.sql("INSERT INTO delivery (event, due, state) VALUES (?, ?, ?)", (event_id, due, state))

    def resend(self, event_id: str) -> None:
        """Line an event up once more, whatever happened to it before."""
        self._store.sql("INSERT INTO delivery (event, due, state) VALUES (?, ?, 'pending')", (event_id, self._clock()))

    def flush(self) -> int:
        """Send what is due now and return how many were taken by the receiver."""
        delivered = 0
        while due := self._claim():
            delivered += sum(self._deliver(*row) for row in due)
        return delivered

    def _claim(self) -> list[tuple[int, str, int]]:
        with self._store.transaction():
            order = "DESC" if self._modes.reorders() else "ASC"
            rows = self._store.sql(
                f"SELECT id, event, attempts FROM delivery WHERE state = 'pending' AND due <= ? "  # noqa: S608 - ours
                f"ORDER BY id {order} LIMIT 100",
                (self._clock(),),
            )
            for row in rows:
                self._store.sql("UPDATE delivery SET state = 'sending' WHERE id = ?", (row["id"],))
        return [(row["id"], row["event"], row["attempts"]) for row in rows]

    def _deliver(self, id_: int, event_id: str, attempts: int) -> bool:
        body = compact(public(self._store.find("event", event_id)))
        # Receivers compare with their own watch, so the signature carries real time even on a moved clock.
        headers = {
            "Stripe-Signature": sign(body, self._secret, int(time.time())),
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"Stripe stand-in ({API_VERSION})",
        }
        status = self._send(str(self._url), body.encode(), headers)
        taken = 200 <= status < 300
        wait = WAITS[attempts] if attempts < len(WAITS) else None
        state = "delivered" if taken else "failed" if wait is None else "pending"
        self._store.sql(
            "UPDATE delivery SET state = ?, attempts = ?, answer = ?, due = ? WHERE id = ?",
            (state, attempts + 1, str(status or "no answer"), self._clock() + (wait or 0), id_),
        )
        return taken
