"""The power goes while a project is closed: when it is back the close goes on, one verdict, nobody charged twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.app import create_app
from crowdfund.core import clock as clocks
from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.ledger import queries as ledger
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptState
from crowdfund.pledges import queries as pledges
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement import checks as settlement
from crowdfund.settlement.models import Verdict
from tests.support.campaign import Campaign, make_campaign
from tests.support.database import empty_database, prepare
from tests.support.killing import Plant, SharedClock, kill
from tests.support.killing_postgres import careful_postgres, cut_power
from tests.support.sampling import is_thorough
from tests.support.stand_in import start_anew

BACKERS = 60 if is_thorough() else 12
CUTS = 5 if is_thorough() else 1


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of the asked kind that writes to the disk before it says so."""
    kind = request.config.getoption("--db")
    with careful_postgres() if kind == "postgres" else empty_database(kind) as address:
        prepare(address)
        yield address


@contextmanager
def on(app: Flask, settings: Settings, stripe: StandIn) -> Iterator[Plant]:
    """Yield processes on the application's own database."""
    with app.app_context():
        clock, former = SharedClock(app), clocks._installed
        clocks.install(clock)
        plant = Plant(app, settings, stripe, clock)
        try:
            yield plant
        finally:
            plant.end()
            clocks.install(former)
            db.session.remove()
            db.engine.dispose()


def cut(plant: Plant, url: str) -> None:
    """Cut the power: of the database's server, or on SQLite of the process that is the database."""
    if url.startswith("postgresql"):
        cut_power(url)
    else:
        kill(plant.running[-1])
        plant.start("worker")
    plant.end_leases()


def paid() -> int:
    return db.session.scalar(select(func.count()).where(ChargeAttempt.state == AttemptState.SUCCEEDED)) or 0


def over(campaign: Campaign) -> bool:
    return campaign.reread().state is ProjectState.FUNDED


def test_a_close_survives_power_cuts(url: str, settings: Settings, provider: tuple[StandIn, str]) -> None:
    settings = replace(settings, database_url=url)
    former = clocks._installed
    app = create_app(settings)
    clocks.install(former)
    start_anew(provider[0])
    with on(app, settings, provider[0]) as plant:
        campaign = make_campaign(app, provider[0], plant.clock)  # type: ignore[arg-type]
        for _ in range(BACKERS):
            campaign.back(90_000 // BACKERS)
        assert campaign.project.deadline is not None
        plant.clock.at = campaign.project.deadline
        plant.start("worker")
        for number in range(1, CUTS + 1):
            plant.until(lambda n=number: paid() >= n * 3, plant.running[-1])  # type: ignore[misc]
            assert not over(campaign)
            cut(plant, url)
        plant.until(lambda: over(campaign), plant.running[-1])
        assert [campaign.state(pledge) for pledge in campaign.pledges] == [PledgeState.PAID] * BACKERS
        assert len(campaign.charged_there()) == BACKERS
        assert campaign.held() == 90_000
        assert db.session.scalar(select(func.count()).select_from(Verdict)) == 1
        for source in (ledger.breaches, pledges.breaches, settlement.breaches):
            assert list(source(db.session())) == []
