"""What a rehearsal is played on: a database, a local Stripe and a clock of its own, in one process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from crowdfund.core import clock, migrate
from crowdfund.core.clock import LONDON
from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Worker
from crowdfund.places.importer import import_places
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.time_travel import travel

API_KEY = "sk_test_rehearsal"
WEBHOOK_SECRET = "whsec_rehearsal"


@dataclass
class Stage:
    """The service, its worker and the local Stripe; inside an app context."""

    app: Flask
    stand_in: StandIn
    say: Callable[[str], None]

    @property
    def worker(self) -> Worker:
        """The service's own."""
        worker = self.app.extensions["worker"]
        assert isinstance(worker, Worker)
        return worker

    def tell(self, words: str) -> None:
        """Say what happens, with the day on which it does."""
        self.say(f"{clock.now().astimezone(LONDON):%d %b %Y %H:%M}  {words}")

    def work(self) -> None:
        """Carry out what is due, and what webhooks that come of it announce."""
        self.worker.queue_periodic(clock.now())
        self.worker.drain()
        while self.stand_in.flush_webhooks():
            self.worker.drain()

    def travel(self, to: datetime) -> None:
        """Move the clock to a moment (UTC), a day at a time; webhooks arrive on the way."""
        while (now := clock.now()) < to:
            travel(self.worker, min(to, now + timedelta(days=1)))
            self.work()

    def do(self, action: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """Carry out an action now, in a unit of work of its own."""
        with unit_of_work() as session:
            return action(session, *args, now=clock.now(), **kw)


@contextmanager
def set_up(
    settings: Settings, make_app: Callable[[Settings], Flask], folder: Path, say: Callable[[str], None]
) -> Iterator[Stage]:
    """Yield a stage in a folder that is emptied first; what was played stays there to be looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("*.sqlite3*"):
        leftover.unlink()
    url = f"sqlite:///{folder}/rehearsal.sqlite3"
    migrate.upgrade(url)
    into: list[Flask] = []

    def deliver(_url: str, body: bytes, headers: dict[str, str]) -> int:
        return into[0].test_client().post("/stripe/webhook", data=body, headers=headers).status_code

    stand_in = StandIn(
        folder / "stripe.sqlite3", "http://localhost/stripe/webhook", WEBHOOK_SECRET, API_KEY, clock.now, send=deliver
    )
    address = stand_in.start()
    try:
        app = make_app(_on(settings, url, address))
        into.append(app)
        with app.app_context():
            with unit_of_work() as session:
                import_places(session, None)
            yield Stage(app, stand_in, say)
            db.session.remove()
            db.engine.dispose()
    finally:
        stand_in.stop()


def _on(settings: Settings, url: str, stripe: str) -> Settings:
    return replace(
        settings,
        database_url=url,
        public_url="http://localhost",
        stripe_api_key=API_KEY,
        stripe_api_base=stripe,
        checkout_origin=stripe,
        stripe_webhook_secrets=WEBHOOK_SECRET,
    )
