"""Public scorecards of rounds and funders: when they are there, what they say, and what they cost."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.grants.applying import save_answer
from crowdfund.grants.deciding import GrantVerdict
from crowdfund.grants.models import GrantRound
from crowdfund.grants.rules import Outcome, RoundState
from tests.support.granting import Granting, make_granting


@pytest.fixture
def granting(app: Flask, clock: FixedClock) -> Granting:
    granting = make_granting(app, clock)
    granting.open_round()
    return granting


def parse(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def pages(granting: Granting) -> tuple[str, str]:
    granting.clock.forward(timedelta(seconds=5))
    browser = granting.app.test_client()
    of_round = browser.get(f"/grants/{granting.round().slug}/scorecard", max_queries=6)
    of_funder = browser.get(f"/grants/scorecards/{granting.funder.slug}", max_queries=6)
    assert of_round.status_code == of_funder.status_code == 200
    for reply in (of_round, of_funder):
        assert len(parse(reply.text).select("h1")) == 1
    return of_round.text, of_funder.text


def cells(page: str, first: str) -> list[str]:
    """Return what stands beside a row's first cell."""
    rows = {str(head.get_text(strip=True)): head.parent for head in parse(page).select("tbody th")}
    return [str(cell.get_text(strip=True)) for cell in rows[first].select("td")]


def fact(page: str, key: str) -> str:
    """Return what the summary says of something."""
    soup = parse(page)
    keys = [str(one.get_text(strip=True)) for one in soup.select("dt")]
    return str(soup.select("dd")[keys.index(key)].get_text(strip=True))


def test_until_it_is_decided_the_page_says_when_it_will_be_there(granting: Granting) -> None:
    for page in pages(granting):
        assert "will be here once every application" in page
    granting.sent()
    granting.close()
    of_round, _ = pages(granting)
    assert "promises to decide by 17 February 2027" in of_round
    assert "Decisions with a written reason" not in of_round
    assert "How fair was it?" in granting.app.test_client().get(f"/grants/{granting.round().slug}").text


def test_a_decided_round_tells_how_it_was(granting: Granting) -> None:
    granting.begin()
    granting.clock.forward(timedelta(minutes=5))
    granting.fill()
    granting.clock.forward(timedelta(minutes=10))
    granting.do(save_answer, granting.application().id, "who", "Fifty families.", 1)
    granting.send()
    granting.close()
    granting.clock.forward(timedelta(days=3))
    granting.assess()
    granting.decide()
    granting.sign()
    for page in pages(granting):
        assert fact(page, "From the closing day to the decision (median)") == "3 days"
        assert fact(page, "Decided by the day that was promised") == "1 of 1 (100 %)"
        assert fact(page, "Decisions with a written reason") == "1 of 1 (100 %)"
        assert fact(page, "Time to fill in the form (median of those sent)") == "15 minutes"
        assert fact(page, "Asked for") == fact(page, "Given") == "£400"
        assert cells(page, "Awarded and accepted") == ["1", "£400"]
        assert cells(page, "Ashford") == ["1", "£400", "fewer than 5"]
        assert cells(page, "Dover") == ["0", "£0", "fewer than 5"]
        assert cells(page, "Groups without an award here before") == ["1", "£400", "fewer than 5"]
        assert "Whoever began an application sent it." in page
        assert granting.group.name not in page


def test_it_tells_at_which_question_people_gave_up(granting: Granting) -> None:
    granting.begin()
    granting.fill()
    granting.do(save_answer, granting.application().id, "who", "Fifty families.", 1)
    granting.crowd(2)
    granting.close()
    with granting.app.app_context(), unit_of_work() as session:
        session.get_one(GrantRound, granting.round().id).state = RoundState.DECIDED
    for page in pages(granting):
        assert cells(page, "Who will it help?") == ["3"]
        assert fact(page, "Begun and never sent") == "3 of 3 (100 %)"
        assert fact(page, "Decisions with a written reason") == "–"


def test_a_refusal_points_at_nobody(granting: Granting) -> None:
    granting.sent()
    granting.close()
    granting.assess()
    granting.decide(GrantVerdict(Outcome.DECLINE, "plan", "The quote is old."))
    for page in pages(granting):
        assert cells(page, "Ashford") == cells(page, "Dover") == ["0", "£0", "fewer than 5"]
        assert cells(page, "Not awarded") == ["1", "£0"]
        for words in (granting.group.name, "The quote is old.", "A shed for all"):
            assert words not in page


def test_three_hundred_applications_cost_no_more(granting: Granting) -> None:
    granting.sent()
    granting.close()
    granting.assess()
    granting.decide(GrantVerdict(Outcome.DECLINE, "plan", "The quote is old."))
    granting.crowd(299)
    of_round, _ = pages(granting)
    assert cells(of_round, "Ashford") == ["0", "£0", "300"]
    assert fact(of_round, "Decisions with a written reason") == "300 of 300 (100 %)"


def test_what_is_not_there_is_not_found(granting: Granting) -> None:
    browser = granting.app.test_client()
    assert browser.get("/grants/nothing/scorecard").status_code == 404
    assert browser.get("/grants/scorecards/nobody").status_code == 404
