"""`python -m bench`: fill, measure in turns, print tables and ratios."""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench import closing, desk, matching, report, transactions
from bench.data import Size, fill
from bench.load import Cell, Target, measure, median
from bench.report import Ratio
from bench.server import PRODUCTION, serving
from crowdfund.app import create_app
from crowdfund.core.config import Settings
from crowdfund.core.db import db, prepare_engine
from crowdfund.core.migrate import upgrade
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.places.importer import import_places
from crowdfund.pledges.queries import breaches as pledge_breaches
from tests.support.postgres import postgres
from tests.support.queries import count_queries

LARGE, SMALL = Size(5000, 200_000), Size(50, 200)
SLUG = "project-1"


@contextmanager
def database(kind: str, size: Size) -> Iterator[str]:
    """Yield the address of a filled database of this kind; it is gone afterwards."""
    if kind == "postgres":
        with postgres(fsync=True) as url:
            _prepare(url, size)
            yield url
    else:
        with tempfile.TemporaryDirectory(prefix="crowdfund-bench-") as folder:
            url = f"sqlite:///{Path(folder)}/bench.sqlite3"
            _prepare(url, size)
            yield url


def _prepare(url: str, size: Size) -> None:
    began = time.perf_counter()
    upgrade(url)
    engine = create_engine(url)
    prepare_engine(engine)
    with Session(engine) as session:
        import_places(session, None)
        session.commit()
    fill(engine, size)
    desk.fill_desk(engine)
    with Session(engine) as session:
        broken = [*ledger_breaches(session), *pledge_breaches(session)]
    assert broken == [], broken[:3]
    engine.dispose()
    print(f"  filled {size.projects} projects, {size.pledges} pledges in {time.perf_counter() - began:.0f} s")


def pages(url: str, seconds: float, rounds: int) -> tuple[list[tuple[str, Cell]], list[Ratio]]:
    """Measure every page and the bare answer in turns; ratios are medians over the rounds."""
    with (
        serving("bench.bare", "{port}") as bare,
        serving("crowdfund", "serve", "--port", "{port}", database_url=url) as ours,
    ):
        seen = _seen(ours)
        targets = [
            Target("bare answer", bare, "/"),
            Target("list", ours, "/projects"),
            Target("list, with a cookie", ours, "/projects", cookie="visit=none"),
            Target("project page, with a cookie", ours, f"/projects/{SLUG}", cookie="visit=none"),
            Target("project page", ours, f"/projects/{SLUG}"),
            Target("progress, changed", ours, f"/projects/{SLUG}/progress"),
            Target("progress, unchanged", ours, f"/projects/{SLUG}/progress?seen={seen}", 204),
            Target("officers' worklist, 300", ours, "/officers/", cookie=f"__Host-visit={desk.TOKEN}"),
            Target("pledge POST", ours, f"/projects/{SLUG}/pledge", 303, posts=True),
        ]
        for target in targets:
            measure(target, 0.5)
        taken = [{target.name: measure(target, seconds) for target in targets} for _ in range(rounds)]
    names = [target.name for target in targets]
    return [(name, median([one[name] for one in taken])) for name in names], _page_ratios(taken)


