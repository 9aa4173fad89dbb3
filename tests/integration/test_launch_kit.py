"""The launch kit: five asks that fill themselves, words to share, a poster with a code that leads to the page."""

import re

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.pledges.rules import Audience
from crowdfund.projects.rules import ProjectState
from crowdfund.site.launch_kit import ASKS, qr_file
from tests.support.drafting import Drafting
from tests.support.drafts import make_draft, move
from tests.support.factories import make_person, make_pledge


@pytest.fixture
def made(app: Flask, clock: FixedClock) -> Drafting:
    """A project that is ready to launch, with three people."""
    return make_draft(app, clock, ProjectState.READY)


def back(made: Drafting, name: str, audience: Audience = Audience.EVERYONE) -> None:
    with made.app.app_context():
        person = make_person(made.clock.now(), name=name)
        make_pledge(made.project(), made.clock.now(), person=person, name_audience=audience)


def test_the_kit_is_there_from_the_day_a_project_is_ready(app: Flask, clock: FixedClock) -> None:
    for state in (ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.DECLINED):
        made = make_draft(app, clock, state)
        for page in ("launch-kit", "launch-kit/print"):
            assert made.get(page).status_code == 404, state
    ready = make_draft(app, clock, ProjectState.READY)
    page = ready.get("launch-kit")
    assert "Its address works from the moment you launch." in page.text
    assert page.text.count("Ask next") == 5
    assert "Wait with putting it up" in ready.get("launch-kit/print").text


def test_the_list_fills_itself_with_the_first_five_backers(made: Drafting) -> None:
    move(made, ProjectState.LIVE)
    back(made, "Rosa Field")
    back(made, "Omar Khan", Audience.GROUP)
    back(made, "Nobody Knows", Audience.NOBODY)
    page = made.get("launch-kit")
    assert (page.text.count("Done"), page.text.count("Ask next")) == (3, 2)
    assert "Rosa Field, 18 January 2027" in page.text
    assert "Omar Khan" in page.text
    assert "Nobody Knows" not in page.text
    assert "Somebody who stays anonymous" in page.text
    for number in range(4):
        back(made, f"Backer {number}")
    page = made.get("launch-kit")
    assert (page.text.count("Done"), page.text.count("Ask next")) == (5, 0)
    assert "Backer 3" not in page.text
    assert ASKS[0][0] in page.text


def test_the_words_name_the_project_its_sum_and_its_address(made: Drafting) -> None:
    project = move(made, ProjectState.LIVE)
    page = made.get("launch-kit", made.reader)
    assert page.text.count(f"http://localhost/projects/{project.slug}") >= 4
    texts = re.findall(r'<p class="share-text">(.*?)</p>', page.text, re.DOTALL)
    assert len(texts) == 4
    assert all(project.title in text for text in texts[:3])
    assert sum("£900" in text for text in texts) == 2


def test_the_poster_carries_the_code_of_the_address(made: Drafting) -> None:
    project = move(made, ProjectState.LIVE)
    page = made.get("launch-kit/print")
    assert project.title in page.text
    assert f"localhost/projects/{project.slug}" in page.text
    code = made.app.test_client().get(f"/projects/{project.slug}/qr.svg", max_queries=1)
    assert code.mimetype == "image/svg+xml"
    assert code.headers["Cache-Control"] == "public, max-age=86400"
    path = re.search(rb'class="qrline"[^>]* d="([^"]+)"', code.data)
    assert path
    assert b"<script" not in code.data
    assert code.data == qr_file(f"http://localhost/projects/{project.slug}")
    assert code.data != qr_file(f"http://localhost/projects/{project.slug}x")


def test_the_code_of_a_draft_is_nobodys(made: Drafting) -> None:
    with made.app.app_context():
        slug = made.project().slug
    assert made.app.test_client().get(f"/projects/{slug}/qr.svg").status_code == 404


def test_strangers_find_no_kit(made: Drafting, app: Flask) -> None:
    other = make_draft(app, made.clock)
    for page in ("launch-kit", "launch-kit/print"):
        assert other.browser(other.owner).get(made.address(page)).status_code == 404
        assert app.test_client().get(made.address(page)).status_code in {302, 303}
