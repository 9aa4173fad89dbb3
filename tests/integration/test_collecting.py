"""Collecting: every promise is charged once, for what was agreed, and the books say what the provider says."""

from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.rules import CHARGE, AttemptState
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement import collecting
from crowdfund.settlement.rules import CHARGES_A_SECOND
from tests.support.campaign import Campaign, make_campaign
from tests.support.factories import TESTER, make_pledge

DECLINED = "4000000000000341"  # saved without a word, declined when it is charged


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    return make_campaign(app, stripe, clock)


def test_everyone_is_charged_once_and_the_project_is_funded(campaign: Campaign) -> None:
    backers = [campaign.back(pence) for pence in (50_000, 30_000, 10_001)]
    campaign.end()
    assert {campaign.state(pledge) for pledge in backers} == {PledgeState.PAID}
    assert campaign.reread().state is ProjectState.FUNDED
    assert sorted(intent["amount"] for intent in campaign.charged_there()) == [10_001, 30_000, 50_000]
    fees = sum(attempt.fee_pence or 0 for pledge in backers for attempt in campaign.attempts(pledge))
    assert fees > 0
    assert (campaign.held(), campaign.at_provider()) == (90_001, 90_001 - fees)
    assert campaign.pledged() == 90_001
    assert campaign.settlement().collected_pence == 90_001
    assert len(campaign.mails("pledge_paid")) == 3


def test_a_declined_card_is_cancelled_at_the_provider_and_asked_about(campaign: Campaign) -> None:
    campaign.back(90_000)
    pledge = campaign.back(5000, DECLINED)
    campaign.end()
    [attempt] = campaign.attempts(pledge)
    assert (campaign.state(pledge), attempt.state) == (PledgeState.FIXING, AttemptState.FAILED)
    assert attempt.decline_code
    assert campaign.charges.gateway.read_charge(attempt.intent_ref or "").status.value == "cancelled"
    assert campaign.reread().state is ProjectState.COLLECTING
    assert campaign.held() == 90_000


def test_every_card_is_charged_a_little_later_than_the_one_before(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "BATCH", 3)
    for _ in range(7):
        make_pledge(campaign.project, campaign.clock.now(), 20_000)
    deadline = campaign.project.deadline
    assert deadline is not None
    campaign.clock.at = deadline
    with_charges = select(Job.run_after).where(Job.kind == CHARGE).order_by(Job.run_after)
    campaign.work()
    first = list(db.session.scalars(with_charges))
    assert first == [deadline + timedelta(seconds=n / CHARGES_A_SECOND) for n in range(3)]
    campaign.work(timedelta(minutes=1))
    moments = list(db.session.scalars(with_charges))
    assert len(moments) == 7
    assert all(later - earlier >= timedelta(seconds=0.2) for earlier, later in pairwise(moments))


def test_the_order_has_nothing_to_do_with_who_came_first(campaign: Campaign) -> None:
    pledges = [make_pledge(campaign.project, campaign.clock.now(), 10_000) for _ in range(12)]
    campaign.end()
    order = sorted(pledges, key=lambda pledge: campaign.attempts(pledge)[0].id)
    assert [pledge.public_id for pledge in order] == sorted(pledge.public_id for pledge in pledges)
    assert [pledge.id for pledge in order] != sorted(pledge.id for pledge in pledges)


def test_a_lost_batch_job_starts_again_without_charging_twice(campaign: Campaign) -> None:
    backers = [campaign.back(45_000) for _ in range(2)]
    campaign.end()
    with unit_of_work() as session:
        collecting.collect_some(session, campaign.project.id, "", actor=TESTER, now=campaign.clock.now())
    campaign.work()
    assert [len(campaign.attempts(pledge)) for pledge in backers] == [1, 1]
