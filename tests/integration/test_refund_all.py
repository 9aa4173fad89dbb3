"""Everyone is refunded: each to the card that was charged, once, and the page says so only when all of it is back."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole, Right
from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments.models import ChargeAttempt, Refund
from crowdfund.payments.rules import RefundState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.queries import breaches as pledge_breaches
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement import refunding_all
from crowdfund.settlement.checks import breaches
from crowdfund.settlement.deciding import PaidIn, decide_shortfall
from crowdfund.settlement.refunding_all import finish_refunding, return_top_up
from crowdfund.settlement.ring_fence import give_up_waiting, hold_money
from crowdfund.settlement.rules import REFUND_ALL, ShortfallChoice
from crowdfund.settlement.settling import settle
from tests.support.acting import By
from tests.support.campaign import Campaign, make_campaign
from tests.support.factories import TESTER, days
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import declare

DECLINED = "4000000000000341"
FAILS_LATER = "4000000000005126"
PENDING = "4000000000007726"
WHY = "The field was sold."


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    return make_campaign(app, stripe, clock)


@pytest.fixture
def approver(campaign: Campaign) -> Person:
    return make_officer(OfficerRole.PROGRAMME_APPROVER, campaign.clock.now(), name="Dee Approver")


def by(campaign: Campaign, person: Person, *rights: Right) -> dict[str, Any]:
    return {"actor": By(person, *(rights or tuple(Right))), "now": campaign.clock.now()}


def fall_short(campaign: Campaign, *paying: int, **cards: str) -> list[Pledge]:
    """Charge these pledges and let another one lapse, so that too little is collected; return those who paid."""
    paid = [campaign.back(pence, cards.get(f"card{n}", "4242424242424242")) for n, pence in enumerate(paying)]
    lapsing = campaign.back(90_000, DECLINED)
    campaign.end()
    who: dict[str, Any] = {"actor": TESTER, "now": campaign.clock.now()}
    with unit_of_work() as session:
        project, pledge = lock_with_project(session, lapsing.id)
        move_pledge(session, project, pledge, PledgeState.LAPSED, "not paid in time", **who)
    with unit_of_work() as session:
        settle(session, campaign.project.id, now=campaign.clock.now())
    assert campaign.reread().state is ProjectState.SHORTFALL
    return paid


def decide(campaign: Campaign, approver: Person, choice: ShortfallChoice, **evidence: Any) -> None:
    with unit_of_work() as session:
        decide_shortfall(session, campaign.project.id, choice, WHY, **evidence, **by(campaign, approver))


def refund_everyone(campaign: Campaign, approver: Person) -> None:
    decide(campaign, approver, ShortfallChoice.REFUND_ALL)
    campaign.work()


def refunded_there(campaign: Campaign) -> list[int]:
    attempts = {attempt.charge_ref for pledge in campaign.pledges for attempt in campaign.attempts(pledge)}
    with campaign.stripe.work() as context:
        refunds = context.store.select("refund")
    return sorted(refund["amount"] for refund in refunds if refund["charge"] in attempts)


def hold_everything() -> None:
    db.session.expire_all()
    found = [*breaches(db.session()), *ledger_breaches(db.session()), *pledge_breaches(db.session())]
    failed = db.session.scalars(select(Job.last_error).where(Job.state == JobState.PARKED)).all()
    assert (found, failed) == ([], [])


def test_everyone_gets_exactly_what_they_paid(campaign: Campaign, approver: Person) -> None:
    owner = make_member(campaign.project.group_id, MemberRole.OWNER, campaign.clock.now())
    paid = fall_short(campaign, 50_000, 20_001)
    fees = 70_001 - campaign.at_provider()
    refund_everyone(campaign, approver)
    assert campaign.reread().state is ProjectState.REFUNDED
    assert refunded_there(campaign) == [20_001, 50_000]
    assert {campaign.state(pledge) for pledge in paid} == {PledgeState.REFUNDED}
    assert (campaign.held(), campaign.pledged(), campaign.at_provider()) == (0, 0, -fees)
    told = campaign.mails("settlement_refund")
    assert {mail.recipient for mail in told} == {pledge.email for pledge in paid}
    assert any("£200.01" in mail.body and "ending 4242" in mail.body for mail in told)
    for template in ("settlement_refunding", "settlement_refunded"):
        assert [mail.recipient for mail in campaign.mails(template)] == [owner.email]
    assert WHY in campaign.mails("settlement_refunding")[0].body
    hold_everything()


def test_a_crowd_is_refunded_batch_by_batch_though_a_batch_runs_twice(
    campaign: Campaign, approver: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refunding_all, "BATCH", 2)
    paid = fall_short(campaign, 1000, 2000, 3000, 4000, 5000)
    decide(campaign, approver, ShortfallChoice.REFUND_ALL)
    again = update(Job).where(Job.kind == REFUND_ALL).values(state=JobState.WAITING, leased_until=None)
    for _ in range(3):  # as after workers that died before they could say that a batch was done
        campaign.work()
        with unit_of_work() as session:
            session.execute(again)
    campaign.work()
    assert refunded_there(campaign) == [1000, 2000, 3000, 4000, 5000]
    assert {campaign.state(pledge) for pledge in paid} == {PledgeState.REFUNDED}
    assert campaign.reread().state is ProjectState.REFUNDED
    assert len(campaign.mails("settlement_refund")) == 5
    hold_everything()


def test_a_batch_that_was_lost_is_taken_up_by_the_sweep(campaign: Campaign, approver: Person) -> None:
    [pledge] = fall_short(campaign, 50_000)
    decide(campaign, approver, ShortfallChoice.REFUND_ALL)
    with unit_of_work() as session:
        session.execute(update(Job).where(Job.kind == REFUND_ALL).values(state=JobState.DONE))
    campaign.work()
    assert campaign.state(pledge) is PledgeState.PAID
    campaign.sweep()
    assert campaign.reread().state is ProjectState.REFUNDED
    assert refunded_there(campaign) == [50_000]
    hold_everything()


def test_nothing_collected_means_nothing_to_give_back(campaign: Campaign, approver: Person) -> None:
    fall_short(campaign)
    refund_everyone(campaign, approver)
    assert campaign.reread().state is ProjectState.REFUNDED
    assert refunded_there(campaign) == []
    hold_everything()


def test_a_refund_that_the_bank_has_not_taken_yet_is_waited_for(campaign: Campaign, approver: Person) -> None:
    fall_short(campaign, 50_000, 1000, card1=PENDING)
    decide(campaign, approver, ShortfallChoice.REFUND_ALL)
    with unit_of_work() as session:
        assert not finish_refunding(session, campaign.project.id, now=campaign.clock.now())
    campaign.work()
    assert refunded_there(campaign) == [1000, 50_000]
    assert campaign.reread().state in {ProjectState.REFUNDING, ProjectState.REFUNDED}
    hold_everything()


def test_a_refund_that_failed_is_left_to_finance_and_never_asked_again(campaign: Campaign, approver: Person) -> None:
    fall_short(campaign, 50_000)
    decide(campaign, approver, ShortfallChoice.REFUND_ALL)
    now, project_id = campaign.clock.now(), campaign.project.id
    with unit_of_work() as session:
        assert refunding_all.refund_some(session, project_id, 0, now, link_to=lambda pledge: pledge.public_id) == 1
        session.execute(
            update(Refund).values(state=RefundState.FAILED, failure="expired_or_canceled_card", ended_at=now)
        )
        session.execute(update(ChargeAttempt).values(refunded_pence=0))
    for _ in range(3):
        campaign.clock.forward(days(1))
        campaign.sweep()
    assert campaign.reread().state is ProjectState.REFUNDING
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 1
    assert (campaign.held(), len(campaign.mails("settlement_refund"))) == (50_000, 1)
    declare(approver, campaign.project, campaign.clock, has_interest=False)
    page = browser_of(campaign.app, approver, strong=True).get(f"/officers/settlements/{campaign.project.public_id}")
    assert "1 payment of £500 in all: the refund is on its way or failed" in page.text


def test_what_a_bank_sends_back_later_is_owed_and_shown(campaign: Campaign, approver: Person) -> None:
    fall_short(campaign, 50_000, 1000, card1=FAILS_LATER)
    refund_everyone(campaign, approver)
    for _ in range(3):
        campaign.clock.forward(days(1))
        campaign.sweep()
    assert campaign.reread().state in {ProjectState.REFUNDING, ProjectState.REFUNDED}
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 2
    owed = balance_pence(db.session(), AccountKind.OWED_BACK, campaign.project.id)
    assert owed + campaign.held() == 1000
    declare(approver, campaign.project, campaign.clock, has_interest=False)
    page = browser_of(campaign.app, approver, strong=True).get(f"/officers/settlements/{campaign.project.public_id}")
    assert "What is not back yet" in page.text
    assert "£10 " in page.text
    hold_everything()


def topped_up_and_refunding(campaign: Campaign, approver: Person) -> None:
    fall_short(campaign, 50_000)
    decide(campaign, approver, ShortfallChoice.TOP_UP, paid_in=PaidIn("A funder", "IN 1"))
    review_on = (campaign.clock.now() + days(30)).astimezone(LONDON).date()
    with unit_of_work() as session:
        about = by(campaign, approver)
        hold_money(session, campaign.project.id, "Planning permission", review_on, WHY, **about)
        give_up_waiting(session, campaign.project.id, WHY, **about)
    campaign.work()


def test_a_funders_top_up_goes_back_to_the_funder(campaign: Campaign, approver: Person) -> None:
    topped_up_and_refunding(campaign, approver)
    assert refunded_there(campaign) == [50_000]
    assert (campaign.reread().state, campaign.held()) == (ProjectState.REFUNDING, 40_000)
    finance = make_officer(OfficerRole.PROGRAMME_FINANCE, campaign.clock.now())
    declare(finance, campaign.project, campaign.clock, has_interest=False)
    browser = browser_of(campaign.app, finance, strong=True)
    shown = browser.get(f"/officers/settlements/{campaign.project.public_id}", max_queries=12)
    assert "£400 that a funder paid on top" in shown.text
    page = browser.get(f"/officers/settlements/{campaign.project.public_id}/top-up-back", max_queries=12)
    assert browser.submit(page, bank_reference="").status_code == 422
    assert browser.submit(page, bank_reference="OUT 1").status_code == 303
    assert campaign.reread().state is ProjectState.REFUNDED
    assert (campaign.held(), balance_pence(db.session(), AccountKind.BANK, PROGRAMME)) == (0, 0)
    assert browser.submit(page, bank_reference="OUT 1").status_code == 422
    hold_everything()


def test_only_finance_pays_a_top_up_back_and_only_while_refunding(campaign: Campaign, approver: Person) -> None:
    topped_up_and_refunding(campaign, approver)
    with pytest.raises(Forbidden), unit_of_work() as session:
        return_top_up(session, campaign.project.id, "x", **by(campaign, approver, Right.SETTLE_PROJECTS))
    with pytest.raises(Refused) as refused, unit_of_work() as session:
        return_top_up(session, campaign.project.id, " ", **by(campaign, approver))
    assert refused.value.code == "no_bank_reference"
    assert campaign.held() == 40_000


def test_money_collected_offline_comes_with_a_word_about_whose_it_is(campaign: Campaign, approver: Person) -> None:
    pledge = campaign.back(50_000)
    with unit_of_work() as session:
        session.execute(update(Pledge).where(Pledge.id == pledge.id).values(collected="Cake sale, 3 May"))
    fall_short(campaign, 1000)
    refund_everyone(campaign, approver)
    bodies = [mail.body for mail in campaign.mails("settlement_refund")]
    assert sum("Cake sale, 3 May" in body and "give it back to the people" in body for body in bodies) == 1
    assert len(bodies) == 2
