"""The ways to grants: from every page, from a group’s own pages, and from where a project begins."""

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.grants.rules import ApplicationState
from tests.support.granting import Granting, make_granting
from tests.support.people import browser_of, make_named


@pytest.fixture
def granting(app: Flask, clock: FixedClock) -> Granting:
    return make_granting(app, clock)


def test_every_page_leads_to_grants_at_its_top_and_foot(granting: Granting) -> None:
    page = granting.app.test_client().get("/help").text
    top, _, foot = page.partition("<main")
    assert 'href="/grants"' in top
    assert 'href="/grants"' in foot.partition("<footer")[2]


def test_a_groups_own_page_lists_its_applications_and_where_each_stands(granting: Granting) -> None:
    row, path, browser = granting.open_round(), f"/apply/groups/{granting.group.public_id}", granting.browser()
    assert f'href="{path}/grants"' in browser.get(path).text
    empty = browser.get(f"{path}/grants", max_queries=8).text
    assert "has not applied for a grant yet" in empty
    assert f'href="/grants/{row.slug}"' in empty
    granting.begin()
    draft = browser.get(f"{path}/grants").text
    assert "A plan without a name" in draft
    assert "no sum yet" in draft
    granting.fill()
    granting.send()
    granting.close()
    assert "£400 asked for" in browser.get(f"{path}/grants").text
    granting.assess()
    granting.decide()
    shown = browser.get(f"{path}/grants", max_queries=8).text
    assert granting.application().state is ApplicationState.OFFERED
    for words in (
        "A shed for all",
        "Small grants, £400 awarded",
        "Offered: the group answers",
        "No other round is open",
    ):
        assert words in shown
    assert f'href="/apply/grants/{granting.application().public_id}"' in shown


def test_strangers_learn_nothing_of_a_groups_applications(granting: Granting) -> None:
    granting.open_round()
    granting.begin()
    with granting.app.app_context():
        stranger = make_named(granting.clock.now())
    path = f"/apply/groups/{granting.group.public_id}/grants"
    assert browser_of(granting.app, stranger).get(path).status_code == 404
    assert granting.app.test_client().get(path).status_code == 303


def test_whoever_starts_a_project_hears_of_the_route_without_a_crowd(granting: Granting) -> None:
    page = granting.browser().get(f"/apply/projects/new?group={granting.group.public_id}").text
    assert 'The micro route needs no crowd: <a class="govuk-link" href="/grants">' in page


def test_large_sums_are_pointed_to_the_crowd(granting: Granting) -> None:
    row = granting.open_round()
    prospectus = granting.app.test_client().get(f"/grants/{row.slug}").text
    assert "Do you need more than £500?" in prospectus
    assert 'href="/start"' in prospectus
