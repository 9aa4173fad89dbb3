"""Looking at a decision again: asked for in time, once, and answered by somebody who had no part in it."""

from datetime import timedelta

import pytest
from flask import Flask

from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import Refused
from crowdfund.grants.deciding import GrantVerdict
from crowdfund.grants.reviewing import NO_WORDS, answer_review, ask_review
from crowdfund.grants.rules import ApplicationState, Outcome
from tests.support.granting import Granting, make_granting

DECLINE = GrantVerdict(Outcome.DECLINE, "plan", "The costs are not clear.")
WORDS = "Every cost had a quote."


@pytest.fixture
def granting(app: Flask, clock: FixedClock) -> Granting:
    made = make_granting(app, clock)
    made.open_round()
    made.sent()
    made.close()
    made.assess()
    made.decide(DECLINE)
    made.add_officer("eve", OfficerRole.FUNDER_APPROVER)
    made.clear("eve")
    return made


def ask(granting: Granting) -> None:
    application = granting.application()
    granting.do(ask_review, application.id, WORDS, application.version)


def test_a_group_asks_and_an_officer_without_a_part_in_it_agrees(granting: Granting) -> None:
    browser, home = granting.browser(), f"/apply/grants/{granting.application().public_id}"
    page = browser.get(home, max_queries=12)
    assert "Ask for a review" in page.text
    refused = browser.submit(browser.get(f"{home}/review"), words="")
    assert NO_WORDS in refused.text
    shown = browser.follow(browser.submit(refused, words=WORDS))
    assert "Somebody who had no part in the decision answers by" in shown.text
    desk = f"/officers/applications/{granting.application().public_id}"
    dan, eve = granting.browser("dan"), granting.browser("eve")
    assert "You had a part in this decision" in dan.get(f"{desk}/review").text
    assert WORDS in eve.get(desk, max_queries=12).text
    page = eve.get(f"{desk}/review")
    assert eve.submit(page, upheld="yes", answer="They had quotes.").status_code == 303
    assert granting.application().state is ApplicationState.IN_ASSESSMENT
    assert granting.application().ended_at is None
    granting.work()
    assert "it is decided anew" in granting.mails("grant_reviewed")[0].body
    granting.decide(by="eve")
    assert granting.application().state is ApplicationState.OFFERED
    assert "asked for a review of the decision" in eve.get(f"{desk}/history").text


def test_a_decision_that_stays_is_told_with_what_was_found(granting: Granting) -> None:
    ask(granting)
    granting.do(answer_review, granting.application().id, False, "No quote was there.", by="eve")
    assert granting.application().state is ApplicationState.DECLINED
    granting.work()
    assert "The decision stays as it is." in granting.mails("grant_reviewed")[0].body
    with pytest.raises(Refused, match="no review to answer"):
        granting.do(answer_review, granting.application().id, True, "Or so.", by="eve")


def test_a_review_is_asked_for_once_and_in_time(granting: Granting) -> None:
    ask(granting)
    with pytest.raises(Refused, match="asked for already"):
        ask(granting)


def test_after_the_days_of_the_round_it_is_too_late(granting: Granting) -> None:
    granting.clock.at += timedelta(days=40)
    with pytest.raises(Refused, match="is over"):
        ask(granting)
    assert "Ask for a review" not in granting.browser().get(f"/apply/grants/{granting.application().public_id}").text


@pytest.mark.parametrize("name", ["dan", "ann"])
def test_whoever_had_a_part_in_it_does_not_answer(granting: Granting, name: str) -> None:
    ask(granting)
    with pytest.raises(Refused, match="You had a part"):
        granting.do(answer_review, granting.application().id, True, "Fine.", by=name)
