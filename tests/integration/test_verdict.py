"""The verdict: by the clock, once, on what was promised at the deadline; late pledges are refused, misses released."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.verdict import write_verdict
from tests.support.campaign import Campaign, make_campaign
from tests.support.factories import TESTER, make_person, make_pledge, start
from tests.support.people import make_member

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    return make_campaign(app, stripe, clock)


def judge(campaign: Campaign, at: timedelta = timedelta()) -> bool:
    assert campaign.project.deadline is not None
    with unit_of_work() as session:
        now = campaign.project.deadline + at
        verdict = write_verdict(session, campaign.project.id, threshold_percent=95, actor=TESTER, now=now)
    return verdict is not None


def count(campaign: Campaign, state: PledgeState) -> int:
    of_state = (
        select(func.count()).select_from(Pledge).where(Pledge.project_id == campaign.project.id, Pledge.state == state)
    )
    return db.session.scalar(of_state) or 0


def test_a_target_that_is_reached_to_the_penny_is_reached(campaign: Campaign) -> None:
    make_pledge(campaign.project, campaign.clock.now(), 60_000)
    make_pledge(campaign.project, campaign.clock.now(), 30_000)
    assert judge(campaign)
    assert campaign.reread().state is ProjectState.COLLECTING
    verdict = campaign.verdict()
    assert verdict is not None
    assert (verdict.reached, verdict.pledged_pence, verdict.target_pence, verdict.backers) == (True, 90_000, 90_000, 2)
    assert (count(campaign, PledgeState.COLLECTING), campaign.settlement().threshold_percent) == (2, 95)


def test_a_penny_less_is_a_miss_and_nobody_is_charged(campaign: Campaign) -> None:
    pledge = campaign.back(89_999)
    unfinished = start(campaign.project, campaign.clock.now(), 2500)
    campaign.end()
    assert campaign.reread().state is ProjectState.UNSUCCESSFUL
    verdict = campaign.verdict()
    assert verdict is not None
    assert (verdict.reached, verdict.pledged_pence) == (False, 89_999)
    assert (campaign.state(pledge), campaign.state(unfinished)) == (PledgeState.RELEASED, PledgeState.ABANDONED)
    assert campaign.pledged() == 0
    assert not campaign.desk.card_is_kept(pledge)
    assert campaign.attempts(pledge) == []
    assert db.session.get(Settlement, campaign.project.id) is None
    told = campaign.mails("pledge_released_unsuccessful")
    assert [mail.recipient for mail in told] == [make_person_email(pledge)]
    assert "were not charged" in told[0].body


def make_person_email(pledge: Pledge) -> str:
    return str(db.session.get_one(Pledge, pledge.id).email)


@pytest.mark.parametrize("early", [MOMENT, timedelta(days=1)])
def test_nothing_is_judged_before_the_deadline(campaign: Campaign, early: timedelta) -> None:
    make_pledge(campaign.project, campaign.clock.now(), 90_000)
    assert not judge(campaign, -early)
    assert campaign.reread().state is ProjectState.LIVE


def test_it_is_written_once(campaign: Campaign) -> None:
    make_pledge(campaign.project, campaign.clock.now(), 90_000)
    assert judge(campaign)
    assert not judge(campaign)
    assert not judge(campaign, timedelta(days=1))


def test_a_paused_project_waits_until_it_is_resumed(campaign: Campaign) -> None:
    make_pledge(campaign.project, campaign.clock.now(), 90_000)
    with unit_of_work() as session:
        session.execute(update(Project).where(Project.id == campaign.project.id).values(state=ProjectState.PAUSED))
    assert not judge(campaign)
    assert campaign.verdict() is None


def test_the_clock_judges_at_the_deadline_and_not_a_moment_before(campaign: Campaign) -> None:
    make_pledge(campaign.project, campaign.clock.now(), 1000)
    assert campaign.project.deadline is not None
    campaign.work(campaign.project.deadline - MOMENT - campaign.clock.now())
    assert campaign.reread().state is ProjectState.LIVE
    campaign.work(MOMENT)
    assert campaign.reread().state is ProjectState.UNSUCCESSFUL


def test_a_card_that_is_saved_too_late_is_not_counted_and_removed(campaign: Campaign) -> None:
    make_pledge(campaign.project, campaign.clock.now(), 90_000)
    assert campaign.project.deadline is not None
    campaign.clock.at = campaign.project.deadline - timedelta(minutes=5)
    late = campaign.desk.start(5000)
    campaign.desk.open(late)
    campaign.end()
    campaign.desk.save(late)
    campaign.desk.sync(late)
    campaign.work()
    assert campaign.state(late) is PledgeState.ABANDONED
    assert not campaign.desk.card_is_kept(late)
    verdict = campaign.verdict()
    assert verdict is not None
    assert verdict.pledged_pence == 90_000


@pytest.mark.parametrize(("pence", "template"), [(90_000, "verdict_reached"), (500, "verdict_unsuccessful")])
def test_the_group_hears_of_it(campaign: Campaign, pence: int, template: str) -> None:
    owner = make_member(campaign.project.group_id, MemberRole.OWNER, campaign.clock.now())
    make_pledge(campaign.project, campaign.clock.now(), pence, person=make_person(campaign.clock.now()))
    campaign.end()
    assert [mail.recipient for mail in campaign.mails(template)] == [owner.email]
