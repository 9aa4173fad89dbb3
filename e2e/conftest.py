"""A real browser in front of the served application; anything it complains about fails the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from crowdfund.core import clock
from crowdfund.core.config import SANDBOX_SECRET, Settings
from crowdfund.core.db import db
from crowdfund.notifications.models import Mail
from crowdfund.projects.models import Project
from crowdfund.wiring import worker_of
from e2e.pages import Resident
from tests.support.browser import launch_args
from tests.support.complaints import watch
from tests.support.database import Database
from tests.support.factories import make_project
from tests.support.live_server import serve
from tests.support.stand_in import API_KEY, WEBHOOK_SECRET, Post, stand_in

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_name: str) -> dict[str, Any]:
    """Start the machine's own Chromium where it has one."""
    return {**browser_type_launch_args, **(launch_args() if browser_name == "chromium" else {})}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Browse as somebody in Kent does."""
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London"}


@pytest.fixture(scope="session")
def served(database: Database) -> Iterator[tuple[str, Flask]]:
    """The address and the application behind it."""
    from crowdfund.app import create_app

    apps = []

    post = Post()
    with stand_in(post) as (_, stripe):

        def build(address: str) -> Flask:
            settings = Settings(
                sandbox=True,
                secret_key=SANDBOX_SECRET,
                database_url=database.url,
                public_url=address,
                stripe_api_key=API_KEY,
                stripe_api_base=stripe,
                checkout_origin=stripe,
                stripe_webhook_secrets=WEBHOOK_SECRET,
            )
            apps.append(create_app(settings))
            return apps[0]

        with serve(build) as address:
            post.into = apps[0]
            yield address, apps[0]
    with apps[0].app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def base_url(served: tuple[str, Flask]) -> str:
    """The address that `page.goto('/')` starts from."""
    return served[0]


@pytest.fixture
def app(served: tuple[str, Flask], database: Database) -> Flask:
    """The served application on an empty database, to arrange with in `with app.app_context():`."""
    with served[1].app_context():
        database.reset(db.engine)
    return served[1]


@pytest.fixture
def context(context: BrowserContext, app: Flask, base_url: str) -> Iterator[BrowserContext]:
    """A browser whose complaints (policy, scripts, missing or foreign files) fail the test."""
    complaints = watch(context, base_url)
    yield context
    assert complaints == []


@pytest.fixture
def plain_page(new_context: Callable[..., BrowserContext], app: Flask, base_url: str) -> Iterator[Page]:
    """A page of a browser without JavaScript."""
    context = new_context(java_script_enabled=False)
    complaints = watch(context, base_url)
    yield context.new_page()
    assert complaints == []


@pytest.fixture
def project(app: Flask) -> Project:
    """A live project."""
    with app.app_context():
        return make_project(clock.now())


@pytest.fixture
def resident(app: Flask, project: Project, base_url: str) -> Callable[[Page], Resident]:
    """`resident(page)` is somebody at that browser who wants to back the project."""

    def read_code() -> str:
        with app.app_context():
            worker_of(app).drain()
            newest = select(Mail.subject).where(Mail.template == "pledge_code").order_by(Mail.id.desc())
            subject = db.session.scalars(newest).first() or ""
            db.session.remove()
        return subject.split()[0]

    return lambda page: Resident(page, project.title, f"{base_url}/projects/{project.slug}", read_code)


@pytest.fixture
def watcher(new_context: Callable[..., BrowserContext], app: Flask) -> Page:
    """Somebody else's browser."""
    return new_context().new_page()


@pytest.fixture(scope="session")
def accessible() -> Callable[[Page], None]:
    """`accessible(page)` fails on any breach of WCAG 2.2 AA that a machine can find."""

    def check(page: Page) -> None:
        found = Axe().run(page, options={"runOnly": list(WCAG)})
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return check


@pytest.fixture(scope="session")
def fits() -> Callable[[Page], None]:
    """`fits(page)` fails when the page has to be scrolled sideways at 320 px."""

    def check(page: Page) -> None:
        former = page.viewport_size
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if former:
            page.set_viewport_size(former)
        assert wide <= 320, f"{page.url} is {wide} px wide at 320 px"

    return check
