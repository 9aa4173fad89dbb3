"""Real processes of the service, killed outright at named points and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

import psutil
from flask import Flask
from sqlalchemy import func, select, update

from crowdfund.accounts.actions import open_session
from crowdfund.accounts.models import Person
from crowdfund.core import clock as clocks
from crowdfund.core.clock import real_now
from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.movable_clock import MovableClock, set_business_time
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.sandbox.stripe import StandIn
from tests.support.database import Database
from tests.support.stand_in import start_anew

PATIENCE_SECONDS = 60


class SharedClock:
    """The business clock of every process at once: it runs, and a test puts it forward in the database."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self._movable = MovableClock(db.engine)

    def now(self) -> datetime:
        """Return the business time in UTC."""
        return self._movable.now()

    @property
    def at(self) -> datetime:
        """The business time in UTC."""
        return self.now()

    @at.setter
    def at(self, moment: datetime) -> None:
        with unit_of_work() as session:
            set_business_time(session, moment)

    def forward(self, step: timedelta) -> None:
        """Put the clock forward."""
        self.at = self.now() + step


@dataclass
class Plant:
    """Where processes are started and killed; inside an app context of the same database."""

    app: Flask
    settings: Settings
    stripe: StandIn
    clock: SharedClock
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str, failpoint: str = "", **changes: Any) -> subprocess.Popen[bytes]:
        """Start a command of the service that dies at `failpoint`, where one is named."""
        db.session.rollback()
        settings = replace(self.settings, **changes)
        named = {f"CROWDFUND_{item.name.upper()}": str(getattr(settings, item.name)) for item in fields(settings)}
        process = subprocess.Popen(
            [sys.executable, "-m", "crowdfund", *words],
            env={**os.environ, **named, "CROWDFUND_FAILPOINT": failpoint},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.running.append(process)
        return process

    def die_at(self, point: str, *words: str) -> None:
        """Start a process (a worker unless other words are given) and wait until it is killed at this point."""
        process = self.start(*(words or ("worker",)), failpoint=point)
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL, f"it never came to {point}"
        self.end_leases()

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Have a worker work meanwhile."""
        process = self.start("worker")
        try:
            yield process
        finally:
            kill(process)

    @contextmanager
    def web(self, port: int, failpoint: str = "") -> Iterator[str]:
        """Have a web process serve meanwhile and yield its address."""
        address = f"http://127.0.0.1:{port}"
        words = ("serve", "--port", str(port), "--workers", "1")
        process = self.start(*words, failpoint=failpoint, public_url=address)
        try:
            self.until(lambda: answers(f"{address}/readyz"), process)
            yield address
        finally:
            workers = stop(process)
            kill(process)
            psutil.wait_procs(workers, PATIENCE_SECONDS)  # they follow their server

    def until(self, true: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
        """Wait while a process works until something is so. Raises AssertionError when that takes too long."""
        latest = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < latest:
            db.session.rollback()
            db.session.expire_all()
            if true():
                return
            self.stripe.flush_webhooks()
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"the process ended with {process.wait(0.05)}")
        raise AssertionError("it took too long")

    def cookie_of(self, person: Person) -> str:
        """Return the cookie of a browser in which somebody gave their second factor just now."""
        real = real_now()
        with unit_of_work() as session:
            row, token = open_session(session, secret=self.settings.secret_key, real=real)
            row.person_id, row.strong_at = person.id, real
        return token

    def end_leases(self) -> None:
        """Let the leases of whoever was killed run out now instead of after a minute."""
        with unit_of_work() as session:
            session.execute(update(Job).values(leased_until=real_now() - timedelta(seconds=1)))

    def is_idle(self, within: timedelta = timedelta()) -> bool:
        """Say whether nothing is due within this time."""
        due = select(func.count()).where(Job.state == JobState.WAITING, Job.run_after <= self.clock.now() + within)
        return not db.session.scalar(due)

    def end(self) -> None:
        """Kill everything that was started."""
        for process in self.running:
            kill(process)


@contextmanager
def open_plant(app: Flask, database: Database, settings: Settings, stripe: StandIn) -> Iterator[Plant]:
    """Yield processes on an empty database, a clock that they share, and the stand-in on the same clock."""
    with app.app_context():
        database.reset(db.engine)
        clock, former = SharedClock(app), clocks._installed
        clocks.install(clock)
        start_anew(stripe)
        made = Plant(app, settings, stripe, clock)
        try:
            yield made
        finally:
            made.end()
            clocks.install(former)
            db.session.remove()


def answers(address: str) -> bool:
    """Say whether somebody answers there."""
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Halt a server, so that a worker that was killed is not started anew, and return those that it has."""
    process.send_signal(signal.SIGSTOP)
    # A signal arrives a little later than it is sent: one worker more may be started until then.
    while process.poll() is None and psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
    return psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process that we started as a power cut would."""
    process.kill()
    process.wait()
