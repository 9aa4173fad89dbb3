"""A project is cancelled before its deadline: every pledge ends, nobody is charged, everyone is told."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.roles import MemberRole
from crowdfund.core import clock as clocks
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.notifications.models import Mail
from crowdfund.payments.models import ChargeAttempt
from crowdfund.pledges.jobs import card_saved
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import breaches
from crowdfund.pledges.releasing import cancel_for_group
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.checks import breaches as settlement_breaches
from crowdfund.settlement.models import Verdict
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.factories import TESTER, make_pledge, save_card, start
from tests.support.journey import Journey
from tests.support.people import make_member
from tests.support.running import Running, declare, make_running
from tests.support.totals import totals

WHY = "Our landlord sold the field."


@pytest.fixture
def running(app: Flask, clock: FixedClock) -> Running:
    """A launched project with its people."""
    return make_running(app, clock)


def cancel(running: Running, browser: HouseClient, address: str, reason: str = WHY) -> int:
    page = browser.get(address, max_queries=12)
    return browser.submit(page, button="Cancel the project for good", reason=reason).status_code


def by_group(running: Running) -> int:
    return cancel(running, running.browser(running.owner), running.address("cancel"))


def by_officer(running: Running) -> int:
    return cancel(running, running.browser(running.officer), running.desk("cancel"))


@pytest.mark.parametrize(("who", "said"), [(by_group, "by the group"), (by_officer, "by the council")])
def test_everyone_is_told_and_nobody_is_charged(running: Running, who: Callable[[Running], int], said: str) -> None:
    with running.app.app_context():
        pledges = [make_pledge(running.project, running.clock.now()) for _ in range(3)]
    assert who(running) == 303
    assert running.state() is ProjectState.CANCELLED
    mails = running.mails("pledge_released_cancelled")
    assert len({mail.recipient for mail in mails}) == len(mails) == 3
    for mail in mails:
        assert "You were not charged" in mail.body
        assert WHY in mail.body
    told = running.mails("project_cancelled")
    assert {mail.recipient for mail in told} == {p.email for p in (running.owner, running.writer, running.reader)}
    assert all(said in mail.body and WHY in mail.body for mail in told)
    with running.app.app_context():
        states = list(db.session.scalars(select(Pledge.state).where(Pledge.id.in_([p.id for p in pledges]))))
        assert states == [PledgeState.RELEASED] * 3
        assert totals(db.session(), running.project.id) == (0, 0, 0, 0)
        assert list(ledger_breaches(db.session())) == list(breaches(db.session())) == []


def test_the_page_repeats_what_ends(running: Running) -> None:
    with running.app.app_context():
        for _ in range(2):
            make_pledge(running.project, running.clock.now(), 1250)
    for person, address in ((running.owner, running.address("cancel")), (running.officer, running.desk("cancel"))):
        assert "2 pledges of £25 in all will end" in running.browser(person).get(address).text


def test_a_reason_is_needed(running: Running) -> None:
    for person, address in ((running.owner, running.address("cancel")), (running.officer, running.desk("cancel"))):
        assert cancel(running, running.browser(person), address, reason="") == 422
    assert running.state() is ProjectState.LIVE


def test_the_page_stays_up_and_says_so(running: Running) -> None:
    by_group(running)
    running.mails("project_cancelled")
    page = running.app.test_client().get(f"/projects/{running.project.slug}")
    assert "Cancelled: nobody was charged" in page.text
    assert "Back this project" not in page.text
    assert "Your project was cancelled" in running.browser(running.owner).get(running.address("dashboard")).text


def test_after_the_deadline_it_is_too_late(running: Running) -> None:
    running.clock.at = running.project.deadline - timedelta(microseconds=1)
    browser = running.browser(running.owner)
    page = browser.get(running.address("cancel"))
    running.clock.at = running.project.deadline
    assert browser.submit(page, reason=WHY).status_code == 422
    assert "It cannot be cancelled" in browser.get(running.address("cancel")).text
    assert running.state() is ProjectState.LIVE


def test_a_second_time_is_refused(running: Running) -> None:
    browser = running.browser(running.owner)
    page = browser.get(running.address("cancel"))
    assert browser.submit(page, reason=WHY).status_code == 303
    assert browser.submit(page, reason=WHY).status_code == 422
    assert len(running.mails("project_cancelled")) == 3


def test_a_paused_project_can_be_cancelled(running: Running) -> None:
    browser = running.browser(running.officer)
    browser.submit(browser.get(running.desk("pause")), reason="A question came up.")
    assert by_group(running) == 303
    assert running.state() is ProjectState.CANCELLED


def paused_past_the_deadline(running: Running) -> list[Pledge]:
    with running.app.app_context():
        pledges = [make_pledge(running.project, running.clock.now(), 90_000) for _ in range(2)]
    browser = running.browser(running.officer)
    browser.submit(browser.get(running.desk("pause")), reason="A question came up.")
    assert running.project.deadline is not None
    travel(running, running.project.deadline + timedelta(days=2))
    assert running.state() is ProjectState.PAUSED
    return pledges


def travel(running: Running, to: datetime) -> None:
    """Move the clock as the demonstration does, and let the service look after itself there."""
    with running.app.app_context():
        worker = worker_of(running.app)
        worker.drain(to)
        running.clock.at = to
        worker.queue_periodic(to)
        worker.drain()
        db.session.remove()


def test_an_officer_cancels_what_is_paused_past_its_deadline_and_everyone_is_released(running: Running) -> None:
    pledges = paused_past_the_deadline(running)
    page = running.browser(running.officer).get(running.desk("cancel"), max_queries=12).text
    assert "while it was paused, so it was not judged" in page
    assert "Pause it instead" not in page
    assert by_officer(running) == 303
    assert running.state() is ProjectState.CANCELLED
    travel(running, running.clock.now() + timedelta(days=30))
    assert running.state() is ProjectState.CANCELLED
    mails = running.mails("pledge_released_cancelled")
    assert len(mails) == 2
    assert all("You were not charged" in mail.body and "before its deadline" not in mail.body for mail in mails)
    assert len(running.mails("project_cancelled")) == 3
    with running.app.app_context():
        states = list(db.session.scalars(select(Pledge.state).where(Pledge.id.in_([p.id for p in pledges]))))
        assert states == [PledgeState.RELEASED] * 2
        assert db.session.scalars(select(ChargeAttempt)).all() == []
        assert db.session.scalars(select(Verdict)).all() == []
        assert totals(db.session(), running.project.id) == (0, 0, 0, 0)
        assert [*breaches(db.session()), *settlement_breaches(db.session())] == []


def test_the_group_waits_for_an_officer_once_the_deadline_has_passed(running: Running) -> None:
    paused_past_the_deadline(running)
    owner = running.browser(running.owner)
    assert "Your deadline passed while the project was paused" in owner.get(running.address("dashboard")).text
    assert "It cannot be cancelled" in owner.get(running.address("cancel")).text


def test_it_waits_on_the_desk_and_says_so_to_everyone(running: Running) -> None:
    paused_past_the_deadline(running)
    desk = running.browser(running.officer)
    listed = desk.get("/officers/?show=late").text
    assert listed.partition('show=late">')[2].partition("<strong>")[2].startswith("1<")
    assert running.project.title in listed
    assert running.project.title not in desk.get("/officers/").text
    resumed = desk.get(running.desk("resume"), max_queries=12).text
    assert "it is judged by its 2 pledges of £1,800 in all" in resumed
    visitor = running.app.test_client()
    page = visitor.get(f"/projects/{running.project.slug}").text
    assert "Its deadline passed while the council was looking into something" in page
    assert "The deadline stays" not in page
    assert "Pledging for" in visitor.get(f"/projects/{running.project.slug}/pledge").text


def test_resumed_past_its_deadline_it_is_judged_at_once_and_the_group_hears_so(running: Running) -> None:
    paused_past_the_deadline(running)
    desk = running.browser(running.officer)
    page = desk.get(running.desk("resume"))
    assert desk.submit(page, reason="All is well.").status_code == 303
    [mail, *_] = running.mails("project_resumed")
    assert "judged now" in mail.subject
    assert "people can pledge" not in mail.body
    with running.app.app_context():
        verdict = db.session.scalars(select(Verdict)).one()
        assert (verdict.reached, verdict.at) == (True, running.clock.now())
    assert running.state() not in {ProjectState.LIVE, ProjectState.PAUSED}


def test_before_its_deadline_nothing_waits_on_the_desk(running: Running) -> None:
    browser = running.browser(running.officer)
    browser.submit(browser.get(running.desk("pause")), reason="A question came up.")
    listed = browser.get("/officers/?show=late").text
    assert listed.partition('show=late">')[2].partition("<strong>")[2].startswith("0<")
    assert "Pause it instead" not in browser.get(running.desk("cancel")).text


def test_an_officer_stands_apart_from_the_group(running: Running) -> None:
    address, browser = running.desk("cancel"), running.browser(running.officer)
    with running.app.app_context():
        declare(running.officer, running.project, running.clock, has_interest=True)
    assert browser.get(address).status_code == 403
    with running.app.app_context():
        declare(running.officer, running.project, running.clock, has_interest=False)
        email = running.officer.email
    page = browser.get(address)
    with running.app.app_context():
        make_member(running.project.group_id, MemberRole.READER, running.clock.now(), email=email)
    assert browser.get(address).status_code == 403
    assert browser.submit(page, reason=WHY).status_code == 403
    assert running.state() is ProjectState.LIVE


def test_a_pledge_in_set_up_ends_too(running: Running) -> None:
    with running.app.app_context():
        waiting = start(running.project, running.clock.now())
        late = start(running.project, running.clock.now())
        with unit_of_work() as session:
            checkout = save_card(session, late, running.clock.now())
    by_group(running)
    # The card of the second one is saved after the cancelling and before the worker came round.
    with running.app.app_context():
        card_saved(late.id, checkout.id, running.clock.now())
    assert len(running.mails("pledge_not_made")) == 2
    with running.app.app_context():
        for pledge in (waiting, late):
            assert db.session.get_one(Pledge, pledge.id).state is PledgeState.ABANDONED
        assert totals(db.session(), running.project.id) == (0, 0, 0, 0)


def test_the_backer_s_page_says_that_nothing_is_charged(journey: Journey) -> None:
    journey.pledge()
    address = f"/pledges/{journey.newest_pledge().public_id}"
    with journey.app.app_context(), unit_of_work() as session:
        cancel_for_group(session, journey.project.id, WHY, actor=TESTER, now=clocks.now())
    before = journey.client.get(address)
    assert "was cancelled. You are not charged" in before.text
    assert "Withdraw" not in before.text
    assert not journey.card_is_kept()
    after = journey.client.get(address)
    assert "Released: you were not charged" in after.text
    assert "The project was cancelled. Nothing was charged" in after.text
    assert "None kept" in after.text


def test_pledges_that_stay_an_hour_are_a_breach(running: Running) -> None:
    with running.app.app_context():
        make_pledge(running.project, running.clock.now())
    by_group(running)
    running.clock.forward(timedelta(minutes=59))
    with running.app.app_context():
        assert list(breaches(db.session())) == []
    running.clock.forward(timedelta(minutes=2))
    with running.app.app_context():
        [told] = breaches(db.session())
    assert f"project {running.project.id} was cancelled over an hour ago and still has 1 pledges" in told
    running.mails("pledge_released_cancelled")
    with running.app.app_context():
        assert list(breaches(db.session())) == []
        assert db.session.scalars(select(Mail.id).where(Mail.template == "pledge_released_cancelled")).all()
