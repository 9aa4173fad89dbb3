"""The page on which a backer pays what the saved card could not, reached by the mailed link."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
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
