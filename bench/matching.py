"""What match costs: a project with three funders beside one without, the list that asks for match, and a replay."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from flask import Flask
from sqlalchemy import create_engine

from bench import transactions
from bench.report import Ratio
from bench.server import PRODUCTION
from crowdfund.app import create_app
from crowdfund.core.clock import real_now
from crowdfund.core.config import Settings
from crowdfund.core.db import db, prepare_engine
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import pots
from crowdfund.funds.rules import MatchKind, Terms
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.matching.replaying import Gift, Past, replay
from crowdfund.matching.rules import OfferState, ProjectFacts
from crowdfund.projects.models import Project
from tests.support.funding import fill_fund, make_fund, make_funder, make_offer
from tests.support.queries import count_queries

PLAIN, MATCHED = 31, 32  # projects with crowds of one size
PENCE = 50_000
FUNDS = (
    ("Lump sum", {"kind": MatchKind.LUMP}),
    ("Per pledge", {"kind": MatchKind.PER_PLEDGE, "per_backer_pence": 1_000}),
    ("Top-up", {"kind": MatchKind.TOP_UP}),
)


def compare(url: str, count: int) -> tuple[list[str], list[Ratio]]:
    """Measure pages and pledges with and without match in turns; return lines to print and ratios."""
    app = create_app(Settings.from_env(PRODUCTION | {"CROWDFUND_DATABASE_URL": url}))
    app.config["PAGE_CACHE_MS"] = 0
    with app.app_context():
        _ask_three_funders()
    lines, ratios = [], []
    for name, matched, plain, most in (
        ("project page with three funders / without", f"/projects/project-{MATCHED}", f"/projects/project-{PLAIN}", 3),
        ("list of what can be matched / whole list", "/projects?match=can", "/projects", 1.5),
    ):
        line, ratio = _pages(app, name, matched, plain, most)
        lines.append(line)
        ratios.append(ratio)
    line, ratio = _pledging(app, url, count)
    with app.app_context():
        assert [*ledger_breaches(db.session())] == []
        db.session.remove()
        db.engine.dispose()
    return [*lines, line], [*ratios, ratio, _replaying()]


def _ask_three_funders() -> None:
    now = real_now()
    with unit_of_work() as session:
        funder = make_funder(session, "A funder of the benchmark")
        project = session.get_one(Project, MATCHED)
        for name, terms in FUNDS:
            fund = make_fund(session, funder, now, name, **terms)
            fill_fund(session, fund, 100 * PENCE, now)
            offer = make_offer(session, project, fund, PENCE, now, OfferState.ACCEPTED)
            if terms["kind"] is not MatchKind.PER_PLEDGE:
                pots.reserve(Posting(session, f"bench:{offer.id}", transactions.ACTOR, now), fund.id, offer.id, PENCE)


def _pages(app: Flask, name: str, matched: str, plain: str, most: float) -> tuple[str, Ratio]:
    client = app.test_client()
    times: dict[str, list[float]] = {matched: [], plain: []}
    for _ in range(60):
        for path, taken in times.items():
            taken.append(_seconds(partial(client.get, path)))
    slow, fast = (statistics.median(taken[10:]) * 1000 for taken in times.values())
    counted = []
    for path in times:
        with app.app_context(), count_queries(db.engine) as queries:
            assert client.get(path).status_code == 200
        counted.append(len(queries))
    text = f"  {name}: {slow:.2f} ms and {fast:.2f} ms, {counted[0]} and {counted[1]} queries"
    return text, Ratio(name, slow / fast, most, 1.0, at_most=True)


def _pledging(app: Flask, url: str, count: int) -> tuple[str, Ratio]:
    engine = create_engine(url)
    prepare_engine(engine)
    speeds: dict[int, list[float]] = {MATCHED: [], PLAIN: []}
    for _ in range(3):
        for project, taken in speeds.items():
            taken.append(transactions.application(app, transactions.prepare(engine, count, 1, project), 1))
    engine.dispose()
    matched, plain = (statistics.median(taken) for taken in speeds.values())
    text = f"  pledges: {matched:.0f} a second with a fund that adds to each, {plain:.0f} without"
    return text, Ratio("pledge with match per pledge / without", matched / plain, 0.2, 0.4)


def _replaying() -> Ratio:
    begins = real_now()
    facts = ProjectFacts(target_pence=300_000, cost_pence=300_000, revenue_pence=300_000)
    gifts = [Gift(begins + timedelta(minutes=n), 2_000 + n) for n in range(100)]
    pasts = [Past(str(n), begins, begins + timedelta(days=42), facts, gifts) for n in range(100)]
    terms = Terms(MatchKind.PER_PLEDGE, 100_000, percent=50, per_backer_pence=1_000)
    seconds = _seconds(lambda: replay(pasts, terms, 5_000_000))
    return Ratio("10,000 pledges replayed by the simulator, seconds", seconds, 5, 1, at_most=True)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
