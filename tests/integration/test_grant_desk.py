"""Officers' way with a grant round on its pages: writing it, sealed applications, interests, marks, decisions."""

from datetime import timedelta

import pytest
from flask import Flask

from crowdfund.core.clock import FixedClock
from crowdfund.grants.plans import Need, QuestionKind, read_plan
from crowdfund.grants.rules import ApplicationState, RoundState
from tests.support.client import HouseClient
from tests.support.granting import TWO_SIGN, Granting, make_granting

WAYS = {"up": "Up", "out": "Take out"}
FRAME = {
    "title": "Small grants, summer",
    "opens_on": "1 3 2027",
    "opens_at": "09:00",
    "closes_on": "28 3 2027",
    "closes_at": "17:00",
    "decides_on": "1 5 2027",
    "budget": "5000",
}


@pytest.fixture
def granting(app: Flask, clock: FixedClock) -> Granting:
    return make_granting(app, clock)


def at(granting: Granting, page: str = "") -> str:
    return f"/officers/rounds/{granting.round().public_id}{page}"


def paper(granting: Granting, page: str = "") -> str:
    return f"/officers/applications/{granting.application().public_id}{page}"


def start(granting: Granting, browser: HouseClient) -> None:
    page = browser.get("/officers/rounds/new")
    said = FRAME | {"fund": granting.fund.public_id, "begins_from": "micro"}
    assert browser.submit(page, **said).status_code == 303


def test_a_round_is_written_from_a_ready_made_one_and_published(granting: Granting) -> None:
    browser = granting.browser("admin")
    start(granting, browser)
    row = granting.round()
    assert (row.state, row.budget_pence) == (RoundState.DRAFT, 500_000)
    # British Summer Time begins on the day it closes: 17:00 there is 16:00 in UTC, while 09:00 before is 09:00.
    assert (row.opens_at.hour, row.closes_at.hour) == (9, 16)
    assert granting.browser().get(f"/grants/{row.slug}").status_code == 404
    page = browser.get(at(granting, "/about"))
    assert browser.submit(page, minutes="30", excluded="Politics\nDebts").status_code == 303
    page = browser.get(at(granting, "/plan/criteria/new"))
    assert browser.submit(page, words="It brings people together", weight="3").status_code == 303
    plan = read_plan(granting.round().draft)
    assert (plan.minutes, plan.excluded) == (30, ("Politics", "Debts"))
    assert [one.key for one in plan.criteria] == ["need", "plan", "it_brings_people_together"]
    page = browser.get(at(granting, "/publish"))
    assert "It brings people together" in page.text
    assert browser.submit(page).status_code == 303
    assert granting.round().state is RoundState.SCHEDULED
    assert "It brings people together" in granting.browser().get(f"/grants/{row.slug}").text


def test_tiers_and_questions_are_built_moved_and_taken_out(granting: Granting) -> None:
    browser = granting.browser("admin")
    start(granting, browser)
    page = browser.get(at(granting, "/plan/tiers/new"))
    tier = {"title": "Up to £2,000", "most": "2000", "income": "50000", "risk": "no", "assessors": "2", "second": "yes"}
    assert browser.submit(page, needs=["rules"], **tier).status_code == 303
    page = browser.get(at(granting, "/plan/questions/new"))
    asked = {"label": "Who may come in?", "section": "Your plan", "kind": "choice", "needed": "no"}
    refused = browser.submit(page, **asked)
    assert "Enter at least two answers, one a line." in refused.text
    said = {"options": "Everybody\nMembers", "shown_if": "at_risk=yes", "tiers": ["up_to_2_000"]}
    assert browser.submit(refused, **said).status_code == 303
    plan = read_plan(granting.round().draft)
    new = plan.tiers[-1]
    assert (new.most_pence, new.most_income_pence, new.takes_risk) == (200_000, 5_000_000, False)
    assert (new.assessors, new.second_signature, new.needs) == (2, True, (Need.RULES,))
    last = plan.questions[-1]
    assert (last.kind, last.options, last.needed) == (QuestionKind.CHOICE, ("Everybody", "Members"), False)
    assert last.shown_if is not None
    assert (last.shown_if.value, last.tiers) == ("yes", (new.key,))
    for way, expected in (("up", ["what", "who", last.key, "costs"]), ("out", ["what", "who", "costs"])):
        page = browser.get(at(granting, "/plan/questions"))
        assert browser.submit(page, form=f"#part-{last.key}", button=f"{WAYS[way]}: {last.key}").status_code == 303
        assert [one.key for one in read_plan(granting.round().draft).questions] == expected


def test_a_test_run_says_what_is_wrong_and_keeps_nothing(granting: Granting) -> None:
    browser = granting.browser("admin")
    start(granting, browser)
    page = browser.get(at(granting, "/try/micro"))
    refused = browser.submit(page, answer_what="word " * 151, answer_who="", answer_costs="Timber")
    for words in ("The most is 150.", "Answer this: Who will it help?", "Line 1 needs what it is"):
        assert words in refused.text
    sound = browser.submit(page, answer_what="We mend it.", answer_who="Us", answer_costs="Timber: 20")
    assert "A group could send this." in sound.text
    assert granting.round().version == 0


