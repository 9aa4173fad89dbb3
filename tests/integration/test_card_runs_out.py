"""A card that runs out before it may be needed: its holder is asked for another one, early and once."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from crowdfund.pledges.actions import withdraw_pledge
from crowdfund.pledges.another_card import CARD_MAIL, start_another_card
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import CARD_ASKED_BEFORE
from crowdfund.sandbox.stripe import StandIn
from tests.support.campaign import GOOD, Campaign, make_campaign
from tests.support.factories import TESTER

OTHER = "5555555555554444"
SECOND = timedelta(seconds=1)


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    """A project that one pledge of £950 alone takes to its target."""
    found = make_campaign(app, stripe, clock)
    found.back(95_000)
    found.work()
    return found


def deadline(campaign: Campaign) -> datetime:
    assert campaign.project.deadline is not None
    return campaign.project.deadline


def run_out(campaign: Campaign, card: str = OTHER) -> Pledge:
    """Return one more pledge, whose card is good until the month before the deadline."""
    last = deadline(campaign).replace(day=1) - timedelta(days=1)
    pledge = campaign.desk.start(2500)
    campaign.desk.open(pledge)
    session_ref = campaign.desk.checkout(pledge).session_ref or ""
    campaign.stripe.complete_checkout(session_ref, card=card, expiry=f"{last.month:02d} / {last.year % 100}")
    campaign.desk.sync(pledge)
    campaign.pledges.insert(0, pledge)
    return pledge


def asked(campaign: Campaign) -> list[Mail]:
    return campaign.mails("pledge_card_runs_out")


def test_its_holder_is_asked_once_two_weeks_before_the_deadline(campaign: Campaign) -> None:
    pledge = run_out(campaign)
    moment = deadline(campaign) - CARD_ASKED_BEFORE
    campaign.work(moment - SECOND - campaign.clock.now())
    assert asked(campaign) == []
    campaign.work(SECOND)
    [mail] = asked(campaign)
    assert mail.recipient == pledge.email
    assert "Mastercard ending 4444" in mail.body
    assert f"/pledges/{pledge.public_id}?key=" in mail.body
    with unit_of_work() as session:
        session.execute(update(Job).where(Job.kind == CARD_MAIL).values(state=JobState.WAITING))
    campaign.work(timedelta(days=5))
    assert len(asked(campaign)) == 1


def test_a_card_good_for_long_is_not_asked_about(campaign: Campaign) -> None:
    campaign.work(deadline(campaign) - SECOND - campaign.clock.now())
    assert asked(campaign) == []
    waiting = select(func.count()).where(Job.kind == CARD_MAIL)
    assert db.session.scalar(waiting) == 0


def test_a_card_that_was_replaced_is_not_asked_about(campaign: Campaign) -> None:
    pledge = run_out(campaign)
    with unit_of_work() as session:
        start_another_card(session, pledge.id, "I agree.", 2500, actor=TESTER, now=campaign.clock.now())
    campaign.desk.open(pledge)
    campaign.desk.save(pledge, GOOD)
    campaign.desk.sync(pledge)
    campaign.work(deadline(campaign) - SECOND - campaign.clock.now())
    assert asked(campaign) == []


def test_a_card_that_runs_out_as_well_is_asked_about_at_once_where_time_is_short(campaign: Campaign) -> None:
    campaign.work(deadline(campaign) - timedelta(days=2) - campaign.clock.now())
    run_out(campaign)
    assert len(asked(campaign)) == 1


def test_who_withdrew_or_was_erased_is_not_asked(campaign: Campaign) -> None:
    gone, erased = run_out(campaign), run_out(campaign, GOOD)
    with unit_of_work() as session:
        withdraw_pledge(session, gone.id, actor=TESTER, now=campaign.clock.now())
        session.execute(update(Person).where(Person.id == erased.person_id).values(email=None))
    campaign.work(deadline(campaign) - SECOND - campaign.clock.now())
    assert asked(campaign) == []
    parked = select(func.count()).where(Job.state == JobState.PARKED)
    assert db.session.scalar(parked) == 0
