"""A group's way through a grant on its pages: from the prospectus to the accepted award, with what goes wrong."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from crowdfund.core.clock import FixedClock
from crowdfund.grants.plans import Question, QuestionKind
from crowdfund.grants.ready_made import MICRO, READY_MADE
from crowdfund.grants.rules import ApplicationState
from tests.support.client import HouseClient
from tests.support.granting import TWO_SIGN, Granting, make_granting

ONE_OF_EACH = replace(
    MICRO,
    questions=(
        *MICRO.questions,
        Question("when", "Your plan", "When do you begin?", QuestionKind.DATE),
        Question("people", "Your plan", "How many take part?", QuestionKind.NUMBER),
        Question("place", "Your plan", "Where is it?", QuestionKind.POSTCODE),
        Question("own", "Your plan", "Do you own it?", QuestionKind.YES_NO),
        Question("size", "Your plan", "How large is it?", QuestionKind.CHOICE, options=("Small", "Large")),
        Question("cash", "Money", "What do you have already?", QuestionKind.MONEY),
        Question("quote", "Money", "A quote", QuestionKind.FILE),
    ),
)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def granting(app: Flask, clock: FixedClock) -> Granting:
    return make_granting(app, clock)


def home(granting: Granting, page: str = "") -> str:
    base = f"/apply/grants/{granting.application().public_id}"
    return f"{base}/{page}" if page else base


def answer(granting: Granting, browser: HouseClient, key: str, text: object) -> TestResponse:
    page = browser.get(home(granting, f"questions/{key}"))
    return browser.submit(page, answer=text)


def test_the_whole_way_from_the_list_of_grants_to_the_receipt(granting: Granting) -> None:
    row = granting.open_round()
    browser = granting.browser()
    assert row.title in browser.get("/grants", max_queries=3).text
    prospectus = browser.get(f"/grants/{row.slug}", max_queries=4).text
    assert "Up to £500 for one group" in prospectus
    assert "66 %" in prospectus
    begin = browser.get(f"/apply/grants/rounds/{row.slug}", max_queries=6)
    shown = browser.follow(browser.submit(begin, group=granting.group.public_id))
    assert "What you plan and how much you ask for" in shown.text
    page = browser.get(home(granting, "basics"))
    said = {"title": "A shed for all", "asked": "400", "income": "5000", "at_risk": "no"}
    assert browser.submit(page, **said).status_code == 303
    first = browser.get(home(granting, "questions/what"))
    following = browser.follow(browser.submit(first, answer="We mend the shed."))
    assert "Who will it help?" in following.text
    answer(granting, browser, "who", "Forty families.")
    answer(granting, browser, "costs", "Timber: 300\nPaint: 100")
    assert "Check and send it" in browser.get(home(granting), max_queries=12).text
    read = browser.get(home(granting, "answers"), max_queries=12).text
    assert "Together: £400" in read
    saved = browser.get(home(granting, "answers?as=text"))
    assert "We mend the shed." in saved.text
    assert "attachment" in saved.headers["Content-Disposition"]
    refused = browser.submit(browser.get(home(granting, "send")))
    assert "Tick the box if everything is true." in refused.text
    sent = browser.follow(browser.submit(refused, agreed="y"))
    assert "We have your application" in sent.text
    granting.work()
    assert granting.application().reference in granting.mails("grant_received")[0].subject


def test_two_people_of_the_group_send_and_sign(granting: Granting) -> None:
    granting.open_round(TWO_SIGN)
    granting.add_member("mia")
    granting.begin()
    granting.fill()
    owner, mia = granting.browser(), granting.browser("mia")
    owner.submit(owner.get(home(granting, "send")), agreed="y")
    assert "Another person of your group has to confirm it." in owner.get(home(granting)).text
    mia.submit(mia.get(home(granting, "confirm")), agreed="y")
    assert granting.application().state is ApplicationState.SUBMITTED
    granting.close()
    granting.assess("ann")
    granting.assess("ben")
    granting.decide()
    shown = owner.get(home(granting), max_queries=14).text
    assert "You are awarded £400" in shown
    assert "3 of 4: We asked around." in shown
    accepted = owner.follow(owner.submit(owner.get(home(granting, "accept")), subsidy="0", agreed="y"))
    assert "A second person of your group has to sign, too." in accepted.text
    signed = mia.follow(mia.submit(mia.get(home(granting, "sign")), agreed="y"))
    assert "You accepted £400" in signed.text


@pytest.mark.parametrize(
    ("key", "bad", "sentence", "good", "shown"),
    [
        ("when", "31 2 2027", "Enter a date that exists", "1 3 2027", "1 March 2027"),
        ("people", "many", "Enter a whole number", "1,200", "1200"),
        ("place", "ZZ", "Enter a full postcode", "me14 1xx", "ME14 1XX"),
        ("cash", "ten", "Enter an amount in pounds", "12.50", "£12.50"),
        ("costs", "Timber 300", "needs what it is, a colon and an amount", "Timber: 300", "Together: £300"),
        ("size", None, "Choose one of the answers.", "Large", "Large"),
        ("own", None, "Choose yes or no.", "yes", "Yes"),
    ],
)
def test_each_kind_of_question_refuses_in_words_and_keeps_what_is_sound(
    granting: Granting, key: str, bad: str | None, sentence: str, good: str, shown: str
) -> None:
    granting.open_round(ONE_OF_EACH)
    granting.begin()
    granting.fill()
    browser = granting.browser()
    page = browser.get(home(granting, f"questions/{key}"))
    refused = browser.submit(page, **({"answer": bad} if bad else {}))
    assert refused.status_code == 422
    assert sentence in refused.text
    assert bad is None or bad in refused.text
    assert browser.submit(refused, answer=good).status_code == 303
    assert shown in browser.get(home(granting, "answers")).text


def test_an_answer_with_too_many_words_is_kept_whole_and_named(granting: Granting) -> None:
    granting.open_round()
    granting.begin()
    granting.fill()
    browser = granting.browser()
    assert answer(granting, browser, "who", "word " * 120).status_code == 303
    assert "There is a problem" in browser.get(home(granting)).text
    page = browser.get(home(granting, "send"))
    assert "This answer has 120 words. The most is 100." in page.text
    assert "This answer has 120 words" in browser.submit(page, agreed="y").text
    assert granting.application().state is ApplicationState.DRAFT


def test_a_file_is_kept_replaced_and_given_out_to_the_group_only(granting: Granting) -> None:
    granting.open_round(ONE_OF_EACH)
    granting.begin()
    granting.fill()
    browser, address = granting.browser(), home(granting, "questions/quote")
    page = browser.get(address)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]  # type: ignore[index]
    sending = {"csrf_token": token, "version": "0", "answer": (io.BytesIO(b"MZ"), "a.exe")}
    refused = browser.post(address, data=sending, content_type="multipart/form-data")
    assert "We cannot use this kind of file." in refused.text
    for version, name in (("0", "quote.pdf"), ("1", "better.pdf")):
        sending = {"csrf_token": token, "version": version, "answer": (io.BytesIO(PDF), name)}
        assert browser.post(address, data=sending, content_type="multipart/form-data").status_code == 303
    assert "better.pdf" in browser.get(home(granting, "answers")).text


def test_every_pause_in_typing_is_saved_and_says_so(granting: Granting) -> None:
    granting.open_round()
    granting.begin()
    granting.fill()
    browser, address = granting.browser(), home(granting, "questions/what")
    page = browser.get(address)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]  # type: ignore[index]
    saved = browser.post(address, data={"csrf_token": token, "version": "1", "answer": "Half"}, headers=HTMX)
    assert "Saved" in saved.text
    assert 'value="2"' in saved.text
    late = browser.post(address, data={"csrf_token": token, "version": "1", "answer": "Other half"}, headers=HTMX)
    assert late.status_code == 422
    assert "Not saved yet. Olu Owner changed this answer meanwhile." in late.text


def test_two_people_at_one_answer_see_both(granting: Granting) -> None:
    granting.open_round()
    granting.begin()
    granting.fill()
    granting.add_member("mia")
    owner, mia = granting.browser(), granting.browser("mia")
    address = home(granting, "questions/what")
    before = mia.get(address)
    owner.submit(owner.get(address), answer="The owner’s words.")
    both = mia.submit(before, answer="Mia’s words.")
    assert both.status_code == 422
    assert "Olu Owner changed this answer meanwhile." in both.text
    assert "The owner’s words." in both.text
    assert "Mia’s words." in both.text
    assert mia.submit(both, answer="Mia’s words.").status_code == 303


def test_a_round_that_closed_while_somebody_wrote_keeps_the_draft(granting: Granting) -> None:
    granting.open_round()
    granting.begin()
    granting.fill()
    browser = granting.browser()
    page, send = browser.get(home(granting, "questions/what")), browser.get(home(granting, "send"))
    granting.clock.at = granting.round().closes_at
    late = browser.submit(page, answer="A last thought.")
    assert late.status_code == 422
    assert "The round is closed. Your draft is kept" in late.text
    assert "A last thought." in late.text
    assert "The round is closed." in browser.submit(send, agreed="y").text
    assert "The round is closed" in browser.get(home(granting)).text
    granting.clock.at -= timedelta(seconds=1)
    assert browser.submit(send, agreed="y").status_code == 303


def test_a_question_of_an_officer_is_answered_in_place(granting: Granting) -> None:
    from crowdfund.grants.assessing import ask_group, take_application

    granting.open_round()
    sent = granting.sent()
    granting.close()
    granting.clear("ann")
    granting.do(take_application, sent.id, by="ann")
    question = granting.do(ask_group, sent.id, "Who owns the shed?", by="ann")
    browser = granting.browser()
    assert "Who owns the shed?" in browser.get(home(granting)).text
    page = browser.get(home(granting, f"asked/{question.public_id}"))
    assert "Write your answer." in browser.submit(page).text
    shown = browser.follow(browser.submit(page, answer="The parish."))
    assert "Olu Owner: The parish." in shown.text


def test_an_application_is_taken_back_and_withdrawn(granting: Granting) -> None:
    granting.open_round()
    granting.sent()
    browser = granting.browser()
    browser.submit(browser.get(home(granting, "take-back")))
    assert granting.application().state is ApplicationState.DRAFT
    browser.submit(browser.get(home(granting, "withdraw")), reason="We moved.")
    assert "We moved." in browser.get(home(granting)).text
    assert granting.application().state is ApplicationState.WITHDRAWN


def test_an_award_is_turned_down(granting: Granting) -> None:
    granting.open_round()
    granting.offered()
    browser = granting.browser()
    browser.submit(browser.get(home(granting, "turn-down")), reason="We found the money.")
    assert granting.application().state is ApplicationState.REFUSED


def test_somebody_without_a_group_is_led_to_adding_one(granting: Granting) -> None:
    row = granting.open_round()
    page = granting.browser("ann").get(f"/apply/grants/rounds/{row.slug}")
    assert "Add your group" in page.text


def test_a_round_that_is_to_come_says_when_and_takes_nothing(granting: Granting) -> None:
    row = granting.open_round()
    granting.clock.at = row.opens_at - timedelta(minutes=1)
    browser = granting.browser()
    assert "It opens on" in browser.get(f"/grants/{row.slug}").text
    assert "The round is not open yet." in browser.get(f"/apply/grants/rounds/{row.slug}").text


@pytest.mark.parametrize("name", READY_MADE)
def test_every_ready_made_round_can_be_published_and_read(granting: Granting, name: str) -> None:
    row = granting.open_round(READY_MADE[name][1])
    assert granting.browser().get(f"/grants/{row.slug}").status_code == 200