def test_applications_are_sealed_until_the_round_closes_and_opening_them_is_kept(granting: Granting) -> None:
    granting.open_round()
    granting.sent()
    browser = granting.browser("ann")
    for page in (at(granting, "/applications"), paper(granting), paper(granting, "/interest")):
        assert "sealed until the round closes" in browser.get(page).text
    dan = granting.browser("dan")
    refused = dan.submit(dan.get(at(granting, "/unseal")), reason="")
    assert "Say why. It is kept for ever." in refused.text
    assert dan.submit(refused, reason="A flood: money is needed now.").status_code == 303
    assert granting.round().unsealed_by_id == granting.people["dan"].id
    assert "A flood" in dan.get(at(granting, "/history")).text
    assert granting.application().title in browser.get(at(granting, "/applications")).text


def test_the_whole_way_from_interests_to_the_decision(granting: Granting) -> None:
    granting.open_round(TWO_SIGN)
    granting.add_member("mia")
    granting.begin()
    granting.fill()
    granting.send("mia")
    granting.close()
    ann, ben, dan = (granting.browser(name) for name in ("ann", "ben", "dan"))
    assert "You have not declared yet in 1 application." in ann.get(at(granting, "/applications"), max_queries=12).text
    assert ann.get(paper(granting)).status_code == 303
    for browser in (ann, ben, dan):
        assert browser.submit(browser.get(at(granting, "/interests")), declares="y").status_code == 303
    shown = ann.get(paper(granting), max_queries=20)
    assert "We mend the shed together." in shown.text
    for browser, score in ((ann, "4"), (ben, "1")):
        shown = browser.get(paper(granting))
        assert "Weighed" not in shown.text
        browser.submit(shown, form=f"{paper(granting)}/take")
        page = browser.get(paper(granting, "/assess"))
        marks = {f"score_{key}": score for key in ("need", "plan")} | {"reason_need": "Weighed.", "reason_plan": "Ok."}
        assert browser.submit(page, recommendation="full", reason="Good.", **marks).status_code == 303
    shown = dan.get(paper(granting)).text
    assert "Assessors far apart" in shown
    assert "62 of 100" in dan.get(at(granting, "/applications?show=ready"), max_queries=12).text
    refused = dan.submit(dan.get(paper(granting, "/decide")), outcome="decline", reason="")
    assert "Give the reason. The group reads it." in refused.text
    assert dan.submit(refused, outcome="up_to", pence="300", criterion="plan", reason="Less.").status_code == 303
    assert granting.application().state is ApplicationState.OFFERED
    assert granting.application().awarded_pence == 30_000
    assert granting.round().state is RoundState.DECIDED
    assert "G" in dan.get(at(granting, "/applications.csv")).text
    assert "Less." in granting.browser().get(f"/apply/grants/{granting.application().public_id}").text


def test_assessors_do_not_read_each_other_before_all_are_in(granting: Granting) -> None:
    granting.open_round(TWO_SIGN)
    granting.add_member("mia")
    granting.begin()
    granting.fill()
    granting.send("mia")
    granting.close()
    granting.assess("ann")
    granting.clear("ben", "dan")
    for name in ("ben", "dan"):
        shown = granting.browser(name).get(paper(granting)).text
        assert "We asked around." not in shown
        assert "1 assessment is in that you do not read before all are in." in shown
    assert "We asked around." in granting.browser("ann").get(paper(granting)).text


def test_whoever_has_an_interest_reads_nothing_and_does_not_count(granting: Granting) -> None:
    granting.open_round()
    granting.sent()
    granting.close()
    granting.assess("ann")
    ann, dan = granting.browser("ann"), granting.browser("dan")
    assert ann.submit(ann.get(paper(granting, "/interest")), has_interest="yes", statement="Yes.").status_code == 303
    assert ann.get(paper(granting)).status_code == 403
    granting.clear("dan")
    assert "Assessments: 0 of 1" in dan.get(paper(granting)).text
    page = dan.get(paper(granting, "/decide"))
    assert "Fewer people than this tier asks for" in dan.submit(page, outcome="full", reason="Good.").text


def test_three_hundred_applications_stay_within_the_budget(granting: Granting) -> None:
    granting.open_round(budget=90_000_000)
    granting.sent()
    granting.close()
    granting.crowd(299)
    ann = granting.browser("ann")
    shown = ann.get(at(granting, "/applications"), max_queries=12)
    assert "300 applications" in shown.text
    assert ann.submit(ann.get(at(granting, "/interests"), max_queries=12), declares="y").status_code == 303
    assert ann.get(at(granting, "/applications.csv"), max_queries=12).text.count("\n") == 301


def test_a_question_to_the_group_and_a_look_at_old_decisions(granting: Granting) -> None:
    granting.open_round()
    granting.sent()
    granting.close()
    granting.clear("ann")
    ann = granting.browser("ann")
    assert "Take the assessment first." in ann.get(paper(granting, "/ask")).text
    ann.submit(ann.get(paper(granting)), form=f"{paper(granting)}/take")
    assert ann.submit(ann.get(paper(granting, "/ask")), words="Who owns the shed?").status_code == 303
    assert granting.application().state is ApplicationState.CLARIFICATION
    granting.clock.at += timedelta(hours=1)
    assert "Who owns the shed?" in ann.get(paper(granting)).text
