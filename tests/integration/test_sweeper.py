"""What no webhook announced is found by looking; what was never finished is ended."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.jobs import Job, JobState
from crowdfund.payments.rules import SYNC, UNANNOUNCED, CheckoutState
from crowdfund.pledges.rules import SETUP_LIFE, PledgeState
from crowdfund.sandbox.stripe import StandIn
from tests.support.factories import make_project
from tests.support.payments import Desk
from tests.support.totals import totals

SECOND = timedelta(seconds=1)


@pytest.fixture
def desk(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Desk:
    return Desk(app, stripe, make_project(clock.now()))


def test_a_lost_webhook_is_made_good(db_session: Session, desk: Desk, clock: FixedClock) -> None:
    pledge = desk.start()
    desk.open(pledge)
    desk.stripe.set_mode("drop")
    desk.save(pledge)
    desk.work()
    assert desk.reread(pledge).state is PledgeState.SETUP
    clock.forward(UNANNOUNCED + SECOND)
    desk.work()
    assert totals(db_session, desk.project.id) == (2500, 2500, 1, 1)


def test_nobody_is_asked_twice_in_one_slot(db_session: Session, desk: Desk, clock: FixedClock) -> None:
    desk.open(desk.start())
    clock.forward(UNANNOUNCED + SECOND)
    desk.work()
    desk.work()
    looks = select(Job.state).where(Job.kind == SYNC)
    assert list(db_session.scalars(looks)) == [JobState.DONE]
    clock.forward(timedelta(minutes=10))
    desk.work()
    assert list(db_session.scalars(looks)) == [JobState.DONE] * 2


def test_a_look_while_the_provider_is_down_is_taken_later(db_session: Session, desk: Desk, clock: FixedClock) -> None:
    pledge = desk.start()
    desk.open(pledge)
    desk.save(pledge)
    desk.stripe.set_mode("down")
    clock.forward(UNANNOUNCED + SECOND)
    desk.work()
    assert desk.reread(pledge).state is PledgeState.SETUP
    desk.stripe.clear_modes()
    clock.forward(timedelta(minutes=1))
    desk.work()
    assert desk.reread(pledge).state is PledgeState.ACTIVE


def test_a_card_saved_after_the_deadline_makes_no_pledge_and_is_forgotten(
    db_session: Session, desk: Desk, clock: FixedClock
) -> None:
    clock.at = desk.project.deadline - timedelta(minutes=5)
    pledge = desk.start()
    desk.open(pledge)
    clock.at = desk.project.deadline
    desk.save(pledge)
    clock.forward(UNANNOUNCED + SECOND)
    desk.work()
    assert desk.reread(pledge).state is PledgeState.ABANDONED
    assert not desk.card_is_kept(pledge)
    assert totals(db_session, desk.project.id) == (0, 0, 0, 0)


def test_what_was_not_finished_in_a_day_is_ended(db_session: Session, desk: Desk, clock: FixedClock) -> None:
    never_opened, opened = desk.start(), desk.start()
    desk.open(opened)
    clock.forward(SETUP_LIFE)
    fresh = desk.start()
    desk.work()
    assert [desk.reread(p).state.value for p in (never_opened, opened, fresh)] == ["setup"] * 3
    for _ in range(3):
        clock.forward(timedelta(minutes=10))
        desk.work()
    states = [desk.reread(p).state.value for p in (never_opened, opened, fresh)]
    assert states == ["abandoned", "abandoned", "setup"]


def test_a_card_saved_in_the_last_minute_of_the_day_is_not_lost(
    db_session: Session, desk: Desk, clock: FixedClock
) -> None:
    pledge = desk.start()
    clock.forward(timedelta(hours=1))
    desk.open(pledge)
    clock.forward(SETUP_LIFE - timedelta(minutes=1))
    desk.stripe.set_mode("drop")
    desk.save(pledge)
    desk.work()
    assert desk.reread(pledge).state is PledgeState.ACTIVE


def test_a_page_that_ran_out_is_no_longer_looked_at(db_session: Session, desk: Desk, clock: FixedClock) -> None:
    pledge = desk.start()
    desk.open(pledge)
    clock.forward(timedelta(hours=25))
    desk.work()
    assert desk.checkout(pledge).state is CheckoutState.EXPIRED
    clock.forward(timedelta(hours=1))
    before = len(db_session.scalars(select(Job.id).where(Job.kind == SYNC)).all())
    desk.work()
    assert len(db_session.scalars(select(Job.id).where(Job.kind == SYNC)).all()) == before
