"""The application under test: built once, on an empty database and a standing clock for each test."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.config import SANDBOX_SECRET, Settings
from crowdfund.core.db import db
from crowdfund.sandbox.stripe import StandIn
from tests.support.client import HouseClient
from tests.support.clock import standing_clock
from tests.support.database import Database
from tests.support.factories import make_project
from tests.support.journey import Journey
from tests.support.stand_in import API_KEY, WEBHOOK_SECRET, Post, stand_in, start_anew


@pytest.fixture(scope="session")
def post() -> Post:
    """Where webhooks go."""
    return Post()


@pytest.fixture(scope="session")
def provider(post: Post) -> Iterator[tuple[StandIn, str]]:
    """The stand-in for Stripe and its address."""
    with stand_in(post) as running:
        yield running


@pytest.fixture(scope="session")
def settings(database_url: str, provider: tuple[StandIn, str]) -> Settings:
    """The settings of the tests; what a test wants different it passes to the function that it tests."""
    return Settings(
        sandbox=True,
        secret_key=SANDBOX_SECRET,
        database_url=database_url,
        public_url="http://localhost",
        page_cache_ms=0,
        stripe_api_key=API_KEY,
        stripe_api_base=provider[1],
        checkout_origin=provider[1],
        stripe_webhook_secrets=WEBHOOK_SECRET,
    )


@pytest.fixture(scope="session")
def built_app(settings: Settings) -> Iterator[Flask]:
    """The application; ask for `app`, which also empties the database."""
    from crowdfund.app import create_app

    app = create_app(settings)
    app.testing = True
    app.test_client_class = HouseClient
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clock() -> Iterator[FixedClock]:
    """The business clock, standing; `clock.forward(timedelta(days=1))` moves it."""
    with standing_clock() as fixed:
        yield fixed


@pytest.fixture
def app(built_app: Flask, database: Database, clock: FixedClock, provider: tuple[StandIn, str]) -> Flask:
    """The application on an empty database, and its provider without a fault, a card or a penny."""
    start_anew(provider[0])
    with built_app.app_context():
        database.reset(db.engine)
    return built_app


@pytest.fixture
def stripe(app: Flask, provider: tuple[StandIn, str], post: Post) -> Iterator[StandIn]:
    """The stand-in, delivering its webhooks to the application."""
    post.into, post.sent = app, []
    yield provider[0]
    post.into = None


@pytest.fixture
def journey(app: Flask, client: HouseClient, stripe: StandIn, clock: FixedClock) -> Journey:
    """A resident in front of a live project."""
    with app.app_context():
        project = make_project(clock.now())
    return Journey(app, client, stripe, project)


@pytest.fixture
def client(app: Flask) -> HouseClient:
    """A visitor's browser without JavaScript, which refuses replies that break the house rules."""
    client = app.test_client()
    assert isinstance(client, HouseClient)
    return client


@pytest.fixture
def db_session(app: Flask) -> Iterator[Session]:
    """A session to arrange with (inside `unit_of_work()`) and to read back with; requests have their own."""
    with app.app_context():
        yield db.session()
