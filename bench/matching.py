"""What match costs: a project with three funders beside one without, the list that asks for match, and a replay.

Every pledge reckons the whole crowd anew, over a thousand backers here; the list asks three open funds about each of
5,000 projects. The floors hold what that came to when it was first measured.
"""

import statistics
import time
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, create_engine

from bench import transactions
from bench.load import Cell, Target, askers, measure, median
from bench.report import Ratio
from bench.server import PRODUCTION, serving
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
from crowdfund.pledges.queries import breaches as pledge_breaches
from crowdfund.projects.models import Project
from tests.support.funding import fill_fund, make_fund, make_funder, make_offer
from tests.support.queries import count_queries

PLAIN, MATCHED = 151, 152  # projects with crowds of one size, which nothing else measures
PENCE = 50_000
# At most, for each page and round and for each turn of pledges: what match adds makes the whole run little longer.
SECONDS, PLEDGES = 1.0, 50
FUNDS = (
    ("Lump sum", {"kind": MatchKind.LUMP}),
    ("Per pledge", {"kind": MatchKind.PER_PLEDGE, "per_backer_pence": 1_000}),
    ("Top-up", {"kind": MatchKind.TOP_UP}),
)


@dataclass(frozen=True)
class Pair:
    """A page with match and the same without; `proof` is in an answer that did its work."""

    name: str
    path: str
    plain_name: str
    plain_path: str
    proof: str
    most: float  # times as slow


PAIRS = (
    Pair(
        "project page, three funders",
        f"/projects/project-{MATCHED}",
        "project page, no funder",
        f"/projects/project-{PLAIN}",
        "A funder of the benchmark",
        3,
    ),
    Pair("list, ?match=can", "/projects?match=can", "list, unfiltered", "/projects", "A bench for street number", 4),
)


def compare(url: str, seconds: float, rounds: int, count: int) -> tuple[list[tuple[str, Cell]], list[str], list[Ratio]]:
    """Measure pages and pledges with and without match in turns; return cells, lines to print and ratios."""
    app = create_app(Settings.from_env(PRODUCTION | {"CROWDFUND_DATABASE_URL": url}))
    cells, ratios = _pages(url, min(seconds, SECONDS), rounds)
    counted = [_statements(app, pair) for pair in PAIRS]
    line, ratio = _pledging(app, url, min(count, PLEDGES))
    with app.app_context():
        assert [*ledger_breaches(db.session()), *pledge_breaches(db.session())] == []
        db.session.remove()
        db.engine.dispose()
    return cells, [*counted, line], [*ratios, ratio, _replaying()]


def ask_three_funders(url: str) -> None:
    """Give one project three funders whose offers its group accepted, before anything is measured."""
    app, now = create_app(Settings.from_env(PRODUCTION | {"CROWDFUND_DATABASE_URL": url})), real_now()
    with app.app_context(), unit_of_work() as session:
        funder = make_funder(session, "A funder of the benchmark")
        project = session.get_one(Project, MATCHED)
        for name, terms in FUNDS:
            fund = make_fund(session, funder, now, name, **terms)
            fill_fund(session, fund, 100 * PENCE, now)
            offer = make_offer(session, project, fund, PENCE, now, OfferState.ACCEPTED)
            if terms["kind"] is not MatchKind.PER_PLEDGE:
                pots.reserve(Posting(session, f"bench:{offer.id}", transactions.ACTOR, now), fund.id, offer.id, PENCE)
    with app.app_context():
        db.engine.dispose()


def _pages(url: str, seconds: float, rounds: int) -> tuple[list[tuple[str, Cell]], list[Ratio]]:
    with askers() as pool, serving("crowdfund", "serve", "--port", "{port}", database_url=url) as port:
        targets = [
            # The cookie keeps answers from being those that are kept for a second.
            Target(name, port, path, cookie="visit=none")
            for pair in PAIRS
            for name, path in ((pair.name, pair.path), (pair.plain_name, pair.plain_path))
        ]
        for target in targets:
            measure(target, 0.5, pool)
        taken = [{target.name: measure(target, seconds, pool) for target in targets} for _ in range(rounds)]
    ratios = [
        Ratio(
            f"{pair.name} / {pair.plain_name}, times as slow",
            statistics.median(one[pair.plain_name].per_second / one[pair.name].per_second for one in taken),
            pair.most,
            1.0,
            at_most=True,
        )
        for pair in PAIRS
    ]
    return [(target.name, median([one[target.name] for one in taken])) for target in targets], ratios


def _statements(app: Flask, pair: Pair) -> str:
    counted = []
    for path in (pair.path, pair.plain_path):
        with app.app_context(), count_queries(db.engine) as queries:
            reply = app.test_client().get(path, headers={"Cookie": "visit=none"})
        assert reply.status_code == 200
        assert path == pair.plain_path or pair.proof in reply.text, f"{path} shows nothing of match"
        counted.append(len(queries))
    return f"  {pair.name}: {counted[0]} statements; {pair.plain_name}: {counted[1]}"


def _pledging(app: Flask, url: str, count: int) -> tuple[str, Ratio]:
    """Make pledges one after the other on either project in turns, and count what the first of a turn costs."""
    engine = create_engine(url)
    prepare_engine(engine)
    statements = {project: _statements_of_one(app, engine, project) for project in (MATCHED, PLAIN)}
    taken = []
    for _ in range(3):
        todo = {project: transactions.prepare(engine, count, 1, project) for project in statements}
        taken.append({project: transactions.application(app, mine, 1) for project, mine in todo.items()})
    engine.dispose()
    matched, plain = (statistics.median(one[project] for one in taken) for project in (MATCHED, PLAIN))
    text = (
        f"  pledges: {matched:.0f} a second with a fund that adds to each ({statements[MATCHED]} statements),"
        f" {plain:.0f} without ({statements[PLAIN]})"
    )
    ratio = statistics.median(one[MATCHED] / one[PLAIN] for one in taken)
    return text, Ratio("pledge with match per pledge / without", ratio, 0.05, 0.4)


def _statements_of_one(app: Flask, engine: Engine, project: int) -> int:
    todo = transactions.prepare(engine, 1, 1, project)
    with app.app_context(), count_queries(db.engine) as queries:
        transactions.application(app, todo, 1)
    return len(queries)


def _replaying() -> Ratio:
    begins = real_now()
    facts = ProjectFacts(target_pence=300_000, cost_pence=300_000, revenue_pence=300_000)
    gifts = [Gift(begins + timedelta(minutes=n), 2_000 + n) for n in range(100)]
    pasts = [Past(str(n), begins, begins + timedelta(days=42), facts, gifts) for n in range(100)]
    terms = Terms(MatchKind.PER_PLEDGE, 100_000, percent=50, per_backer_pence=1_000)
    began = time.perf_counter()
    replay(pasts, terms, 5_000_000)
    seconds = time.perf_counter() - began
    return Ratio("10,000 pledges replayed by the simulator (no statement), s", seconds, 5, 1, at_most=True)
