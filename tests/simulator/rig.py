"""The whole service in one process: the real app, a real database, the real Stripe library against the stand-in."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from sqlite3 import Connection, connect
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from crowdfund.app import create_app
from crowdfund.core import failpoints
from crowdfund.core.clock import FixedClock
from crowdfund.core.config import SANDBOX_SECRET, Settings
from crowdfund.core.db import db
from crowdfund.core.errors import Conflict, Forbidden, GatewayDown, Refused
from crowdfund.core.ids import public_id
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.sandbox.stripe import StandIn
from crowdfund.wiring import worker_of
from tests.simulator.chance import luck_given_back, seed_database
from tests.support.clock import START, standing_clock
from tests.support.database import Database, open_database
from tests.support.stand_in import API_KEY, WEBHOOK_SECRET

Webhook = tuple[bytes, dict[str, str]]


class Killed(BaseException):
    """The worker's power is cut here: nothing after it runs."""


@dataclass
class Mailbag:
    """Webhooks on their way: what the stand-in sent lies here until somebody delivers, repeats or loses it."""

    waiting: list[Webhook] = field(default_factory=list)
    delivered: list[Webhook] = field(default_factory=list)

    def take(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """Take a webhook from the stand-in."""
        self.waiting.append((body, headers))
        return 200

    def empty(self) -> None:
        """Forget everything."""
        self.waiting.clear()
        self.delivered.clear()


@dataclass
class Rig:
    """What a simulated season runs on."""

    app: Flask
    database: Database
    stripe: StandIn
    clock: FixedClock
    bag: Mailbag
    doom: str = ""
    kills: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    watch: Connection | None = None
    version: int = -1

    def fresh(self) -> None:
        """Start again: an empty database, an empty stand-in, the first morning."""
        db.session.remove()
        self.database.reset(db.engine)
        for table in ("object", "replay", "delivery", "mode"):
            self.stripe.store.sql(f"DELETE FROM {table}")
        self.bag.empty()
        self.clock.at, self.doom = START, ""
        if self.watch is not None:
            self.watch.close()
        self.watch, self.version = connect(str(db.engine.url.database)), -1

    def has_changed(self) -> bool:
        """Say whether anything was committed since the last time; asked on a connection that writes nothing."""
        assert self.watch is not None
        former, self.version = self.version, self.watch.execute("PRAGMA data_version").fetchone()[0]
        return former != self.version

    def attempt(self, action: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """Do something in a unit of work of its own; answer None where it is refused."""
        try:
            with unit_of_work() as session:
                return action(session, *args, **kw)
        except (Refused, Forbidden, Conflict):
            return None

    def ask(self, call: Callable[..., Any], *args: Any) -> Any:
        """Do something that asks the provider; answer None where it does not answer or the thing is refused."""
        try:
            return call(*args)
        except (GatewayDown, Refused, Forbidden, Conflict):
            return None

    def work(self, most: int = 10_000) -> int:
        """Let the worker carry out at most so many due jobs; one whose power is cut is found again later."""
        worker, done = worker_of(self.app), 0
        try:
            while done < most and worker.run_one():
                done += 1
        except Killed:
            self.kills += 1
            db.session.rollback()
            self._end_leases()
        return done

    def come_round(self) -> None:
        """Queue everything that comes round."""
        worker_of(self.app).queue_periodic(self.clock.now())

    def repeat(self, job: Job) -> None:
        """Carry out a job that was carried out before, as a second worker does whose lease ran out."""
        copy = {"kind": job.kind, "payload": job.payload, "dedupe_key": f"again:{job.id}:{public_id()}"}
        with unit_of_work() as session:
            now = self.clock.now()
            session.add(Job(**copy, state=JobState.WAITING, run_after=now, tries=0, created_at=now))

    def reach(self, point: str) -> None:
        """Cut the worker's power at the point that is doomed, once."""
        if point == self.doom:
            self.doom = ""
            raise Killed(point)

    def collect_post(self) -> int:
        """Have the stand-in hand over what is due; return how much lies in the bag."""
        self.stripe.flush_webhooks()
        return len(self.bag.waiting)

    def deliver(self, webhook: Webhook, times: int = 1) -> None:
        """Deliver a webhook so many times."""
        body, headers = webhook
        for _ in range(times):
            reply = self.app.test_client().post("/stripe/webhook", data=body, headers=headers)
            assert reply.status_code == 200, reply.status
        self.bag.delivered.append(webhook)

    def deliver_all(self, luck: Random | None = None) -> None:
        """Deliver everything, shuffled where luck is given."""
        self.collect_post()
        waiting, self.bag.waiting = self.bag.waiting, []
        if luck is not None:
            luck.shuffle(waiting)
        for webhook in waiting:
            self.deliver(webhook)

    def next_moment(self) -> timedelta:
        """Return how long it is until the next job is due; at least a second."""
        due = select(Job.run_after).where(Job.state == JobState.WAITING).order_by(Job.run_after).limit(1)
        moment = db.session.scalar(due)
        gap = moment - self.clock.now() if moment else timedelta(hours=1)
        return max(gap, timedelta(seconds=1))

    def _end_leases(self) -> None:
        with unit_of_work() as session:
            session.execute(update(Job).where(Job.state == JobState.WAITING).values(leased_until=None))


@contextmanager
def make_rig() -> Iterator[Rig]:
    """Yield a rig, inside an app context."""
    bag = Mailbag()
    with standing_clock() as fixed, open_database("sqlite") as database, _stand_in(bag, fixed) as (stripe, address):
        app = create_app(_settings(database.url, address))
        app.testing = True
        # The app brought its own clock; this season's is moved by hand.
        with standing_clock() as clock, app.app_context(), luck_given_back(), _quiet():
            stripe._clock = clock.now
            seed_database(db.engine)
            rig = Rig(app, database, stripe, clock, bag)
            former, failpoints.reach = failpoints.reach, rig.reach
            try:
                yield rig
            finally:
                failpoints.reach = former
                if rig.watch is not None:
                    rig.watch.close()
                db.session.remove()
                db.engine.dispose()


@contextmanager
def _stand_in(bag: Mailbag, clock: FixedClock) -> Iterator[tuple[StandIn, str]]:
    stripe = StandIn(None, "http://localhost/stripe/webhook", WEBHOOK_SECRET, API_KEY, clock.now, send=bag.take)
    address = stripe.start()
    try:
        yield stripe, address
    finally:
        stripe.stop()


@contextmanager
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)  # thousands of faults are meant here; each would be a page of log
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _settings(database_url: str, stripe: str) -> Settings:
    return Settings(
        sandbox=True,
        secret_key=SANDBOX_SECRET,
        database_url=database_url,
        public_url="http://localhost",
        page_cache_ms=0,
        stripe_api_key=API_KEY,
        stripe_api_base=stripe,
        checkout_origin=stripe,
        stripe_webhook_secrets=WEBHOOK_SECRET,
    )
