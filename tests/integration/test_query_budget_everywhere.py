"""No page costs more than twelve queries, whoever asks and whatever state a project or a pledge is in."""

import pytest
from flask import Flask

from crowdfund.accounts.models import Person
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from tests.support.callers import CALLERS, Caller, browser_of, declare, invite_in
from tests.support.campaign import DECLINED, make_campaign
from tests.support.estate import MONEY_STATES, Estate, address, make_estate

BUDGET, BACKERS_BUDGET = 12, 8


@pytest.fixture
def estate(app: Flask, clock: FixedClock) -> Estate:
    """A group with a project in each state."""
    with app.app_context():
        estate = make_estate(app, clock)
        for state in MONEY_STATES:
            estate.add_site(state)
        return estate


@pytest.mark.walk
@pytest.mark.parametrize(
    "name",
    [
        "visitor",
        "own_owner",
        "own_reader",
        "programme_checker",
        "programme_finance",
        "programme_approver",
        "funder_administrator",
    ],
)
def test_every_page_keeps_the_budget(estate: Estate, name: str) -> None:
    caller = next(caller for caller in CALLERS if caller.name == name)
    with estate.app.app_context():
        person = invite_in(caller, estate)
        for site in estate.sites.values():
            declare(caller, person, site.id, estate)
    browser = browser_of(caller, person, estate)
    costs = {}
    for rule in estate.app.url_map.iter_rules():
        for state in estate.sites if "GET" in (rule.methods or ()) else ():
            path = address(estate, rule, state)
            browser.get(path)
            costs[path] = len(browser.queries)
    dear = {path: cost for path, cost in costs.items() if cost > BUDGET}
    assert max(costs.values()) >= 5
    assert dear == {}


@pytest.mark.parametrize("state", [ProjectState.LIVE, *MONEY_STATES])
def test_a_backers_own_pages_keep_the_budget(estate: Estate, state: ProjectState) -> None:
    with estate.app.app_context():
        backer = _claimed(db.session.get_one(Pledge, estate.sites[state].pledge_id), estate)
    browser, seen, dear = browser_of(Caller("backer"), backer, estate), 0, {}
    for rule in estate.app.url_map.iter_rules():
        if rule.rule.startswith("/pledges/") and "GET" in (rule.methods or ()):
            path = address(estate, rule, state)
            seen += browser.get(path).status_code == 200
            if len(browser.queries) > BACKERS_BUDGET:
                dear[path] = len(browser.queries)
    assert seen >= 1
    assert dear == {}


def test_the_pages_about_a_card_that_failed_keep_the_budget(estate: Estate, stripe: StandIn) -> None:
    with estate.app.app_context():
        campaign = make_campaign(estate.app, stripe, estate.clock)
        campaign.back(90_000)
        failed = campaign.back(5_000, DECLINED)
        campaign.end()
        assert campaign.state(failed) is PledgeState.FIXING
        backer, place = _claimed(failed, estate), f"/pledges/{failed.public_id}"
    browser = browser_of(Caller("backer"), backer, estate)
    for path in (place, f"{place}/fix"):
        assert browser.get(path).status_code == 200
        browser.queries.refuse_over(BACKERS_BUDGET, path)


def _claimed(pledge: Pledge, estate: Estate) -> Person:
    """Take a pledge into its backer's account."""
    with unit_of_work() as session:
        session.get_one(Pledge, pledge.id).claimed_at = estate.clock.now()
    with unit_of_work() as session:
        person = session.get_one(Person, pledge.person_id)
        session.expunge(person)
    return person
