"""Three days before the charge every backer hears how much, from which card, when, and how to change or end it."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.actions import withdraw_pledge
from crowdfund.projects.models import Project
from crowdfund.projects.rules import NOTICE, NOTICE_BEFORE, ProjectState
from crowdfund.settlement import notices
from tests.support.factories import TESTER, make_pledge, start
from tests.support.settling import Settling, make_settling

MOMENT = timedelta(microseconds=1)


@pytest.fixture
def settling(app: Flask, db_session: Session, clock: FixedClock) -> Settling:
    return make_settling(app, clock, 2500, 4000)


def deadline(settling: Settling) -> datetime:
    assert settling.project.deadline is not None
    return settling.project.deadline


def go_to(settling: Settling, moment: datetime) -> None:
    settling.work((moment - settling.clock.now()) / timedelta(days=1))


def recipients(settling: Settling) -> list[str]:
    return [mail.recipient for mail in settling.mails("settlement_notice")]


def test_everybody_is_told_what_when_and_how_to_leave(settling: Settling) -> None:
    go_to(settling, deadline(settling) - NOTICE_BEFORE - MOMENT)
    assert recipients(settling) == []
    go_to(settling, deadline(settling) - NOTICE_BEFORE)
    told = settling.mails("settlement_notice")
    assert {mail.recipient for mail in told} == {pledge.email for pledge in settling.pledges}
    first, pledge = told[0], settling.pledges[0]
    assert "£25" in first.subject
    for words in ("Amount: £25", "Visa ending 4242", "5pm", pledge.reference, "take it back", "If it has not"):
        assert words in first.body
    assert f"/pledges/{pledge.public_id}?key=" in first.body
    assert "runs out" not in first.body
    assert "paused" not in first.body
    assert settling.parked() == []


def test_the_link_opens_the_pledge_and_offers_to_end_it(settling: Settling) -> None:
    go_to(settling, deadline(settling) - NOTICE_BEFORE)
    [body, *_] = [mail.body for mail in settling.mails("settlement_notice")]
    link = next(line for line in body.splitlines() if "?key=" in line)
    visitor = settling.app.test_client()
    page = visitor.get(link.removeprefix("http://localhost"))
    opened = visitor.follow(visitor.submit(page))
    assert "/withdraw" in opened.text
    assert "/amount" in opened.text


def test_only_pledges_that_count_are_told(settling: Settling) -> None:
    with unit_of_work() as session:
        withdraw_pledge(session, settling.pledges[0].id, actor=TESTER, now=settling.clock.now())
    start(settling.project, settling.clock.now(), 700)
    go_to(settling, deadline(settling) - NOTICE_BEFORE)
    assert recipients(settling) == [settling.pledges[1].email]


def test_a_crowd_is_told_batch_by_batch_and_each_once(settling: Settling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "BATCH", 2)
    settling.promise(*[500] * 5)
    go_to(settling, deadline(settling) - NOTICE_BEFORE)
    assert sorted(recipients(settling)) == sorted(str(pledge.email) for pledge in settling.pledges)
    with unit_of_work() as session:  # as after a worker that died before it could say that it was done
        session.execute(update(Job).where(Job.kind == NOTICE).values(state=JobState.WAITING))
    settling.work()
    assert len(recipients(settling)) == 7


def test_a_card_that_runs_out_before_it_is_needed_is_pointed_out(settling: Settling) -> None:
    needed = deadline(settling)
    with unit_of_work() as session:
        runs_out = {"card_exp_month": needed.month, "card_exp_year": needed.year}
        session.execute(update(CardCheckout).values(**runs_out))
        before = needed.replace(day=1) - timedelta(days=1)
        first = CardCheckout.subject == settling.pledges[0].subject
        earlier = {"card_exp_month": before.month, "card_exp_year": before.year}
        session.execute(update(CardCheckout).where(first).values(**earlier))
    go_to(settling, needed - NOTICE_BEFORE)
    told = {mail.recipient: mail.body for mail in settling.mails("settlement_notice")}
    assert "This card runs out soon" in told[str(settling.pledges[0].email)]
    assert "This card runs out soon" not in told[str(settling.pledges[1].email)]


def test_a_paused_project_says_so(settling: Settling) -> None:
    set_state(settling, ProjectState.PAUSED)
    go_to(settling, deadline(settling) - NOTICE_BEFORE)
    told = settling.mails("settlement_notice")
    assert len(told) == 2
    assert all("Nothing is charged while it is paused" in mail.body for mail in told)


def test_a_cancelled_project_frightens_nobody(settling: Settling) -> None:
    set_state(settling, ProjectState.CANCELLED)
    go_to(settling, deadline(settling) - NOTICE_BEFORE)
    assert recipients(settling) == []
    assert settling.mails("settlement_notice_group") == []


def test_after_the_deadline_it_is_too_late_for_a_notice(settling: Settling) -> None:
    settling.clock.at = deadline(settling)
    settling.work()
    assert recipients(settling) == []


@pytest.mark.parametrize(("more", "words"), [(0, "£835 are missing"), (83_500, "Your target is reached as it stands")])
def test_the_group_hears_how_it_stands(settling: Settling, more: int, words: str) -> None:
    if more:
        make_pledge(settling.project, settling.clock.now(), more)
    go_to(settling, deadline(settling) - NOTICE_BEFORE)
    [mail] = settling.mails("settlement_notice_group")
    assert mail.recipient == settling.owner.email
    assert words in mail.body
    assert f"{3 if more else 2} backers" in mail.body


def set_state(settling: Settling, state: ProjectState) -> None:
    with unit_of_work() as session:
        session.execute(update(Project).where(Project.id == settling.project.id).values(state=state))
    assert db.session.scalars(select(Mail.id).where(Mail.template == "settlement_notice")).all() == []
