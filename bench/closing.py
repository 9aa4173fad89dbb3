"""The project page while a crowd's project closes: verdict, charges and webhooks in processes of their own."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import func, select

from bench.load import Cell, Target, measure, median
from bench.report import Ratio
from bench.server import free_port, wait_for
from crowdfund.app import create_app
from crowdfund.core import checks as core_checks
from crowdfund.core import clock
from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.core.migrate import upgrade
from crowdfund.core.movable_clock import set_business_time
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import queries as ledger
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments import checks as payments
from crowdfund.payments.models import ChargeAttempt
from crowdfund.places.importer import import_places
from crowdfund.pledges import queries as pledges
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import Audience, PledgeState
from crowdfund.pledges.wording import Words
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.launcher import sandbox_environment
from crowdfund.sandbox.seed_pledges import STRIPE_FILE, Backing, CardDesk, pledge_all
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement import checks as settlement
from crowdfund.settlement.models import Verdict
from crowdfund.wiring import worker_of
from tests.support.factories import make_project
from tests.support.postgres import postgres

PENCE = 1_000
PATIENCE_SECONDS = 1_800
_CLOSING = (ProjectState.LIVE, ProjectState.COLLECTING)


@dataclass(frozen=True)
class Crowd:
    """A project with its backers, an hour before its deadline."""

    app: Flask
    project_id: int
    slug: str
    deadline: datetime
    size: int


def close(kind: str, size: int, seconds: float, rounds: int) -> tuple[list[tuple[str, Cell]], list[Ratio], str]:
    """Close a project of `size` pledges under load; return what was measured, ratios and a sentence.

    Raises AssertionError where a page failed, somebody was not charged once, or the books differ from the provider.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="crowdfund-bench-"))
        url = stack.enter_context(postgres(fsync=True)) if kind == "postgres" else f"sqlite:///{folder}/bench.sqlite3"
        port, stripe_port = free_port(), free_port()
        asked = os.environ | {"CROWDFUND_INSTANCE": folder, "CROWDFUND_DATABASE_URL": url}
        env = sandbox_environment(asked, port, stripe_port)
        crowd = _gather(Settings.from_env(env), size)
        with crowd.app.app_context():
            with _processes(env, port, stripe_port):
                found, ratios, took = _measured(crowd, port, seconds, rounds)
            _all_is_right(crowd, Path(folder))
            db.session.remove()
            db.engine.dispose()
    text = f"  {size} pledges, from the deadline to the last charge: {took:.0f} s; each charged once, to the penny"
    assert not any(cell.failures for _, cell in found), found
    return found, ratios, text


def _gather(settings: Settings, size: int) -> Crowd:
    """Make a project and its pledges, and do everything that is due before the last hour."""
    began = time.perf_counter()
    upgrade(settings.database_url)
    app = create_app(settings)
    with app.app_context():
        with unit_of_work() as session:
            import_places(session, None)
        project = make_project(clock.now())
        words = Words(settings.council_name, settings.service_name)
        with closing(CardDesk(Path(settings.instance) / STRIPE_FILE)) as desk:
            pledge_all(project.id, _backings(size, clock.now()), desk, settings.secret_key, words)
        project = db.session.get_one(Project, project.id, populate_existing=True)
        assert project.deadline is not None
        crowd = Crowd(app, project.id, project.slug, project.deadline, size)
        _move_clock(crowd.deadline - timedelta(hours=1))
        worker_of(app).drain(most=20 * size)
        db.session.remove()
    print(f"  a project with {size} pledges made in {time.perf_counter() - began:.0f} s")
    return crowd


def _backings(size: int, now: datetime) -> Iterator[Backing]:
    shown = (Audience.EVERYONE, Audience.EVERYONE, "", None)
    for n in range(size):
        yield Backing(now, f"Person {n}", f"p{n}@example.org", PENCE + n % 7, *shown)


def _move_clock(to: datetime) -> None:
    with unit_of_work() as session:
        set_business_time(session, to)


@contextmanager
def _processes(env: dict[str, str], port: int, stripe_port: int) -> Iterator[None]:
    """Run the local Stripe, the worker and the site, as `make run` does."""
    commands = (("sandbox-stripe", "--port", str(stripe_port)), ("worker",), ("serve", "--port", str(port)))
    running = []
    try:
        for words in commands:
            command = [sys.executable, "-m", "crowdfund", *words]
            running.append(subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for one in (stripe_port, port):
            wait_for(one)
        yield
        assert all(process.poll() is None for process in running)
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.wait(timeout=20)


def _measured(
    crowd: Crowd, port: int, seconds: float, rounds: int
) -> tuple[list[tuple[str, Cell]], list[Ratio], float]:
    path = f"/projects/{crowd.slug}"
    targets = [Target("project page, with a cookie", port, path, cookie="visit=none"),
               Target("project page", port, path)]  # fmt: skip
    for target in targets:
        measure(target, 1)
    quiet = [[measure(target, seconds) for target in targets] for _ in range(rounds)]
    busy, began = [], time.perf_counter()
    _move_clock(crowd.deadline)
    while _is_closing(crowd):
        busy.append([measure(target, seconds) for target in targets])
        assert time.perf_counter() - began < PATIENCE_SECONDS, "the project is not settled"
    took = time.perf_counter() - began
    # The last round began while it was closing and may have ended after it.
    busy = busy[:-1] or busy
    cells, ratios = [], []
    for index, target in enumerate(targets):
        before, during = median([one[index] for one in quiet]), median([one[index] for one in busy])
        cells += [(f"{target.name}, quiet", before), (f"{target.name}, closing", during)]
        ratios.append(Ratio(f"p99 of {target.name}, closing / quiet", during.p99 / before.p99, 3, 2, at_most=True))
    return cells, ratios, took


def _is_closing(crowd: Crowd) -> bool:
    db.session.rollback()
    state = db.session.scalar(select(Project.state).where(Project.id == crowd.project_id))
    return state in _CLOSING


def _all_is_right(crowd: Crowd, folder: Path) -> None:
    """Everyone paid once, and verdict, rows, cash book and the provider's own balance say the same."""
    db.session.rollback()
    session = db.session()
    assert session.get_one(Project, crowd.project_id).state is ProjectState.FUNDED
    promised = session.get_one(Verdict, crowd.project_id)
    expected = (crowd.size, sum(PENCE + n % 7 for n in range(crowd.size)))
    assert (promised.backers, promised.pledged_pence) == expected
    counted = select(func.count(), func.sum(Pledge.amount_pence)).where(Pledge.state == PledgeState.PAID)
    assert tuple(session.execute(counted).one()) == expected
    tries = Counter(session.scalars(select(ChargeAttempt.subject)))
    assert (len(tries), max(tries.values())) == (crowd.size, 1)
    with closing(StandIn(folder / STRIPE_FILE, None, "", "", clock.now).store) as store:
        paid = [intent for intent in store.select("payment_intent") if intent["status"] == "succeeded"]
        net = sum(row["net"] for row in store.select("balance_transaction"))
    references = {intent["metadata"]["crowdfund_reference"] for intent in paid}
    assert (len(references), len(paid), sum(intent["amount"] for intent in paid)) == (crowd.size, *expected)
    assert net == -ledger.balance_pence(session, AccountKind.PROVIDER, PROGRAMME)
    broken = [line for one in (core_checks, ledger, payments, pledges, settlement) for line in one.breaches(session)]
    assert broken == [], broken[:3]
