"""Bulk data that keeps every invariant: what a county may have after some years."""

from dataclasses import dataclass

from sqlalchemy import Engine, MetaData

from bench import rows
from bench.writer import Writer
from tests.support.tampering import without_triggers

POPULAR = 10
POPULAR_SHARE = 0.3


@dataclass(frozen=True)
class Size:
    """How much data."""

    projects: int
    pledges: int

    def crowds(self) -> list[int]:
        """Return how many pledges each project has: three in ten are on ten popular ones."""
        popular = min(POPULAR, self.projects)
        many = int(self.pledges * POPULAR_SHARE) // popular
        few = (self.pledges - many * popular) // max(1, self.projects - popular)
        return [many] * popular + [few] * (self.projects - popular)


def fill(engine: Engine, size: Size) -> None:
    """Fill an empty, migrated database that holds the districts; its invariants hold afterwards."""
    tables = MetaData()
    tables.reflect(engine)
    crowds = size.crowds()
    content = {
        "person": rows.people(max(crowds)),
        "community_group": rows.groups(),
        "ledger_account": rows.accounts(crowds),
        "project": rows.projects(size.projects),
        "project_line": rows.lines(size.projects),
        "card_checkout": rows.checkouts(crowds),
        "pledge": rows.pledges(crowds),
        "ledger_entry": rows.entries(crowds),
        "ledger_line": rows.ledger_lines(crowds),
    }
    with without_triggers(engine) as connection:
        writer = Writer(connection, tables)
        writer.add("crowd", rows.crowd_sizes(crowds))
        for name, made in content.items():
            writer.add(name, made)
            writer.restart(name)
    if engine.dialect.name == "postgresql":
        # Its own housekeeping would come to this sooner or later, perhaps in the middle of a round.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            plain.exec_driver_sql("VACUUM ANALYZE")