def _seen(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/projects/{SLUG}/progress") as answer:
        return str(answer.read().decode()).split("seen=")[1].split('"')[0].split("&")[0]


def _page_ratios(taken: list[dict[str, Cell]]) -> list[Ratio]:
    def against_bare(name: str) -> float:
        return statistics.median(one[name].per_second / one["bare answer"].per_second for one in taken)

    return [
        Ratio("list / bare answer", against_bare("list, with a cookie"), 0.07, 0.12),
        Ratio("list kept for a second / bare answer", against_bare("list"), 0.6, 0.8),
        Ratio("project page / bare answer", against_bare("project page, with a cookie"), 0.05, 0.08),
        Ratio("officers' worklist / bare answer", against_bare("officers' worklist, 300"), 0.035, 0.05),
        Ratio("progress unchanged / bare answer", against_bare("progress, unchanged"), 0.25, 0.4),
    ]


def pledging(url: str, count: int) -> tuple[list[str], list[Ratio]]:
    """Measure pledges a second through the action and on the bare driver, in turns."""
    env = PRODUCTION | {"CROWDFUND_DATABASE_URL": url}
    app = create_app(Settings.from_env(env))
    engine = create_engine(url)
    prepare_engine(engine)
    lines, ratios = [], []
    for projects, clients in ((100, 1), (100, 8), (1, 1), (1, 8)):
        ours, theirs = [], []
        for _ in range(3):
            ours.append(transactions.application(app, transactions.prepare(engine, count, projects), clients))
            theirs.append(transactions.bare(url, transactions.prepare(engine, count, projects), clients))
        name = f"{'one project' if projects == 1 else '100 projects'}, {clients} client{'s' if clients > 1 else ''}"
        mine, bare = statistics.median(ours), statistics.median(theirs)
        lines.append(f"  {name:26} {mine:8.0f} a second through the action, {bare:8.0f} as bare SQL")
        if clients == 1:
            ratios.append(
                Ratio(
                    f"pledge / bare SQL, {name}",
                    statistics.median(a / b for a, b in zip(ours, theirs, strict=True)),
                    0.45,
                    0.65,
                )
            )
    with app.app_context():
        assert [*ledger_breaches(db.session()), *pledge_breaches(db.session())] == []
        db.session.remove()
        db.engine.dispose()
    engine.dispose()
    return lines, ratios


def growth(kind: str, large_url: str) -> tuple[str, Ratio]:
    """Compare the list page in process on much and on little data, and count its queries."""
    with database(kind, SMALL) as small_url:
        apps = [
            create_app(Settings.from_env(PRODUCTION | {"CROWDFUND_DATABASE_URL": u})) for u in (large_url, small_url)
        ]
        for app in apps:
            app.config["PAGE_CACHE_MS"] = 0
        times: list[list[float]] = [[], []]
        for _ in range(60):
            for index, app in enumerate(apps):
                began = time.perf_counter()
                assert app.test_client().get("/projects").status_code == 200
                times[index].append(time.perf_counter() - began)
        large, small = (statistics.median(t[10:]) * 1000 for t in times)
        counted = []
        for path in ("/", "/projects", f"/projects/{SLUG}", f"/projects/{SLUG}/progress"):
            with apps[0].app_context(), count_queries(db.engine) as queries:
                apps[0].test_client().get(path)
            counted.append(f"{path} {len(queries)}")
        for app in apps:
            with app.app_context():
                db.engine.dispose()
    text = f"  list in process: {large:.2f} ms on much, {small:.2f} ms on little data; queries: {', '.join(counted)}"
    return text, Ratio("list on 5,000 projects / on 50", large / small, 1.3, 1.0, at_most=True)


def close(kind: str, seconds: float, rounds: int, crowd: int) -> None:
    """Measure the project page while its project closes, and print it."""
    measured, ratios, text = closing.close(kind, crowd, seconds, rounds)
    print(report.cells("the deadline of a crowd: 8 connections, medians", measured), text, sep="\n")
    print(report.ratios(ratios))


def run(kind: str, seconds: float, rounds: int, count: int) -> None:
    """Measure everything on one database but the deadline, and print it."""
    with database(kind, LARGE) as url:
        matching.ask_three_funders(url)
        measured, ratios = pages(url, seconds, rounds)
        print(report.cells(f"8 connections, {rounds} rounds of {seconds:g} s, medians", measured))
        lines, more = pledging(url, count)
        print("\npledges made to count, without HTTP", *lines, sep="\n")
        cells, matched, about_match = matching.compare(url, seconds, rounds, count)
        print(report.cells("with match beside without: 8 connections, medians", cells), *matched, sep="\n")
        text, growing = growth(kind, url)
        print(text)
        print(report.ratios([*ratios, *more, *about_match, growing]))


def main() -> None:
    """Parse the options and measure."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--db", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--quick", action="store_true", help="short rounds and a small crowd, for a first look")
    parser.add_argument("--only", choices=("pages", "closing"), help="leave the other part out")
    options = parser.parse_args()
    seconds, rounds, count, crowd = (1.0, 1, 100, 200) if options.quick else (4.0, 3, 400, 2_000)
    print(f"{os.cpu_count()} cores; ratios hold, absolute figures belong to this machine")
    for kind in ("sqlite", "postgres") if options.db == "both" else (options.db,):
        print(f"\n=== {kind} ===")
        if options.only != "closing":
            run(kind, seconds, rounds, count)
        if options.only != "pages":
            close(kind, seconds, rounds, crowd)


if __name__ == "__main__":
    main()
