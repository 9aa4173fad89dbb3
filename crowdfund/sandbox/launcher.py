"""The demonstration's process tree: web, worker and the local Stripe under one parent that ends them all."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, create_engine, event, func, select

from crowdfund.core import clock, lifeline, migrate
from crowdfund.core.config import ROOT, SANDBOX_SECRET, Settings
from crowdfund.core.db import db
from crowdfund.core.movable_clock import MovableClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.places.importer import OFFICIAL_NAME, import_places
from crowdfund.places.models import District
from crowdfund.projects.models import Project
from crowdfund.sandbox.demo import load_people
from crowdfund.sandbox.seed_pledges import STRIPE_FILE
from crowdfund.sandbox.seeding import seed
from crowdfund.sandbox.stripe import StandIn

WEBHOOK_SECRET = "whsec_sandbox_only"
API_KEY = "sk_test_sandbox_only"
READY_WITHIN_SECONDS = 60


def run(environ: Mapping[str, str], make_app: Callable[[Settings], Flask], most_backers: int) -> int:
    """Set the sandbox up, start its processes, print where it is, and end them all on a signal or a death."""
    port = int(environ.get("PORT", "8000"))
    if not _free(port):
        print(f"port {port} is taken; choose another, for example: PORT={port + 10} make run", file=sys.stderr)
        return 2
    stripe_port = port + 1 if _free(port + 1) else _any_free_port()
    env = sandbox_environment(environ, port, stripe_port)
    prepare(Settings.from_env(env), make_app, most_backers)
    line = lifeline.throw()
    commands = (("sandbox-stripe", "--port", str(stripe_port)), ("worker",), ("serve", "--port", str(port)))
    options: dict[str, Any] = {"env": env | line.environment(), "pass_fds": (line.read_end,)}
    children = [subprocess.Popen(_command(*words), **options) for words in commands]
    return _watch(children, env["CROWDFUND_PUBLIC_URL"])


def prepare(settings: Settings, make_app: Callable[[Settings], Flask], most_backers: int) -> None:
    """Bring the sandbox's database up to date and fill it the first time.

    What an interrupted first start left behind is thrown away: half a demonstration helps nobody.
    """
    folder = Path(settings.instance)
    done_before = folder / "seeded"
    if not done_before.exists():
        for leftover in folder.glob("*.sqlite3*"):
            leftover.unlink()
    migrate.upgrade(settings.database_url)
    app = make_app(settings)
    with app.app_context():
        _hurry(db.engine)
        if db.session.scalar(select(func.count()).select_from(District)) == 0:
            with unit_of_work() as session:
                done = import_places(session, Path(settings.places_data) / OFFICIAL_NAME)
            print(f"Brought in {done.districts} districts and {done.postcodes} postcodes from {done.source}")
        if db.session.scalar(select(func.count()).select_from(Project)) == 0:
            print(seed(clock.now(), most_backers=most_backers))
        db.session.remove()
        db.engine.dispose()
    done_before.touch()


def _hurry(engine: Engine) -> None:
    """Let SQLite not wait for the disk while filling: what a crash interrupts is thrown away anyway."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))


def sandbox_environment(environ: Mapping[str, str], port: int, stripe_port: int) -> dict[str, str]:
    """Return the environment of the sandbox's processes."""
    folder = Path(environ.get("CROWDFUND_INSTANCE", ROOT / "instance"))
    folder.mkdir(parents=True, exist_ok=True)
    stripe = f"http://127.0.0.1:{stripe_port}"
    ours = {
        "CROWDFUND_SANDBOX": "1",
        "CROWDFUND_SECRET_KEY": SANDBOX_SECRET,
        "CROWDFUND_DATABASE_URL": environ.get("CROWDFUND_DATABASE_URL", f"sqlite:///{folder}/demo.sqlite3"),
        "CROWDFUND_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CROWDFUND_STRIPE_API_BASE": stripe,
        "CROWDFUND_CHECKOUT_ORIGIN": stripe,
        "CROWDFUND_STRIPE_API_KEY": API_KEY,
        "CROWDFUND_STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        "CROWDFUND_INSTANCE": str(folder),
        "PORT": str(port),
    }
    return {**environ, **ours}


def serve_stripe(settings: Settings, port: int) -> int:
    """Serve the stand-in for Stripe on loopback, on the business clock of the sandbox."""
    stand_in = StandIn(
        Path(settings.instance) / STRIPE_FILE,
        webhook_url=f"{settings.public_url}/stripe/webhook",
        webhook_secret=WEBHOOK_SECRET,
        api_key=API_KEY,
        clock=MovableClock(create_engine(settings.database_url)).now,
    )
    stand_in.serve("127.0.0.1", port)
    return 0


def _watch(children: list[subprocess.Popen[bytes]], address: str) -> int:
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _frame: asked.append(caught))
    try:
        if _wait_ready(children, address, asked):
            _greet(address)
            while not asked and all(child.poll() is None for child in children):
                time.sleep(0.2)
        elif not asked:
            print(f"the demonstration was not ready within {READY_WITHIN_SECONDS} seconds", file=sys.stderr)
    finally:
        _end(children)
    return 0 if asked else 1


def _wait_ready(children: list[subprocess.Popen[bytes]], address: str, asked: list[int]) -> bool:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < until and not asked and all(child.poll() is None for child in children):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):  # noqa: S310 - our own loopback address
                return True
        except OSError:
            time.sleep(0.1)
    return False


def _greet(address: str) -> None:
    print(f"\nCrowdfund is running at {address}  (made-up people and money; Ctrl-C ends it)")
    print(f"Demo tools, mailbox and clock: {address}/sandbox/")
    print("Sign in with one click there as:")
    for person in load_people():
        print(f"  {person.name}, {person.role}")
    sys.stdout.flush()


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(timeout=8)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "crowdfund", *words]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
