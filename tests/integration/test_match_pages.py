"""Match on pages: quoted before a pledge, shown apart from the crowd, the same figure everywhere, and what is next."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.rules import MatchKind
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from tests.support.client import HouseClient
from tests.support.crowds import PER_PLEDGE, Matched, make_matched
from tests.support.journey import Journey


@pytest.fixture
def matched(db_session: Session, clock: FixedClock) -> Matched:
    return make_matched(clock)


def page(client: HouseClient, matched: Matched, step: str = "") -> str:
    return client.get(f"/projects/{matched.project.slug}{step}", max_queries=12).text


def plain(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def test_crowd_and_each_funder_are_shown_apart(client: HouseClient, matched: Matched) -> None:
    matched.offer(20_000, funder="KCC", percent=None)
    matched.offer(30_000, funder="A firm", **PER_PLEDGE)
    matched.back(5000)
    said = plain(page(client, matched))
    assert "The crowd £50 KCC £200 A firm £20 Together £270" in said
    assert "This is all that KCC pledged." in said
    assert "A firm adds the same again to each pledge, up to £20 a backer. It can add £280 more here." in said
    assert "30% of the target: The crowd 5%, KCC 22%, A firm 2%" in page(client, matched)
    assert "£630" in said  # to go


def test_without_a_fund_a_page_is_as_before(client: HouseClient, matched: Matched) -> None:
    matched.back(50_000)
    found = page(client, matched)
    assert "Together" not in found
    assert '<progress class="bar" value="55"' in found


def test_what_unlocks_next_is_said_in_words(client: HouseClient, matched: Matched) -> None:
    matched.offer(20_000, funder="KCC", percent=None, pay_backers=8)
    matched.back(5000)
    assert "7 more backers unlock £200 from KCC." in page(client, matched)


def test_an_offer_is_shown_only_once_enough_people_back_it(client: HouseClient, matched: Matched) -> None:
    matched.offer(20_000, funder="KCC", percent=None, show_backers=2, pay_backers=3)
    matched.back(5000)
    said = plain(page(client, matched))
    assert "KCC pledges up to £200 when it sees more support: 1 more backer." in said
    assert "KCC £0" not in said
    matched.back(5000)
    assert "1 more backer unlocks £200 from KCC." in page(client, matched)


def test_a_top_up_waits_for_the_crowd(client: HouseClient, matched: Matched) -> None:
    matched.offer(60_000, funder="KCC", kind=MatchKind.TOP_UP, percent=None, crowd_percent=50)
    matched.back(5000)
    assert "£400 more from qualifying backers unlocks up to £450 from KCC." in page(client, matched)
    matched.back(40_000)
    assert "Target met" in page(client, matched)


def test_the_same_figures_on_page_list_and_panel(client: HouseClient, matched: Matched) -> None:
    matched.offer(20_000, funder="KCC", percent=None)
    matched.back(5000)
    cards = plain(client.get("/projects", max_queries=4).text)
    assert "£50 from the crowd + £200 match of £900" in cards
    for step in ("", "/progress"):
        assert "The crowd £50 KCC £200 Together £250" in plain(page(client, matched, step))


def test_a_change_of_match_is_news_for_whoever_watches(client: HouseClient, matched: Matched) -> None:
    matched.offer(20_000, percent=None)
    seen = re.search(r"seen=([^\"]+)\"", page(client, matched)).group(1)  # type: ignore[union-attr]
    address = f"/projects/{matched.project.slug}/progress?seen={seen}"
    assert client.get(address).status_code == 204
    matched.offer(10_000, percent=None)
    assert client.get(address).status_code == 200


def closed(clock: FixedClock) -> dict[str, Any]:
    """Dates of a fund that takes no more requests."""
    today = clock.now().date()
    return {"opens_on": today - timedelta(days=30), "closes_on": today - timedelta(days=1)}


def listed(client: HouseClient) -> set[str]:
    text = client.get("/projects?match=can", max_queries=5).text
    return set(re.findall(r'class="card__title"><a href="/projects/([^"]+)"', text))


def test_the_list_can_show_only_what_can_still_be_matched(
    client: HouseClient, matched: Matched, clock: FixedClock
) -> None:
    waits, full, empty, _ = (make_matched(clock) for _ in range(4))
    over = closed(clock)
    waits.offer(20_000, percent=None, pay_backers=5, **over)
    full.offer(5000, percent=None, **over)
    empty.offer(50_000, pot=2000, **PER_PLEDGE, **over)
    empty.back(2000)
    matched.offer(50_000, **PER_PLEDGE, **over)
    assert listed(client) == {waits.project.slug, matched.project.slug}
    assert "Can still be matched" in client.get("/projects?match=can&status=all", max_queries=5).text
    empty.withdraw(db.session.query(Pledge).filter_by(project_id=empty.project.id).one())
    assert empty.project.slug in listed(client)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, True),
        ({"districts": ["E07000106"]}, False),
        ({"districts": ["E07000105"]}, True),
        ({"legal_forms": ["cio"]}, False),
        ({"objectives": ["nothing"]}, False),
        ({"allows_capital": False}, False),
    ],
)
def test_an_open_fund_that_fits_counts_while_it_has_money(
    client: HouseClient, matched: Matched, terms: dict[str, Any], *, expected: bool
) -> None:
    with unit_of_work() as session:
        matched.fund(session, 5000, **terms)
    assert listed(client) == ({matched.project.slug} if expected else set())


def test_no_fund_or_one_without_money_and_nothing_can_be_matched(client: HouseClient, matched: Matched) -> None:
    assert listed(client) == set()
    with unit_of_work() as session:
        matched.fund(session, 0)
    assert listed(client) == set()


@pytest.fixture
def firm(journey: Journey, clock: FixedClock, app: Flask) -> Matched:
    with app.app_context():
        matched = Matched(clock, journey.project)
        matched.offer(50_000, pot=4000, funder="KCC", **PER_PLEDGE)
        return matched


def test_match_is_quoted_before_paying_and_set_aside_when_the_card_is_saved(firm: Matched, journey: Journey) -> None:
    start = journey.client.get(f"/projects/{journey.project.slug}/pledge", max_queries=12)
    assert "£10 from you + £10 from KCC" in start.text
    assert "£50 from you + £20 from KCC" in start.text
    check = journey.code(journey.you(journey.amount(choice="other", amount="15")))
    assert "£15 from you + £15 from KCC" in check.text
    with journey.app.app_context():
        assert firm.headroom().reserved_pence == 0  # an open card page holds nothing
    journey.stripe.complete_checkout(journey.check(check), card="4242424242424242")
    own = journey.come_back()
    assert "£15, if the target is reached" in own.text
    with journey.app.app_context():
        assert (firm.headroom().reserved_pence, firm.counted()) == (1500, [1500])
    assert "Added by funders, if the target is reached: £15" in journey.mails("pledge_receipt")[0].body


def test_whoever_types_an_amount_sees_its_match(firm: Matched, journey: Journey) -> None:
    address = f"/projects/{journey.project.slug}/pledge/match"
    part = journey.client.get(f"{address}?choice=other&amount=7.50", headers={"HX-Request": "true"})
    assert "£7.50 from you + £7.50 from KCC" in part.text
    assert "<h1" not in part.text
    assert "£7.50 from you + £7.50 from KCC" in journey.client.get(f"{address}?amount=7.50", max_queries=8).text
    assert "Funders" not in journey.client.get(address).text
    for typed in ("?choice=other&amount=x", "?choice=other&amount=0.01", "?choice=99999999999"):
        assert "Funders add nothing" in journey.client.get(address + typed).text


def test_less_than_the_page_said_is_shown_again_before_the_card(firm: Matched, journey: Journey) -> None:
    check = journey.code(journey.you(journey.amount(choice="2500")))
    assert "£25 from you + £20 from KCC" in check.text
    with journey.app.app_context():
        for _ in range(2):
            firm.back(1500)
    again = journey.client.submit(check)
    assert again.status_code == 409
    assert "funders can add £10 to your pledge now" in again.text
    assert "£25 from you + £10 from KCC" in again.text
    assert journey.client.submit(again).status_code == 303


def test_less_by_the_time_the_card_is_saved_can_be_taken_back_with_one_click(firm: Matched, journey: Journey) -> None:
    card_page = journey.to_card_page()
    with journey.app.app_context():
        ours = journey.newest_pledge()
        for _ in range(2):
            firm.back(2000)
    journey.stripe.complete_checkout(card_page, card="4242424242424242")
    own = journey.client.get(f"/pledges/{ours.public_id}/return", follow_redirects=True)
    assert "Less is added to your pledge than we said" in own.text
    (mail,) = journey.mails("pledge_match_less")
    assert "The fund of KCC had no more money left" in mail.body
    after = journey.client.submit(own, f"{own.request.path}/withdraw")
    assert after.status_code == 303
    with journey.app.app_context():
        assert db.session.get_one(Pledge, ours.id).state is PledgeState.WITHDRAWN
        assert firm.headroom().reserved_pence == 4000


def test_raising_a_pledge_quotes_what_comes_with_it(firm: Matched, journey: Journey) -> None:
    own = journey.pledge()
    base = own.request.path
    with journey.app.app_context():
        firm.change(db.session.get_one(Pledge, journey.newest_pledge().id), 500)
    raised = journey.client.get(f"{base}/amount/1500", max_queries=12)
    assert "£15 from you + £5 from funders so far + £10 from KCC" in raised.text
    assert journey.client.submit(raised).status_code == 303
    with journey.app.app_context():
        pledge = db.session.get_one(Pledge, journey.newest_pledge().id)
        assert (pledge.quoted_match_pence, pledge.match_pence) == (1500, 1500)
