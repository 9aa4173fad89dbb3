"""No page costs more than twelve queries, whoever asks and whatever state a project is in."""

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from tests.support.callers import CALLERS, browser_of, declare, invite_in
from tests.support.estate import MONEY_STATES, Estate, address, make_estate

BUDGET = 12


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
    "name", ["visitor", "own_owner", "own_reader", "programme_checker", "programme_finance", "programme_approver"]
)
def test_every_page_keeps_the_budget(estate: Estate, name: str) -> None:
    caller = next(caller for caller in CALLERS if caller.name == name)
    with estate.app.app_context():
        person = invite_in(caller, estate)
        for site in estate.sites.values():
            declare(caller, person, site.id, estate)
    browser = browser_of(caller, person, estate)
    costs = {}; by = {}
    for rule in estate.app.url_map.iter_rules():
        for state in estate.sites if "GET" in (rule.methods or ()) else ():
            path = address(estate, rule, state)
            browser.get(path)
            costs[path] = len(browser.queries); by.setdefault(rule.rule, []).append((len(browser.queries), str(state)))
    import json; open(f"/tmp/q_{name}.json","w").write(json.dumps({str(k):v for k,v in by.items()}))
    dear = {path: cost for path, cost in costs.items() if cost > BUDGET}
    assert max(costs.values()) >= 5
    assert dear == {}
