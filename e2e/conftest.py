"""A real browser in front of the served application; anything it complains about fails the test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.notifications.models import Mail
from crowdfund.projects.models import Project
from crowdfund.sandbox.stripe import StandIn
from crowdfund.wiring import worker_of
from e2e.checks import COUNT_DATABASES, WIDE
from e2e.pages.resident import Resident
from e2e.scene import Scene, Who
from e2e.scenes import SCENES, Visit
from e2e.stage import Stage, open_stage
from tests.support.browser import launch_args
from tests.support.complaints import watch
from tests.support.database import Database
from tests.support.factories import make_project
from tests.support.sampling import is_thorough

# htmx logs a request that it drops for a newer one, or that the visitor leaves behind, as if it were an error.
_DROPPED = ("console: htmx:afterRequest", "console: htmx:sendAbort")
_PATIENCE_MS = 10_000


def serious(complaints: list[str]) -> list[str]:
    """Return the complaints without requests that were dropped on purpose."""
    return [one for one in complaints if not one.startswith(_DROPPED)]


# Looks that come in pairs: they depend on what a page is made of, so half of the pages get the one, half the other.
_PAIRS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "test_nothing_bars_anybody": lambda chosen: chosen["size"] == WIDE,
    "test_it_fits_with_wider_spaced_text": lambda _: True,
    "test_it_fits_in_colours_of_one_s_own_without_motion": lambda _: False,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every page one look of each pair, the next page the other one; `make proof` takes both everywhere."""
    if is_thorough():
        return
    names = list(SCENES)

    def is_spared(item: Any) -> bool:
        is_second = _PAIRS.get(getattr(item, "originalname", ""))
        if is_second is None:
            return False
        chosen = item.callspec.params
        return names.index(chosen["visit"]) % 2 == is_second(chosen)

    items[:] = [item for item in items if not is_spared(item)]


_handed_on: set[str] = set()


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport, sched: Any) -> None:
    """Hand the test of a process that had to be ended, because its browser froze, to a fresh one, once; it is told."""
    if crashitem not in _handed_on:
        _handed_on.add(crashitem)
        sched.mark_test_pending(crashitem)
        report.outcome = "rerun"  # type: ignore[assignment] - how the runner's own documentation says it


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_name: str) -> dict[str, Any]:
    """Start the machine's own Chromium where it has one."""
    return {**browser_type_launch_args, **(launch_args() if browser_name == "chromium" else {})}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Browse as somebody in Kent does."""
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London"}


@pytest.fixture(scope="session")
def stage(database: Database) -> Iterator[Stage]:
    """The served application."""
    with open_stage(database) as opened:
        yield opened


@pytest.fixture(scope="session")
def base_url(stage: Stage) -> str:
    """The address that `page.goto('/')` starts from."""
    return stage.address


@pytest.fixture
def app(stage: Stage) -> Flask:
    """The served application on an empty database, to arrange with in `with app.app_context():`."""
    return stage.clear()


@pytest.fixture
def context(context: BrowserContext, stage: Stage) -> Iterator[BrowserContext]:
    """A browser whose complaints (policy, scripts, missing or foreign files) fail the test."""
    context.set_default_timeout(_PATIENCE_MS)
    complaints = watch(context, stage.address)
    yield context
    assert serious(complaints) == []


@pytest.fixture
def plain_page(new_context: Callable[..., BrowserContext], stage: Stage) -> Iterator[Page]:
    """A page of a browser without JavaScript."""
    context = new_context(java_script_enabled=False)
    complaints = watch(context, stage.address)
    yield context.new_page()
    assert serious(complaints) == []


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
def stripe(stage: Stage) -> Iterator[StandIn]:
    """The stand-in for Stripe, to break and to mend."""
    yield stage.stripe
    stage.stripe.clear_modes()


@pytest.fixture
def watcher(new_context: Callable[..., BrowserContext], stage: Stage) -> Iterator[Page]:
    """Somebody else's browser."""
    context = new_context()
    complaints = watch(context, stage.address)
    yield context.new_page()
    assert serious(complaints) == []


@pytest.fixture(scope="session")
def visitors(
    browser: Browser, browser_context_args: dict[str, Any], stage: Stage
) -> Iterator[Callable[[Scene], tuple[Page, list[str]]]]:
    """`visitors(scene)` is the page of the browser that may see the scene, and its complaints so far."""
    opened: dict[Who, tuple[Page, list[str]]] = {}

    def visitor(scene: Scene) -> tuple[Page, list[str]]:
        town, who = stage.build(), scene.who
        if who not in opened:
            context = browser.new_context(**{**browser_context_args, "base_url": stage.address})
            context.add_init_script(COUNT_DATABASES)
            opened[who] = context.new_page(), watch(context, stage.address)
        page, complaints = opened[who]
        page.context.add_cookies([stage.cookie(town.tokens[who])])
        return page, complaints

    yield visitor
    for page, _ in opened.values():
        page.context.close()


@pytest.fixture(scope="session", params=SCENES)
def visit(
    request: pytest.FixtureRequest, stage: Stage, visitors: Callable[[Scene], tuple[Page, list[str]]]
) -> Iterator[Visit]:
    """Every page in every state, visited once for all the tests that look at it; they leave it as it was."""
    scene = SCENES[request.param]
    page, complaints = visitors(scene)
    complaints.clear()
    scene.reach(page, stage.build().addresses)
    yield Visit(scene, page, page.evaluate("document.activeElement.className"))
    assert serious(complaints) == []
