"""Public pages of funds, and finding money for a project: as a visitor, and from a group's own facts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.pots import reserve
from crowdfund.funds.rules import MatchKind
from crowdfund.ledger.postings import Posting
from crowdfund.matching.fit import fit_of_project, fits_of_project, matched_on
from crowdfund.matching.rules import OfferState
from crowdfund.projects.models import Project, ProjectObjective
from crowdfund.projects.rules import Objective
from tests.support.client import HouseClient
from tests.support.factories import ASHFORD, TESTER, make_project
from tests.support.fund_desk import FundDesk, make_fund_desk
from tests.support.funding import fill_fund, make_fund, make_offer, make_terms
from tests.support.people import browser_of, make_member

SHEPWAY = "E07000112"


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Iterator[FundDesk]:
    with app.app_context():
        yield make_fund_desk(app, clock)


def add_fund(desk: FundDesk, name: str, *, opens_in: int = 0, closes_in: int = 30, **terms: Any) -> None:
    now = desk.clock.now()
    today = now.date()
    days = {"opens_on": today + timedelta(days=opens_in), "closes_on": today + timedelta(days=closes_in)}
    days["decides_on"] = days["closes_on"]
    with unit_of_work() as session:
        fund = make_fund(session, desk.other, now, name, **(days | terms))
        fill_fund(session, fund, 50_000, now)


def test_funds_are_listed_by_whether_they_are_open(desk: FundDesk, client: HouseClient) -> None:
    add_fund(desk, "Spring match", opens_in=10)
    add_fund(desk, "Old match", opens_in=-60, closes_in=-30)
    page = client.get("/funds", max_queries=12).text
    parts = [page.index(words) for words in ("Open now", "County match", "Coming", "Spring match", "Past", "Old match")]
    assert parts == sorted(parts)
    assert "£10,000.01 of £10,000.01 is left." in page
    assert "Up to £20,000 and 50% of the target for one project." in page


def test_funds_without_terms_are_not_public(desk: FundDesk, client: HouseClient) -> None:
    ada = desk.browser("ada")
    ada.submit(ada.get("/officers/funds/new"), name="Secret match", about="Not yet.", pays_direct="no")
    assert "Secret match" not in client.get("/funds").text
    assert client.get("/funds/secret-match").status_code == 404
    assert client.get("/funds/nothing").status_code == 404


def test_a_fund_tells_its_terms_and_what_it_backs(desk: FundDesk, client: HouseClient) -> None:
    now = desk.clock.now()
    shown, later = make_project(now), make_project(now)
    with unit_of_work() as session:
        offer = make_offer(session, shown, desk.fund, 300_000, now)
        reserve(Posting(session, "take", TESTER, now), desk.fund.id, offer.id, 300_000)
        make_terms(session, desk.fund, now, show_backers=20, confidence="Made up.", districts=[ASHFORD])
        make_offer(session, later, desk.fund, 100_000, now)
    page = client.get(f"/funds/{desk.fund.slug}", max_queries=12).text
    for words in (
        "£7,000.01 of £10,000.01 is left.",
        "It gives one project £20,000 at most.",
        "Projects in Ashford.",
        "Projects that support a party",
        "It answers a local need",
        "once 20 qualifying backers have pledged",
        "This is a demonstration. Made up.",
        f"{shown.title}</a>: up to £3,000.",
        "version 2 of the terms",
    ):
        assert words in page, words
    assert later.title not in page


def test_a_visitor_finds_the_funds_that_fit(desk: FundDesk, client: HouseClient) -> None:
    add_fund(desk, "Coast match", districts=[SHEPWAY], kind=MatchKind.PER_PLEDGE, per_backer_pence=2_000)
    add_fund(desk, "Old match", opens_in=-60, closes_in=-30)
    page = client.get("/funds/find", max_queries=12)
    assert "fund fits" not in page.text
    found = client.submit(page, "/funds/find", district=ASHFORD, target="4,000", objectives=["isolation"])
    assert "1 fund fits" in found.text
    assert "Up to £2,000: 50% of the target." in found.text
    assert "Others, and what they would need" in found.text
    assert "It gives only to projects in Folkestone and Hythe." in found.text
    assert "Old match" not in found.text
    assert len(client.queries) <= 12


def test_no_fund_is_never_a_bare_no(desk: FundDesk, client: HouseClient) -> None:
    desk.clock.forward(timedelta(days=400))
    found = client.submit(client.get("/funds/find"), "/funds/find", target="4000")
    assert "0 funds fit" in found.text
    assert "The crowd alone can reach a target too, and a person can help you" in found.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("target=lots", "Enter an amount in pounds, such as 25 or 12.50."),
        ("target=0", "Enter an amount above £0 that a project can cost."),
        ("objectives=x", "Choose only from the list."),
        ("district=x", "Choose one from the list."),
        ("capital=x", "Choose one from the list."),
        ("legal_form=%01", "Choose one from the list."),
    ],
)
def test_odd_answers_are_said_beside_their_field(
    desk: FundDesk, client: HouseClient, query: str, sentence: str
) -> None:
    reply = client.get(f"/funds/find?{query}")
    assert reply.status_code == 422
    assert sentence in reply.text


def test_a_project_is_held_against_every_fund_from_its_own_facts(desk: FundDesk) -> None:
    now = desk.clock.now()
    add_fund(desk, "Coast match", districts=[SHEPWAY])
    add_fund(desk, "Well match", objectives=["healthy_lives"])
    project = make_project(now)
    with unit_of_work() as session:
        session.add(ProjectObjective(project_id=project.id, objective=Objective.ISOLATION))
    member = make_member(project.group_id, MemberRole.READER, now)
    page = browser_of(desk.app, member).get(f"/apply/projects/{project.public_id}/money", max_queries=12).text
    assert "1 fund fits" in page
    assert "It gives only to projects in Folkestone and Hythe." in page
    assert "which your project does not name yet: It helps people to stay well." in page
    fits = {one.fund.name: one for one in fits_of_project(db.session(), project, now)}
    assert next(iter(fits)) == "County match"
    assert fits["County match"].fit.most_pence == project.target_pence // 2
    stranger = browser_of(desk.app, desk.officers["vi"])
    assert stranger.get(f"/apply/projects/{project.public_id}/money").status_code == 404


@pytest.mark.parametrize("state", [OfferState.ACCEPTED, OfferState.DECLINED])
def test_a_group_that_was_matched_has_to_wait(desk: FundDesk, state: OfferState) -> None:
    now = desk.clock.now()
    first = make_project(now)
    with unit_of_work() as session:
        make_terms(session, desk.fund, now, repeat_months=12)
        make_offer(session, first, desk.fund, 100, now, state)
    second = make_project(now)
    with unit_of_work() as session:
        session.get_one(Project, second.id).group_id = first.group_id
    project = db.session.get_one(Project, second.id)
    waits = state is OfferState.ACCEPTED
    assert bool(matched_on(db.session(), first.group_id, project.id)) is waits
    assert matched_on(db.session(), first.group_id, first.id) == {}
    [one] = fits_of_project(db.session(), project, now)
    assert any("You can ask again from" in line for line in one.fit.unmet) is waits
    assert fit_of_project(db.session(), project, one.terms, one.fund, now) == one.fit
