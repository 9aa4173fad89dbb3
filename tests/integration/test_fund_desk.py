"""Funds on the officers' desk: who sees which, their headroom live, adding, renaming and ordering them."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.current import BrowserActor
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds import actions
from crowdfund.funds.models import Fund
from crowdfund.funds.pots import reserve
from crowdfund.ledger.postings import Posting
from tests.support.factories import TESTER, make_project
from tests.support.fund_desk import FundDesk, make_fund_desk
from tests.support.funding import make_fund, make_offer

STRANGER = BrowserActor(person_id=1)
PAGES = ("", "/headroom", "/edit", "/history", "/terms", "/terms/1", "/terms/next", "/terms/next/how", "/terms/publish")
MONEY = ("/budget/new", "/paid-in", "/carry/2026", "/terms/drop")


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Iterator[FundDesk]:
    with app.app_context():
        yield make_fund_desk(app, clock)


@pytest.mark.parametrize("page", [*PAGES, *MONEY])
@pytest.mark.parametrize("who", ["olga", "cher"])
def test_a_fund_is_not_there_for_officers_of_others(desk: FundDesk, who: str, page: str) -> None:
    browser = desk.browser(who)
    assert browser.get(desk.address(page)).status_code == 404
    assert "County match" not in browser.get("/officers/funds").text


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("ada", {"/edit", "/terms/next", "/terms/next/how", "/terms/publish", "/terms/drop"}),
        ("fin", {"/budget/new", "/paid-in", "/carry/2026"}),
        ("pete", {"/budget/new", "/paid-in", "/carry/2026"}),
        ("vi", set()),
        ("pam", set()),
    ],
)
def test_each_role_opens_what_it_has_the_right_to(desk: FundDesk, who: str, may: set[str]) -> None:
    browser = desk.browser(who)
    everybody = {"", "/history", "/terms", "/terms/1"}
    for page in (*PAGES, *MONEY):
        if page == "/headroom":
            continue
        want = 200 if page in may | everybody else 403
        assert browser.get(desk.address(page), max_queries=12).status_code == want, page


def test_the_list_shows_every_fund_that_one_may_see(desk: FundDesk) -> None:
    with unit_of_work() as session:
        make_fund(session, desk.other, desk.clock.now(), "Dover match")
    pam = desk.browser("pam").get("/officers/funds", max_queries=12).text
    assert "County match" in pam
    assert "Dover match" in pam
    ada = desk.browser("ada").get("/officers/funds", max_queries=12).text
    assert "£10,000.01 of £10,000.01 is left in 1 fund" in ada
    assert "Dover match" not in ada


def test_the_desk_leads_to_the_funds(desk: FundDesk) -> None:
    assert 'href="/officers/funds"' in desk.browser("vi").get("/officers/").text
    assert 'href="/officers/funds"' not in desk.browser("cher").get("/officers/").text


def test_the_headroom_moves_live(desk: FundDesk) -> None:
    browser = desk.browser("vi")
    page = browser.get(desk.address()).text
    address = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    htmx = {"HX-Request": "true"}
    assert browser.get(address, headers=htmx).status_code == 204
    project = make_project(desk.clock.now())
    with unit_of_work() as session:
        offer = make_offer(session, project, session.get_one(Fund, desk.fund.id), 300_000, desk.clock.now())
        reserve(Posting(session, "take", TESTER, desk.clock.now()), desk.fund.id, offer.id, 300_000)
    moved = browser.get(address, headers=htmx, max_queries=12)
    assert "£7,000.01" in moved.text
    assert "County match: £7,000.01 of £10,000.01 is left" in moved.text
    assert moved.headers["ETag"]
    whole = browser.get(desk.address(), max_queries=12).text
    assert "<dt>Reserved for projects</dt><dd>£3,000</dd>" in whole
    assert browser.get(address).location.endswith(desk.address())


def test_an_administrator_adds_a_fund(desk: FundDesk) -> None:
    ada = desk.browser("ada")
    page = ada.get("/officers/funds/new")
    refused = ada.submit(page, name="", about="For parks.", pays_direct="no")
    assert refused.status_code == 422
    assert "Enter the name of the fund." in refused.text
    assert "For parks." in refused.text
    made = ada.follow(ada.submit(refused, name="Find", about="For parks.", pays_direct="yes"))
    assert "No terms hold yet" in made.text
    assert "It has no money yet" in made.text
    fund = db.session.scalars(select(Fund).where(Fund.name == "Find")).one()
    assert (fund.slug, fund.place, fund.pays_direct) == ("find-2", 2, True)
    assert fund.funder_id == desk.funder.id
    assert ada.get(f"/funds/{fund.slug}").status_code == 404
    history = ada.get(f"/officers/funds/{fund.public_id}/history").text
    assert "changed the fund: its name, what it is for, how it pays" in history


def test_only_administrators_of_a_funder_add_funds(desk: FundDesk) -> None:
    for who in ("vi", "fin", "pam", "cher"):
        assert desk.browser(who).get("/officers/funds/new").status_code == 403, who
    page = desk.browser("ada").get("/officers/funds/new")
    assert desk.other.name not in page.text
    with pytest.raises(Forbidden), unit_of_work() as session:
        actions.create_fund(session, desk.funder.id, "F", "f", pays_direct=False, actor=STRANGER, now=desk.clock.now())


def test_a_fund_is_renamed_and_keeps_its_address(desk: FundDesk) -> None:
    ada, slug = desk.browser("ada"), desk.fund.slug
    page = ada.get(desk.address("/edit"))
    assert ada.submit(page, name=" ", about="").status_code == 422
    assert ada.submit(page, name="County match 2027", about="For all.").status_code == 303
    fund = db.session.get_one(Fund, desk.fund.id)
    assert (fund.name, fund.about, fund.slug) == ("County match 2027", "For all.", slug)


def test_the_programme_orders_the_funds(desk: FundDesk) -> None:
    with unit_of_work() as session:
        second = make_fund(session, desk.other, desk.clock.now(), "Dover match").id
        third = make_fund(session, desk.funder, desk.clock.now(), "Third match").id
    pam, first = desk.browser("pam"), desk.fund.id
    page = pam.get("/officers/funds/order", max_queries=12)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]

    def press(fund_id: int, way: str) -> int:
        fund = db.session.get_one(Fund, fund_id).public_id
        sent = {"csrf_token": token, "fund": fund, "way": way}
        return pam.post("/officers/funds/order", data=sent).status_code

    assert press(third, "up") == 303
    assert order() == [first, third, second]
    assert press(first, "down") == 303
    assert order() == [third, first, second]
    assert press(third, "up") == 303
    assert order() == [third, first, second]
    assert press(second, "sideways") == 422
    assert desk.browser("ada").get("/officers/funds/order").status_code == 403
    pam.get("/officers/funds")


def test_an_order_names_every_fund(desk: FundDesk) -> None:
    with pytest.raises(Refused, match="changed meanwhile"), unit_of_work() as session:
        actions.order_funds(session, [], actor=TESTER, now=desk.clock.now())


def order() -> list[int]:
    return list(db.session.scalars(select(Fund.id).order_by(Fund.place)))
