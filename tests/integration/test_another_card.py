"""Another card for a pledge that counts: taken before the deadline, never after it, and the one before is forgotten."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Consent, ConsentKind, ConsentText
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Conflict, Forbidden
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.checkouts import record_result
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import FORGET_CARD, CheckoutState
from crowdfund.pledges.actions import change_amount, withdraw_pledge
from crowdfund.pledges.another_card import start_another_card
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.releasing import cancel_as_officer
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.verdict import write_verdict
from tests.support.campaign import GOOD, Campaign, make_campaign
from tests.support.factories import LIMITS, TESTER, start
from tests.support.threads import failures, together

OTHER = "5555555555554444"
SECOND = timedelta(seconds=1)


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    """A project that one pledge of £950 alone takes to its target."""
    found = make_campaign(app, stripe, clock)
    found.back(95_000)
    found.work()
    return found


def begin(campaign: Campaign, wording: str = "I agree to £950.", pence: int = 95_000) -> CardCheckout:
    pledge = campaign.pledges[0]
    with unit_of_work() as session:
        return start_another_card(session, pledge.id, wording, pence, actor=TESTER, now=campaign.clock.now())


def replace(campaign: Campaign, card: str = OTHER) -> None:
    """Have another card saved, and look at the provider once."""
    begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    campaign.desk.save(campaign.pledges[0], card)
    campaign.desk.sync(campaign.pledges[0])


def checkouts(campaign: Campaign) -> list[CardCheckout]:
    db.session.expire_all()
    rows = select(CardCheckout).where(CardCheckout.subject == campaign.pledges[0].subject)
    return list(db.session.scalars(rows.order_by(CardCheckout.id)))


def kept(campaign: Campaign) -> list[bool]:
    """Say of every card that was saved, oldest first, whether the provider keeps it for us."""
    campaign.work()
    saved = [row.payment_method_ref or "" for row in checkouts(campaign) if row.state is CheckoutState.COMPLETE]
    with campaign.stripe.work() as context:
        return [bool((context.store.find("payment_method", ref) or {}).get("customer")) for ref in saved]


def reread(campaign: Campaign) -> Pledge:
    db.session.expire_all()
    return db.session.get_one(Pledge, campaign.pledges[0].id)


def standing(campaign: Campaign) -> list[str]:
    """Return the wordings that the backer agrees to be charged by, as they stand, oldest first."""
    rows = (
        select(ConsentText.body)
        .join(Consent, Consent.text_id == ConsentText.id)
        .where(Consent.subject == campaign.pledges[0].subject, Consent.withdrawn_at.is_(None))
        .where(ConsentText.kind == ConsentKind.CHARGE_LATER)
    )
    return list(db.session.scalars(rows.order_by(Consent.id)))


def changes(campaign: Campaign) -> int:
    rows = select(func.count()).where(
        AuditEvent.tag == Tag.PLEDGE_CARD_CHANGED.value, AuditEvent.subject_id == campaign.pledges[0].id
    )
    return db.session.scalar(rows) or 0


def deadline(campaign: Campaign) -> datetime:
    assert campaign.project.deadline is not None
    return campaign.project.deadline


def test_the_new_card_is_kept_the_old_one_forgotten_and_the_backer_told(campaign: Campaign) -> None:
    replace(campaign)
    first, second = checkouts(campaign)
    assert reread(campaign).checkout_id == second.id
    assert kept(campaign) == [False, True]
    assert standing(campaign) == ["I agree to £950."]
    [mail] = campaign.mails("pledge_card_changed")
    assert "Mastercard ending 4444" in mail.body
    assert "Nothing was charged" in mail.body
    data = db.session.scalars(select(AuditEvent.data).where(AuditEvent.tag == Tag.PLEDGE_CARD_CHANGED.value)).one()
    assert json.loads(data) == {"old_checkout_id": first.id, "new_checkout_id": second.id}
    assert campaign.pledged() == 95_000


def test_the_new_card_is_the_one_that_is_charged(campaign: Campaign) -> None:
    replace(campaign)
    campaign.end()
    [attempt] = campaign.attempts(campaign.pledges[0])
    assert attempt.card_last4 == "4444"
    assert (campaign.state(campaign.pledges[0]), campaign.held()) == (PledgeState.PAID, 95_000)
    assert kept(campaign) == [False, False]


def test_until_another_card_is_saved_the_first_one_stays_and_is_charged(campaign: Campaign) -> None:
    begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    campaign.end()
    assert [attempt.card_last4 for attempt in campaign.attempts(campaign.pledges[0])] == ["4242"]
    assert campaign.state(campaign.pledges[0]) is PledgeState.PAID


def test_two_tabs_get_the_same_page(campaign: Campaign) -> None:
    first, second = begin(campaign), begin(campaign)
    assert first.id == second.id
    results = together(campaign.app, [lambda: begin(campaign).id] * 3)
    assert results == [first.id] * 3


def test_the_webhook_and_the_return_page_at_once_change_the_card_once(campaign: Campaign) -> None:
    begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    campaign.desk.save(campaign.pledges[0], OTHER)
    results = together(campaign.app, [lambda: campaign.desk.sync(campaign.pledges[0])] * 4)
    assert failures(results) == []
    assert changes(campaign) == 1
    assert len(campaign.mails("pledge_card_changed")) == 1
    assert kept(campaign) == [False, True]


def test_a_card_may_be_changed_again_and_only_the_last_is_kept(campaign: Campaign) -> None:
    replace(campaign)
    replace(campaign, GOOD)
    assert kept(campaign) == [False, False, True]
    assert (changes(campaign), len(campaign.mails("pledge_card_changed"))) == (2, 2)
    assert len(standing(campaign)) == 1


def test_a_late_look_at_a_card_that_was_replaced_changes_nothing(campaign: Campaign) -> None:
    replace(campaign)
    second = checkouts(campaign)[1]
    replace(campaign, GOOD)
    campaign.desk.checkouts.sync(second.id, campaign.clock.now())
    assert reread(campaign).checkout_id == checkouts(campaign)[2].id
    assert kept(campaign) == [False, False, True]
    assert changes(campaign) == 2


def test_a_card_that_nobody_used_before_we_were_killed_is_forgotten_with_the_next(campaign: Campaign) -> None:
    checkout = begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    campaign.desk.save(campaign.pledges[0], OTHER)
    result = campaign.desk.checkouts.gateway.read_checkout(
        campaign.desk.checkout(campaign.pledges[0]).session_ref or ""
    )
    with unit_of_work() as session:  # recorded, and killed before anybody was told
        record_result(session, checkout.id, result, campaign.desk.checkouts.secret, campaign.clock.now())
    campaign.stripe.set_mode("drop")
    replace(campaign, GOOD)
    assert kept(campaign) == [False, False, True]


@pytest.mark.parametrize(("early", "is_taken"), [(SECOND, True), (timedelta(), False), (-SECOND, False)])
def test_a_card_is_taken_until_the_deadline_and_not_at_it(campaign: Campaign, early: timedelta, is_taken: bool) -> None:
    """Nobody has judged the project yet: the clock alone decides."""
    campaign.work(deadline(campaign) - timedelta(hours=1) - campaign.clock.now())
    begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    campaign.clock.at = deadline(campaign) - early
    campaign.stripe.set_mode("drop")
    campaign.desk.save(campaign.pledges[0], OTHER)
    campaign.desk.sync(campaign.pledges[0])
    assert reread(campaign).checkout_id == checkouts(campaign)[is_taken].id
    campaign.work(timedelta(minutes=1))
    assert campaign.attempts(campaign.pledges[0])[0].card_last4 == ("4444" if is_taken else "4242")
    assert kept(campaign) == [False, False]
    assert campaign.held() == 95_000


def test_a_card_that_comes_while_the_first_is_charged_is_forgotten_at_once(campaign: Campaign) -> None:
    campaign.work(deadline(campaign) - timedelta(hours=1) - campaign.clock.now())
    begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    campaign.clock.at = deadline(campaign)
    with unit_of_work() as session:
        now = campaign.clock.now()
        assert write_verdict(session, campaign.project.id, threshold_percent=95, actor=TESTER, now=now)
    campaign.stripe.set_mode("down", path="/v1/payment_intents")
    campaign.desk.save(campaign.pledges[0], OTHER)
    campaign.desk.sync(campaign.pledges[0])
    assert reread(campaign).checkout_id == checkouts(campaign)[0].id
    assert kept(campaign) == [True, False]
    assert campaign.mails("pledge_card_changed") == []


def test_withdrawing_while_the_page_is_open_leaves_no_card(campaign: Campaign) -> None:
    begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    with unit_of_work() as session:
        withdraw_pledge(session, campaign.pledges[0].id, actor=TESTER, now=campaign.clock.now())
    campaign.desk.save(campaign.pledges[0], OTHER)
    campaign.desk.sync(campaign.pledges[0])
    assert campaign.state(campaign.pledges[0]) is PledgeState.WITHDRAWN
    assert kept(campaign) == [False, False]
    assert standing(campaign) == []
    assert (campaign.pledged(), campaign.mails("pledge_card_changed")) == (0, [])
    with pytest.raises(Forbidden):
        begin(campaign)


def test_a_project_that_is_cancelled_meanwhile_takes_no_card(campaign: Campaign) -> None:
    begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    with unit_of_work() as session:
        cancel_as_officer(session, campaign.project.id, "It is not allowed.", actor=TESTER, now=campaign.clock.now())
    campaign.desk.save(campaign.pledges[0], OTHER)
    campaign.desk.sync(campaign.pledges[0])
    assert campaign.reread().state is ProjectState.CANCELLED
    assert kept(campaign) == [False, False]
    assert campaign.state(campaign.pledges[0]) is PledgeState.RELEASED


def change(campaign: Campaign, pence: int, wording: str) -> None:
    with unit_of_work() as session:
        who: dict[str, Any] = {"actor": TESTER, "now": campaign.clock.now()}
        change_amount(session, campaign.pledges[0].id, pence, wording, LIMITS, **who)


def test_words_about_another_amount_are_not_agreed_to(campaign: Campaign) -> None:
    change(campaign, 99_000, "I agree to £990.")
    with pytest.raises(Conflict):
        begin(campaign)
    assert standing(campaign) == ["I agree to £990."]


def test_an_amount_raised_while_the_page_is_open_keeps_its_own_consent(campaign: Campaign) -> None:
    begin(campaign)
    campaign.desk.open(campaign.pledges[0])
    change(campaign, 99_000, "I agree to £990.")
    campaign.desk.save(campaign.pledges[0], OTHER)
    campaign.desk.sync(campaign.pledges[0])
    assert standing(campaign) == ["I agree to £990."]
    pledge = reread(campaign)
    assert (pledge.amount_pence, pledge.consented_pence) == (99_000, 99_000)
    campaign.end()
    assert campaign.held() == 99_000


def test_pages_that_save_no_card_leave_no_heap_of_consents(campaign: Campaign) -> None:
    [former] = standing(campaign)
    for number in range(3):
        begin(campaign, f"I agree once more ({number}).")
    assert standing(campaign) == [former, "I agree once more (2)."]


def test_a_card_is_forgotten_once_more_without_harm(campaign: Campaign) -> None:
    replace(campaign)
    assert kept(campaign) == [False, True]
    with unit_of_work() as session:  # as after a worker that died before it could say that it was done
        session.execute(update(Job).where(Job.kind == FORGET_CARD).values(state=JobState.WAITING))
    assert kept(campaign) == [False, True]
    parked = select(func.count()).where(Job.state == JobState.PARKED)
    assert db.session.scalar(parked) == 0


def test_a_pledge_that_does_not_count_yet_gets_no_other_card(campaign: Campaign) -> None:
    unfinished = start(campaign.project, campaign.clock.now(), 700)
    with pytest.raises(Forbidden), unit_of_work() as session:
        start_another_card(session, unfinished.id, "I agree.", 700, actor=TESTER, now=campaign.clock.now())
