"""Whoever has no funder pays one indexed question for match where money is promised, and nothing on other pages."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.rules import MatchKind
from crowdfund.groups.models import Group
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from tests.support.client import HouseClient
from tests.support.factories import TESTER, make_pledge, make_project, save_card, start
from tests.support.funding import fill_fund, make_fund, make_funder, make_offer
from tests.support.journey import YOU, Journey
from tests.support.queries import count_queries

pytestmark = pytest.mark.database

ASKED = 1  # whether the project has a funder at all
# As many as before match existed, counted on the last commit without it, the same on both databases.
PAGES = {
    "/": 3,
    "/projects": 3,
    "/projects/{slug}": 5,
    "/projects/{slug}/progress": 1,
    "/projects/{slug}/backers": 3,
    "/projects/{slug}/pledge": 1 + ASKED,
    "/groups/{group}": 2,
}
# As many as before match existed: what each button sends, and the page that it leads to.
STEPS = {
    "amount": 9,
    "page you": 2,
    "you": 14,
    "page code": 6,
    "code": 17,
    "page check": 2 + ASKED,
    "check": 24 + ASKED,
    "return": 17 + ASKED,
    "page of the pledge": 5,
}
ACTIVATION = 8 + ASKED  # as many as before match existed


@pytest.fixture
def plain(app: Flask, journey: Journey, clock: FixedClock) -> Project:
    """A project with a crowd and without a funder, beside twelve others, one of which a fund adds to."""
    with app.app_context():
        matched, *_ = [make_project(clock.now()) for _ in range(12)]
        with unit_of_work() as session:
            fund = make_fund(
                session, make_funder(session), clock.now(), kind=MatchKind.PER_PLEDGE, per_backer_pence=500
            )
            fill_fund(session, fund, 100_000, clock.now())
            make_offer(session, session.get_one(Project, matched.id), fund, 50_000, clock.now())
        for project in (matched, journey.project):
            for _ in range(3):
                make_pledge(project, clock.now())
    return journey.project


@pytest.mark.parametrize("address", PAGES)
def test_a_page_without_funders_costs_what_it_did(
    app: Flask, client: HouseClient, plain: Project, address: str
) -> None:
    with app.app_context():
        group = db.session.get_one(Group, plain.group_id).slug
    client.get(address.format(slug=plain.slug, group=group), max_queries=PAGES[address])


def test_each_step_of_a_pledge_without_funders_costs_what_it_did(journey: Journey, plain: Project) -> None:
    costs = _walk(journey, plain)
    assert list(costs) == list(STEPS)
    assert {step: cost for step, cost in costs.items() if cost > STEPS[step]} == {}


def test_a_pledge_without_funders_becomes_active_for_what_it_did(app: Flask, plain: Project, clock: FixedClock) -> None:
    with app.app_context():
        pledge = start(plain, clock.now())
        with unit_of_work() as session:
            checkout_id = save_card(session, pledge, clock.now()).id
        with count_queries(db.engine) as queries, unit_of_work() as session:
            assert actions.activate_pledge(session, pledge.id, checkout_id, actor=TESTER, now=clock.now())
        assert db.session.get_one(Pledge, pledge.id).match_pence == 0
    queries.refuse_over(ACTIVATION, "activate_pledge")


def _walk(journey: Journey, project: Project) -> dict[str, int]:
    """Make a pledge through the pages and return what each step cost."""
    client, costs = journey.client, dict[str, int]()

    def cost(step: str, reply: TestResponse) -> TestResponse:
        costs[step] = len(client.queries)
        return reply

    page = client.get(f"/projects/{project.slug}/pledge")
    reply = cost("amount", client.submit(page, button="Continue", choice="2500"))
    page = cost("page you", client.follow(reply))
    reply = cost("you", client.submit(page, button="Continue", **YOU))
    page = cost("page code", client.follow(reply))
    code = journey.newest_code()
    reply = cost("code", client.submit(page, page.request.path, code=code))
    page = cost("page check", client.follow(reply))
    cost("check", client.submit(page))
    journey.stripe.complete_checkout(journey.newest_checkout().session_ref or "", card="4242424242424242")
    reply = cost("return", client.get(f"/pledges/{journey.newest_pledge().public_id}/return"))
    cost("page of the pledge", client.follow(reply))
    return costs
