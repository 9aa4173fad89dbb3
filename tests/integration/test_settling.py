"""Settling: judged once, on what was really collected, as soon as nothing more can come."""

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.money import pounds
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.checks import breaches
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.overview import read_sums
from crowdfund.settlement.rules import ALERT, ALERT_AFTER, SETTLE, SWEEP
from crowdfund.settlement.sweeping import sweep
from crowdfund.wiring import worker_of
from tests.support.factories import days
from tests.support.people import browser_of, make_officer
from tests.support.settling import FEE, Settling, make_funded, make_settling, make_short


@pytest.fixture
def settling(app: Flask, db_session: Session, clock: FixedClock) -> Settling:
    found = make_settling(app, clock, 50_000, 40_000)
    found.judge()
    return found


def test_the_last_payment_settles_it(settling: Settling) -> None:
    first, second = settling.pledges
    settling.pay(first)
    assert settling.state() is ProjectState.COLLECTING
    assert settling.settlement().settled_at is None
    settling.pay(second)
    assert settling.state() is ProjectState.FUNDED
    settlement = settling.settlement()
    assert (settlement.collected_pence, settlement.settled_at) == (90_000, settling.clock.now())
    assert settling.held() == 90_000
    [mail] = settling.mails("settlement_funded")
    assert mail.recipient == settling.owner.email
    assert "£900" in mail.body
    assert list(breaches(db.session())) == settling.parked() == []


@pytest.mark.parametrize("state", [PledgeState.COLLECTING, PledgeState.FIXING])
def test_it_waits_for_every_pledge(settling: Settling, state: PledgeState) -> None:
    settling.pay(settling.pledges[0])
    with unit_of_work() as session:
        session.execute(update(Pledge).where(Pledge.id == settling.pledges[1].id).values(state=state))
    assert settling.settle() is None
    assert settling.state() is ProjectState.COLLECTING


def test_it_waits_for_a_try_whose_end_is_unknown(settling: Settling) -> None:
    first, second = settling.pledges
    settling.pay(first)
    attempt_id = settling.attempt(second)
    settling.lapse(second)
    assert settling.settle() is None
    assert settling.state() is ProjectState.COLLECTING
    assert attempt_id


@pytest.mark.parametrize(
    ("lapsed", "outcome"),
    [(4_500, ProjectState.FUNDED), (4_501, ProjectState.SHORTFALL)],
)
def test_the_threshold_that_was_shown_decides_to_the_penny(
    app: Flask, db_session: Session, clock: FixedClock, lapsed: int, outcome: ProjectState
) -> None:
    settling = make_settling(app, clock, 90_000 - lapsed, lapsed)
    settling.judge()
    settling.lapse(settling.pledges[1])
    settling.pay(settling.pledges[0])
    assert settling.state() is outcome
    assert read_sums(db.session(), settling.project.id).enough_pence == 85_500


def test_a_project_is_settled_once(settling: Settling) -> None:
    settling.pay(*settling.pledges)
    settling.clock.forward(days(1))
    assert settling.settle() is None
    assert settling.settlement().settled_at != settling.clock.now()
    assert len(settling.mails("settlement_funded")) == 1


def test_a_shortfall_is_told_to_the_group_and_to_the_officers(
    app: Flask, db_session: Session, clock: FixedClock
) -> None:
    short = make_short(app, clock)
    [told] = short.mails("settlement_shortfall")
    assert told.recipient == short.owner.email
    assert all(words in told.body for words in ("£950", "£800", "£855", "1 promise"))
    [task] = short.mails("settlement_officers_shortfall")
    assert task.recipient == app.config["OFFICERS_EMAIL"]
    assert short.address() in task.body
    assert list(breaches(db.session())) == short.parked() == []


def test_nothing_collected_at_all_is_a_shortfall(settling: Settling) -> None:
    settling.lapse(*settling.pledges)
    assert settling.settle() is ProjectState.SHORTFALL
    assert settling.settlement().collected_pence == 0


