"""Money that waits for a permission: nothing leaves, everyone knows until when, and the clock keeps the promise."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.ledger import postings
from crowdfund.ledger.postings import Posting
from crowdfund.payments.models import Refund
from crowdfund.projects.fields import typed_day
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.checks import breaches
from crowdfund.settlement.paying import ProjectPayouts
from crowdfund.settlement.ring_fence import free_money, give_up_waiting, hold_money, review_moment
from crowdfund.settlement.sweeping import sweep
from tests.support.factories import TESTER, days
from tests.support.settling import Settling, make_funded, make_short

PERMISSION = "Planning permission from the borough council"
WHY = "The application is with the borough."
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def funded(app: Flask, db_session: Session, clock: FixedClock) -> Settling:
    return make_funded(app, clock)


def today(funded: Settling) -> date:
    return funded.clock.now().astimezone(LONDON).date()


def hold(funded: Settling, in_days: int = 60, waits_for: str = PERMISSION, reason: str = WHY) -> datetime:
    review_on = today(funded) + timedelta(days=in_days)
    with unit_of_work() as session:
        hold_money(session, funded.project.id, waits_for, review_on, reason, **funded.by(funded.approver))
    return review_moment(review_on)


def free(funded: Settling, reason: str = "I have seen it.") -> None:
    with unit_of_work() as session:
        free_money(session, funded.project.id, reason, **funded.by(funded.approver))


def go_to(funded: Settling, moment: datetime) -> None:
    funded.work((moment - funded.clock.now()) / timedelta(days=1))


def test_held_money_cannot_be_paid_out_and_everyone_is_told(funded: Settling) -> None:
    moment = hold(funded)
    assert funded.state() is ProjectState.RING_FENCED
    assert "waits for a permission" in ProjectPayouts().payable(db.session(), funded.project.id).refusal
    settlement = funded.settlement()
    assert (settlement.waits_for, settlement.review_on) == (PERMISSION, moment.date())
    [mail] = funded.mails("settlement_ring_fenced")
    assert mail.recipient == funded.owner.email
    assert all(words in mail.body for words in (PERMISSION, WHY, "5pm"))
    told = funded.mails("settlement_waits")
    assert len(told) == 2
    assert all(PERMISSION in one.body and "refunded without asking" in one.body for one in told)
    assert list(breaches(db.session())) == funded.parked() == []


def test_freed_in_time_it_is_the_groups(funded: Settling) -> None:
    moment = hold(funded)
    go_to(funded, moment - MOMENT)
    free(funded)
    assert funded.state() is ProjectState.DELIVERING
    assert ProjectPayouts().payable(db.session(), funded.project.id).refusal == ""
    assert (funded.settlement().waits_for, funded.settlement().review_on) == (None, None)
    assert len(funded.mails("settlement_freed")) == 1
    funded.work(30)
    assert funded.state() is ProjectState.DELIVERING
    assert list(breaches(db.session())) == funded.parked() == []


def test_on_the_review_date_everyone_is_refunded_by_the_clock(funded: Settling) -> None:
    moment = hold(funded)
    go_to(funded, moment - MOMENT)
    assert funded.state() is ProjectState.RING_FENCED
    funded.clock.at = moment
    with pytest.raises(Refused) as refused:
        free(funded)
    assert refused.value.code == "too_late"
    with pytest.raises(Refused):
        hold(funded, 30)
    with unit_of_work() as session:
        assert sweep(session, moment) == 1
    funded.work()
    assert funded.state() in {ProjectState.REFUNDING, ProjectState.REFUNDED}
    [mail] = funded.mails("settlement_refunding")
    assert PERMISSION in mail.body


def test_officers_and_group_are_reminded_a_fortnight_before(funded: Settling) -> None:
    moment = hold(funded)
    go_to(funded, moment - days(14) - MOMENT)
    assert funded.mails("settlement_review_soon") == []
    go_to(funded, moment - days(14))
    assert [mail.recipient for mail in funded.mails("settlement_review_soon")] == [funded.owner.email]
    [task] = funded.mails("settlement_officers_review")
    assert PERMISSION in task.body
    assert task.recipient == funded.app.config["OFFICERS_EMAIL"]


def test_a_later_date_replaces_the_first_and_is_told_again(funded: Settling) -> None:
    first = hold(funded, 30)
    funded.clock.forward(timedelta(minutes=1))
    later = hold(funded, 90, reason="The borough asked for one more drawing.")
    go_to(funded, first + days(1))
    assert funded.state() is ProjectState.RING_FENCED
    assert funded.mails("settlement_review_soon") == []
    assert len(funded.mails("settlement_ring_fenced")) == 2
    assert len(funded.mails("settlement_waits")) == 4
    go_to(funded, later)
    assert funded.state() in {ProjectState.REFUNDING, ProjectState.REFUNDED}


def test_an_approver_gives_up_waiting_early(funded: Settling) -> None:
    hold(funded)
    with unit_of_work() as session:
        give_up_waiting(session, funded.project.id, "Permission was refused.", **funded.by(funded.approver))
    assert funded.state() is ProjectState.REFUNDING
    outcomes = db.session.scalars(select(Decision.outcome).order_by(Decision.id)).all()
    assert outcomes == ["money_waits", "refund_all"]


@pytest.mark.parametrize(
    ("in_days", "waits_for", "reason", "code"),
    [
        (0, PERMISSION, WHY, "odd_day"),
        (-1, PERMISSION, WHY, "odd_day"),
        (367, PERMISSION, WHY, "odd_day"),
        (30, " ", WHY, "no_waits_for"),
        (30, PERMISSION, "", "no_reason"),
    ],
)
def test_it_needs_a_reason_and_a_day_that_comes(
    funded: Settling, in_days: int, waits_for: str, reason: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        hold(funded, in_days, waits_for, reason)
    assert refused.value.code == code
    assert funded.state() is ProjectState.FUNDED
    assert db.session.scalar(select(func.count()).select_from(Decision)) == 0


def test_money_that_is_with_the_bank_cannot_be_held_any_more(funded: Settling) -> None:
    with unit_of_work() as session:
        postings.send_payout(Posting(session, "a payout", TESTER, funded.clock.now()), funded.project.id, 1000)
    with pytest.raises(Refused) as refused:
        hold(funded)
    assert refused.value.code == "on_its_way"


def test_only_a_funded_project_waits(app: Flask, db_session: Session, clock: FixedClock) -> None:
    with pytest.raises(Refused) as refused:
        hold(make_short(app, clock))
    assert refused.value.code == "not_funded"


def test_what_waits_for_nothing_is_not_freed(funded: Settling) -> None:
    for act in (free_money, give_up_waiting):
        with pytest.raises(Refused) as refused, unit_of_work() as session:
            act(session, funded.project.id, "x", **funded.by(funded.approver))
        assert refused.value.code == "not_waiting"
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 0


def test_holding_and_freeing_by_page(funded: Settling) -> None:
    browser = funded.browser()
    page = browser.get(funded.address("hold"), max_queries=12)
    typed: dict[str, Any] = {"waits_for": PERMISSION, "review_on": "soon", "reason": WHY}
    wrong = browser.submit(page, **typed)
    assert wrong.status_code == 422
    assert all(words in wrong.text for words in ("soon", PERMISSION, WHY))
    typed["review_on"] = typed_day(today(funded) + timedelta(days=60))
    shown = browser.follow(browser.submit(page, **typed))
    assert all(words in shown.text for words in (PERMISSION, "Set another day", "It is there: free the money"))
    assert PERMISSION in browser.get("/officers/settlements", max_queries=12).text
    again = browser.get(funded.address("hold"))
    assert typed["review_on"] in again.text
    freeing = browser.get(funded.address("free"), max_queries=12)
    assert PERMISSION in freeing.text
    assert browser.submit(freeing, reason="").status_code == 422
    assert browser.submit(freeing, reason="I have seen the letter.").status_code == 303
    assert funded.state() is ProjectState.DELIVERING
    assert "£900" in browser.get("/officers/settlements?show=settled").text


def test_refunding_everyone_by_page(funded: Settling) -> None:
    hold(funded)
    browser = funded.browser()
    page = browser.get(funded.address("refund-all"), max_queries=12)
    assert "2 payments go back, £900 in all" in page.text
    assert browser.submit(page, reason="Permission was refused.").status_code == 303
    assert funded.state() is ProjectState.REFUNDING
    shown = browser.get(funded.address(), max_queries=12)
    assert "2 payments of £900 in all" in shown.text
