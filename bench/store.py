"""Filled databases for measuring, gone afterwards."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench.data import Size, fill
from crowdfund.core.db import prepare_engine
from crowdfund.core.migrate import upgrade
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.places.importer import import_places
from crowdfund.pledges.queries import breaches as pledge_breaches
from tests.support.postgres import postgres

LARGE, SMALL = Size(5000, 200_000), Size(50, 200)


@contextmanager
def database(kind: str, size: Size) -> Iterator[str]:
    """Yield the address of a filled database of this kind ('sqlite' or 'postgres'); it is gone afterwards."""
    if kind == "postgres":
        with postgres(fsync=True) as url:
            _prepare(url, size)
            yield url
    else:
        # Where temporary files lie on a disk: memory would make every commit look free.
        with tempfile.TemporaryDirectory(prefix="crowdfund-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
            url = f"sqlite:///{Path(folder)}/bench.sqlite3"
            _prepare(url, size)
            yield url


def refuse_breaches(session: Session) -> None:
    """Raise AssertionError when the ledger or the pledges do not add up."""
    broken = [*ledger_breaches(session), *pledge_breaches(session)]
    assert broken == [], broken[:3]


def _prepare(url: str, size: Size) -> None:
    began = time.perf_counter()
    upgrade(url)
    engine = create_engine(url)
    prepare_engine(engine)
    with Session(engine) as session:
        import_places(session, None)
        session.commit()
    fill(engine, size)
    with Session(engine) as session:
        refuse_breaches(session)
    engine.dispose()
    took = time.perf_counter() - began
    print(f"  {size.projects:,} projects and {size.pledges:,} pledges filled in and checked in {took:.0f} s")
