"""Pages kept for a moment: shared by visitors without a cookie, never shown to anybody else, never for long."""

from collections.abc import Iterator

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.projects.models import Project
from crowdfund.web.page_cache import PageCache
from tests.support.client import HouseClient
from tests.support.factories import make_pledge, make_project
from tests.support.queries import count_queries


@pytest.fixture
def kept(app: Flask) -> Iterator[Flask]:
    """The application with its cache awake, for as long as a test may take."""
    app.config["PAGE_CACHE_MS"] = 60_000
    app.extensions.pop("page_cache", None)
    yield app
    app.config["PAGE_CACHE_MS"] = 0


@pytest.fixture
def project(app: Flask, clock: FixedClock) -> Project:
    with app.app_context():
        return make_project(clock.now())


def queries_of(app: Flask, browser: HouseClient, path: str) -> int:
    with app.app_context(), count_queries(db.engine) as counted:
        assert browser.get(path).status_code == 200
    return len(counted)


@pytest.mark.parametrize("path", ["/", "/projects", "/projects/{slug}", "/projects/{slug}/progress"])
def test_the_second_visitor_costs_no_query(kept: Flask, project: Project, path: str) -> None:
    path = path.format(slug=project.slug)
    assert queries_of(kept, kept.test_client(), path) > 0
    assert queries_of(kept, kept.test_client(), path) == 0
    assert kept.test_client().get(path).text == kept.test_client().get(path).text


def test_whoever_has_a_cookie_sees_what_is_true_now(kept: Flask, project: Project, clock: FixedClock) -> None:
    path = f"/projects/{project.slug}"
    kept.test_client().get(path)
    with kept.app_context():
        make_pledge(project, clock.now(), 2500)
    backer = kept.test_client()
    backer.set_cookie("visit", "anything", domain="localhost")
    assert "£25" in backer.get(path).text


def test_a_page_is_kept_for_its_time_only(kept: Flask, project: Project, clock: FixedClock) -> None:
    seconds = [0.0]
    kept.extensions["page_cache"] = PageCache(lambda: seconds[0])
    kept.config["PAGE_CACHE_MS"] = 1000
    path = f"/projects/{project.slug}/progress"
    before = kept.test_client().get(path).text
    with kept.app_context():
        make_pledge(project, clock.now(), 2500)
    assert kept.test_client().get(path).text == before
    seconds[0] = 1.0
    assert kept.test_client().get(path).text != before


def test_a_fragment_is_not_shown_as_a_page(kept: Flask, project: Project) -> None:
    path = f"/projects/{project.slug}/progress"
    fragment = kept.test_client().get(path, headers={"HX-Request": "true"}).text
    page = kept.test_client().get(path).text
    assert "<html" in page
    assert "<html" not in fragment


def test_filters_have_pages_of_their_own_and_mistakes_are_not_kept(kept: Flask, project: Project) -> None:
    assert project.title in kept.test_client().get("/projects").text
    assert project.title not in kept.test_client().get("/projects?q=zebra").text
    assert kept.test_client().get("/projects/nothing-here").status_code == 404
    assert all("nothing-here" not in key[0] for key in kept.extensions["page_cache"]._pages)


def test_no_page_with_a_form_token_is_kept(kept: Flask, project: Project) -> None:
    for path in ("/", "/projects", f"/projects/{project.slug}"):
        kept.test_client().get(path)
    assert kept.extensions["page_cache"]._pages
    for page in kept.extensions["page_cache"]._pages.values():
        assert b"csrf_token" not in page.body
