"""The page on which a backer pays what the saved card could not, reached by the mailed link."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.models import ChargeAttempt
from crowdfund.pledges.rules import PledgeState
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import make_pledge
from tests.support.journey import Journey

DECLINED = "4000000000000341"


@pytest.fixture
def backer(journey: Journey, clock: FixedClock) -> Journey:
    """A backer of £25 whose card was declined when the project had reached its target."""
    with journey.app.app_context():
        make_pledge(journey.project, clock.now(), 90_000)
    journey.pledge(DECLINED)
    with journey.app.app_context():
        assert journey.project.deadline is not None
        clock.at = journey.project.deadline
        worker_of(journey.app).drain(clock.now() + timedelta(minutes=1))
        db.session.remove()
    assert journey.newest_pledge().state is PledgeState.FIXING
    return journey


def address(backer: Journey, page: str = "/fix") -> str:
    return f"/pledges/{backer.newest_pledge().public_id}{page}"


def session_of(backer: Journey) -> str:
    with backer.app.app_context():
        newest = select(ChargeAttempt.session_ref).order_by(ChargeAttempt.id.desc())
        return str(db.session.scalars(newest).first())


def test_the_mailed_link_leads_to_the_payment_in_another_browser(backer: Journey) -> None:
    bodies = "".join(mail.body for mail in backer.mails("pledge_fix"))
    link = re.search(rf"http://localhost({address(backer, '')}\?key=\S+)", bodies)
    assert link
    other = backer.app.test_client()
    assert isinstance(other, HouseClient)
    page = other.follow(other.submit(other.get(link[1])))
    assert "could not be charged" in page.text
    fix = other.get(address(backer))
    assert "£25" in fix.text
    reply = other.submit(fix)
    assert reply.status_code == 303
    assert reply.location.startswith(backer.app.config["CHECKOUT_ORIGIN"])


def test_paying_on_the_page_brings_one_back_to_a_paid_pledge(backer: Journey) -> None:
    backer.client.submit(backer.client.get(address(backer)))
    backer.stripe.complete_checkout(session_of(backer), card="4242424242424242")
    page = backer.client.follow(backer.client.get(address(backer, "/fix/return")))
    assert "You paid £25" in page.text
    assert "paid already" not in backer.client.get(address(backer)).text
    assert "nothing left to do" in backer.client.get(address(backer)).text


def test_coming_back_without_having_paid_never_says_paid(backer: Journey) -> None:
    backer.client.submit(backer.client.get(address(backer)))
    page = backer.client.follow(backer.client.get(address(backer, "/fix/return")))
    assert "not finished" in page.text
    assert "You paid" not in page.text


def test_while_the_provider_is_down_it_is_said_and_nothing_is_lost(backer: Journey) -> None:
    page = backer.client.get(address(backer))
    backer.stripe.set_mode("down")
    reply = backer.client.submit(page)
    assert reply.status_code == 422
    assert "does not answer" in reply.text
    backer.stripe.clear_modes()
    assert backer.client.submit(backer.client.get(address(backer))).status_code == 303


def test_too_late_is_said_in_words(backer: Journey, clock: FixedClock) -> None:
    page = backer.client.get(address(backer))
    clock.forward(timedelta(days=7))
    reply = backer.client.submit(page)
    assert reply.status_code == 422
    assert "too late" in reply.text


def test_strangers_learn_nothing(backer: Journey) -> None:
    other = backer.app.test_client()
    for page in ("/fix", "/fix/return"):
        assert other.get(address(backer, page)).status_code == 404


def test_while_the_provider_cannot_say_whether_it_was_paid_nobody_is_asked_to_pay_again(backer: Journey) -> None:
    backer.client.submit(backer.client.get(address(backer)))
    backer.stripe.complete_checkout(session_of(backer), card="4242424242424242")
    backer.stripe.set_mode("down")
    page = backer.client.get(address(backer, "/fix/return"))
    assert "We are checking your payment" in page.text
    assert "you need not pay again" in page.text
    assert address(backer, "/fix/return") in page.text
    backer.stripe.clear_modes()
    assert "You paid £25" in backer.client.follow(backer.client.get(address(backer, "/fix/return"))).text


def test_the_reason_is_the_bank_s_own_where_it_helps(backer: Journey) -> None:
    assert "Your bank declined the payment. Banks rarely say why." in backer.client.get(address(backer)).text
    reason(backer, "insufficient_funds")
    assert "not enough money" in backer.client.get(address(backer)).text
    reason(backer, None)
    page = backer.client.get(address(backer)).text
    assert "Our payment provider could not carry it out." in page
    assert "Your bank declined" not in page


def reason(backer: Journey, code: str | None) -> None:
    with backer.app.app_context(), unit_of_work() as session:
        session.execute(update(ChargeAttempt).values(decline_code=code))


def test_after_the_window_nobody_is_asked_for_money_and_what_was_paid_is_looked_for(
    backer: Journey, clock: FixedClock
) -> None:
    clock.forward(timedelta(days=6, hours=20))
    backer.client.submit(backer.client.get(address(backer)))
    clock.forward(timedelta(hours=5))
    page = backer.client.get(address(backer)).text
    assert "We are asking our payment provider whether it was still paid in time" in page
    assert "Use the same card" not in page


def test_in_the_last_half_hour_it_is_said_that_it_is_too_late(backer: Journey, clock: FixedClock) -> None:
    clock.forward(timedelta(days=6, hours=23, minutes=45))
    page = backer.client.get(address(backer)).text
    assert "It is too late to pay" in page
    assert "You have not been charged" in page
    assert "Use the same card" not in page


def test_coming_back_when_there_is_nothing_to_pay_leads_to_the_page_that_says_so(journey: Journey) -> None:
    journey.pledge()
    page = journey.client.follow(journey.client.get(address(journey, "/fix/return")))
    assert "Nothing has to be paid for this pledge at the moment" in page.text
