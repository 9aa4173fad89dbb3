"""Charging while the provider hangs, drops, fails or lies, or our own process dies: charged once, or not at all."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.payments.charging import Charges
from crowdfund.payments.gateway import ChargeRequest, ChargeResult
from crowdfund.payments.rules import SAME_KEY_FOR, AttemptState
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.wiring import worker_of
from tests.support.campaign import Campaign, make_campaign
from tests.support.threads import failures, together

FAULTS = {
    "hang": {"seconds": 0.01},
    "commit_then_drop": {},
    "commit_then_500": {},
    "500": {},
    "409": {},
    "429": {},
    "down": {},
}
PATH = "/v1/payment_intents"


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


class Doomed(StripeGateway):
    """A gateway whose process is killed before or after it charges."""

    def __init__(self, real: StripeGateway, *, called: bool) -> None:
        self.__dict__.update(vars(real))
        self._called = called

    def charge(self, request: ChargeRequest) -> ChargeResult:
        """Be killed."""
        if self._called:
            super().charge(request)
        raise Killed


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    found = make_campaign(app, stripe, clock)
    found.back(90_000)
    return found


def demand_paid_once(campaign: Campaign) -> None:
    [pledge] = campaign.pledges
    assert campaign.state(pledge) is PledgeState.PAID
    assert [intent["amount"] for intent in campaign.charged_there()] == [90_000]
    assert campaign.held() == 90_000
    assert campaign.reread().state is ProjectState.FUNDED


@pytest.mark.parametrize("fault", FAULTS)
def test_no_answer_is_looked_up_and_charged_once(campaign: Campaign, fault: str) -> None:
    campaign.stripe.set_mode(fault, path=PATH, method="POST", **FAULTS[fault])
    assert campaign.project.deadline is not None
    campaign.clock.at = campaign.project.deadline
    campaign.work()
    [pledge] = campaign.pledges
    assert campaign.state(pledge) is PledgeState.COLLECTING
    assert campaign.attempts(pledge)[0].state is AttemptState.UNKNOWN
    assert campaign.held() == 0
    campaign.stripe.clear_modes()
    # The provider gives a kept 500 again for a day; then it is certain that nothing came of that try.
    campaign.work(timedelta(days=3) if fault == "500" else timedelta(hours=1))
    demand_paid_once(campaign)
    assert len(campaign.attempts(pledge)) == (2 if fault == "500" else 1)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_an_outage_of_more_than_a_day_charges_nobody_twice(campaign: Campaign, fault: str) -> None:
    campaign.stripe.set_mode(fault, path=PATH, method="POST", **FAULTS[fault])
    campaign.end()
    campaign.stripe.set_mode("down", path=PATH)  # looking is not possible either
    campaign.work(SAME_KEY_FOR + timedelta(hours=6))
    campaign.stripe.clear_modes()
    campaign.work(timedelta(hours=2))
    assert len(campaign.charged_there()) <= 1
    [pledge] = campaign.pledges
    is_paid = bool(campaign.charged_there())
    assert campaign.state(pledge) is (PledgeState.PAID if is_paid else PledgeState.FIXING)
    assert campaign.held() == (90_000 if is_paid else 0)


@pytest.mark.parametrize("called", [False, True])
def test_a_worker_killed_around_the_call_charges_once(campaign: Campaign, called: bool) -> None:
    assert campaign.project.deadline is not None
    campaign.clock.at = campaign.project.deadline
    while not campaign.attempts(campaign.pledges[0]):
        assert worker_of(campaign.app).run_one()
    [attempt] = campaign.attempts(campaign.pledges[0])
    real = campaign.charges
    assert isinstance(real.gateway, StripeGateway)
    doomed = Charges(Doomed(real.gateway, called=called), real.secret, real.listeners)
    with pytest.raises(Killed):
        doomed.sync(attempt.id, campaign.clock.now())
    assert campaign.attempts(campaign.pledges[0])[0].state is AttemptState.PREPARED
    campaign.work(timedelta(minutes=10))
    demand_paid_once(campaign)


def test_worker_webhook_and_sweeper_at_once_book_it_once(campaign: Campaign) -> None:
    campaign.stripe.set_mode("commit_then_drop", path=PATH, method="POST")
    campaign.end()
    campaign.stripe.clear_modes()
    [attempt] = campaign.attempts(campaign.pledges[0])
    now = campaign.clock.now() + timedelta(minutes=1)

    results = together(campaign.app, [lambda: campaign.charges.sync(attempt.id, now)] * 4)
    assert failures(results) == []
    campaign.work()
    demand_paid_once(campaign)


@pytest.mark.parametrize(
    "lie", [{"amount_pence": 89_999}, {"currency": "eur"}, {"live": True}, {"reference": "another"}]
)
def test_what_is_not_ours_is_not_believed(campaign: Campaign, lie: dict[str, object]) -> None:
    class Lying(StripeGateway):
        def __init__(self, real: StripeGateway) -> None:
            self.__dict__.update(vars(real))

        def charge(self, request: ChargeRequest) -> ChargeResult:
            return ChargeResult(**(vars(super().charge(request)) | lie))  # type: ignore[arg-type]

    campaign.stripe.set_mode("down", path=PATH)
    campaign.end()
    campaign.stripe.clear_modes()
    real = campaign.charges
    assert isinstance(real.gateway, StripeGateway)
    [attempt] = campaign.attempts(campaign.pledges[0])
    liar = Charges(Lying(real.gateway), real.secret, real.listeners)
    with pytest.raises(LookupError):
        liar.sync(attempt.id, campaign.clock.now())
    assert campaign.attempts(campaign.pledges[0])[0].state is AttemptState.UNKNOWN
    assert campaign.held() == 0
    parked = select(Job).where(Job.state == JobState.PARKED)
    assert db.session.scalars(parked).all() == []
    campaign.work(timedelta(hours=1))
    demand_paid_once(campaign)