def test_the_officers_are_alerted_on_the_tenth_day_and_once(settling: Settling) -> None:
    settling.work()
    deadline = settling.project.deadline
    assert deadline is not None
    with unit_of_work() as session:
        session.execute(update(Settlement).values(fix_until=None))
    settling.clock.at = deadline + ALERT_AFTER - days(0.001)
    settling.work()
    assert settling.settlement().alerted_at is None
    settling.work(0.001)
    assert settling.settlement().alerted_at == deadline + ALERT_AFTER
    settling.clock.forward(days(1))
    with unit_of_work() as session:
        sweep(session, settling.clock.now())
    assert len(settling.mails("settlement_officers_overdue")) == 1
    page = settling.browser().get("/officers/settlements?show=overdue", max_queries=12)
    assert settling.project.title in page.text
    assert "Late" in page.text


def test_a_project_that_is_settled_in_time_alerts_nobody(settling: Settling) -> None:
    settling.pay(*settling.pledges)
    settling.clock.at += ALERT_AFTER + days(1)
    settling.work()
    assert settling.mails("settlement_officers_overdue") == []


def test_the_sweep_settles_what_nobody_settled(settling: Settling) -> None:
    first, second = settling.pledges
    settling.pay(first)
    settling.lapse(second)
    assert settling.state() is ProjectState.COLLECTING
    worker_of(settling.app).queue_periodic(settling.clock.now())
    settling.work()
    assert settling.state() is ProjectState.SHORTFALL


def test_the_sweep_judges_a_project_that_was_resumed_too_late(
    app: Flask, db_session: Session, clock: FixedClock
) -> None:
    settling = make_settling(app, clock, 200)
    deadline = settling.project.deadline
    assert deadline is not None
    set_state(settling, ProjectState.PAUSED)
    clock.at = deadline + days(2)
    settling.work()
    with unit_of_work() as session:
        assert sweep(session, clock.now()) == 0
    assert settling.state() is ProjectState.PAUSED
    page = settling.browser().get("/officers/settlements", max_queries=12)
    assert "Paused past its deadline" in page.text
    set_state(settling, ProjectState.LIVE)
    worker_of(app).queue_periodic(clock.now())
    settling.work()
    assert settling.state() is ProjectState.UNSUCCESSFUL


def set_state(settling: Settling, state: ProjectState) -> None:
    with unit_of_work() as session:
        session.execute(update(Project).where(Project.id == settling.project.id).values(state=state))


def test_the_sweep_queues_nothing_where_all_is_well(app: Flask, db_session: Session, clock: FixedClock) -> None:
    funded = make_funded(app, clock)
    with unit_of_work() as session:
        assert sweep(session, clock.now()) == 0
    assert {SETTLE, SWEEP, ALERT} <= set(worker_of(app).handlers)
    assert funded.state() is ProjectState.FUNDED


def test_an_officer_sees_how_it_stands(app: Flask, db_session: Session, clock: FixedClock) -> None:
    short = make_short(app, clock)
    browser = short.browser()
    listed = browser.get("/officers/settlements", max_queries=12)
    assert "£800 collected, too little" in listed.text
    page = browser.get(short.address(), max_queries=12)
    for words in ("£950", "£800", "1 pledge, £150", "£855 (95% of the target)", pounds(2 * FEE)):
        assert words in page.text
    assert "Decide what happens" in page.text
    assert "Decide what happens" not in short.browser(short.finance).get(short.address()).text


def test_an_officer_who_declared_nothing_is_asked_first(app: Flask, db_session: Session, clock: FixedClock) -> None:
    funded = make_funded(app, clock)
    stranger = browser_of(app, make_officer(OfficerRole.PROGRAMME_FINANCE, clock.now()), strong=True)
    reply = stranger.get(funded.address())
    assert reply.status_code == 303
    assert reply.location.endswith(f"/officers/projects/{funded.project.public_id}/interest")
