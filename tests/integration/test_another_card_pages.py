"""The pages around another card: what is agreed to, the way to the card page and back, and what became of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from crowdfund.core import clock as business
from crowdfund.core.clock import FixedClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.actions import change_amount
from crowdfund.sandbox.stripe.sessions import expire_session
from tests.support.factories import LIMITS, TESTER
from tests.support.journey import Journey

OTHER = "5555555555554444"


@pytest.fixture
def backer(journey: Journey) -> Journey:
    """Somebody who has just pledged £25."""
    journey.pledge()
    return journey


def address(backer: Journey, page: str = "/card") -> str:
    return f"/pledges/{backer.newest_pledge().public_id}{page}"


def to_card_page(backer: Journey) -> str:
    """Agree, and return the session of the page on which the other card is saved."""
    reply = backer.client.submit(backer.client.get(address(backer)))
    assert reply.status_code == 303
    assert reply.location.startswith(backer.app.config["CHECKOUT_ORIGIN"])
    return backer.newest_checkout().session_ref or ""


def come_back(backer: Journey) -> TestResponse:
    return backer.client.follow(backer.client.get(address(backer, "/card/return")))


def test_the_page_says_what_is_agreed_and_leads_to_the_card_page_and_back(backer: Journey) -> None:
    page = backer.client.get(address(backer))
    assert "Visa ending 4242" in page.text
    assert "charge £25 to the card I save now" in page.text
    assert "runs out" not in page.text
    backer.stripe.complete_checkout(to_card_page(backer), card=OTHER)
    shown = come_back(backer)
    assert "Your card is saved" in shown.text
    assert "Mastercard ending 4444" in shown.text
    assert "Your card is saved" not in backer.client.get(address(backer, "")).text


def test_leaving_the_card_page_is_said_to_have_changed_nothing(backer: Journey) -> None:
    to_card_page(backer)
    shown = come_back(backer)
    assert "Your card was not changed" in shown.text
    assert "Visa ending 4242" in shown.text


def test_a_card_saved_after_the_deadline_is_said_to_have_come_too_late(backer: Journey, clock: FixedClock) -> None:
    assert backer.project.deadline is not None
    clock.at = backer.project.deadline - timedelta(minutes=5)
    session_ref = to_card_page(backer)
    clock.at = backer.project.deadline
    backer.stripe.complete_checkout(session_ref, card=OTHER)
    shown = come_back(backer)
    assert "That card came too late" in shown.text
    assert "Visa ending 4242" in shown.text
    assert not backer.card_is_kept()
    assert backer.client.get(address(backer)).status_code == 403


def test_a_card_that_we_never_heard_of_is_found_when_the_page_is_asked_for_again(backer: Journey) -> None:
    backer.stripe.set_mode("drop")
    backer.stripe.complete_checkout(to_card_page(backer), card=OTHER)
    shown = backer.client.follow(backer.client.submit(backer.client.get(address(backer))))
    assert "Your card is saved" in shown.text
    assert "Mastercard ending 4444" in shown.text


def test_a_page_that_has_closed_is_replaced(backer: Journey) -> None:
    first = to_card_page(backer)
    backer.stripe.set_mode("drop")
    with backer.stripe.work() as context:
        expire_session(context, {}, first)
    assert to_card_page(backer) != first


def test_while_the_provider_is_down_nothing_is_lost(backer: Journey) -> None:
    page = backer.client.get(address(backer))
    backer.stripe.set_mode("down")
    reply = backer.client.submit(page)
    assert reply.status_code == 503
    assert "Nothing was lost" in reply.text
    backer.stripe.clear_modes()
    session_ref = to_card_page(backer)
    backer.stripe.complete_checkout(session_ref, card=OTHER)
    backer.stripe.set_mode("down")
    waiting = backer.client.get(address(backer, "/card/return"))
    assert "We are confirming your card" in waiting.text
    assert address(backer, "/card/return") in waiting.text
    backer.stripe.clear_modes()
    assert "Your card is saved" in come_back(backer).text


def test_words_that_changed_in_another_tab_are_shown_again(backer: Journey) -> None:
    page = backer.client.get(address(backer))
    with backer.app.app_context(), unit_of_work() as session:
        pledge_id = backer.newest_pledge().id
        who: dict[str, Any] = {"actor": TESTER, "now": business.now()}
        change_amount(session, pledge_id, 3000, "I agree to £30.", LIMITS, **who)
    assert backer.client.submit(page).status_code == 409
    assert "£30" in backer.client.get(address(backer)).text


def test_nobody_else_comes_near(backer: Journey) -> None:
    other = backer.app.test_client()
    assert [other.get(address(backer, page)).status_code for page in ("/card", "/card/return")] == [404, 404]


def test_a_card_that_runs_out_is_pointed_out_with_the_way_to_mend_it(backer: Journey) -> None:
    with backer.app.app_context(), unit_of_work() as session:
        session.execute(update(CardCheckout).values(card_exp_month=1, card_exp_year=2020))
    shown = backer.client.get(address(backer, ""))
    assert "Your card runs out before we may need it" in shown.text
    assert "runs out in 01/2020" in backer.client.get(address(backer)).text
