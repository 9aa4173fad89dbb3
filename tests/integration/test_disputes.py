"""Disputes: taken from what is held, the rest exposed; won gives each its own back; lost ends the pledge; once each."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments.charge_results import NotBelieved
from crowdfund.payments.gateway import DisputeResult, RefundResult, RefundStatus
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.refund_sending import UnknownCharge
from crowdfund.payments.rules import DisputeState, RefundState
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.actions import move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement import giving_back
from crowdfund.settlement.refunding_all import start_refunding
from tests.support.factories import TESTER, days
from tests.support.refunds import Till, make_till

D, P = DisputeState, PledgeState
FEE = 2_000


@pytest.fixture
def till(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    return make_till(app, stripe, clock)


def count(tag: Tag) -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == tag.value)) or 0


def result_of(till: Till, status: str = "open", **changes: Any) -> DisputeResult:
    """What the provider would say of a dispute of the first payment."""
    attempt, now = till.attempt(), till.clock.now()
    facts = DisputeResult(
        "du_1", attempt.charge_ref or "", attempt.amount_pence, FEE, "fraudulent", status, now + days(14), now
    )
    won = {"returned_pence": attempt.amount_pence} if status == "won" else {}
    return replace(facts, **(won | changes))


# Through the provider


def test_a_dispute_takes_what_is_held_and_the_officers_hear(till: Till) -> None:
    fees = till.fees()
    dispute = till.dispute()
    assert (dispute.state, dispute.amount_pence, dispute.exposure_pence) == (D.OPEN, 80_000, 0)
    assert dispute.evidence_due_at is not None
    assert till.books() == {"held": 20_000, "owed_back": 0, "exposure": 0}
    assert (till.fees() - fees, till.state()) == (FEE, P.DISPUTED)
    assert till.campaign.pledged() == 100_000
    [mail] = till.campaign.mails("refund_officers_disputed")
    assert "£800" in mail.body
    assert "no longer held" not in mail.body
    till.demand_sound()


def test_after_a_payout_what_is_missing_is_the_programmes_exposure(till: Till) -> None:
    till.pay_out(95_000)
    dispute = till.dispute()
    assert dispute.exposure_pence == 75_000
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -75_000}
    assert "£750" in till.campaign.mails("refund_officers_disputed")[0].body
    other = till.dispute(1)
    assert other.exposure_pence == 20_000
    assert till.books()["exposure"] == -95_000
    till.demand_sound()


@pytest.mark.parametrize(("paid_out", "exposed"), [(0, 0), (95_000, 75_000), (100_000, 80_000)])
def test_a_dispute_that_is_won_gives_each_its_own_back(till: Till, paid_out: int, exposed: int) -> None:
    if paid_out:
        till.pay_out(paid_out)
    dispute = till.dispute()
    assert dispute.exposure_pence == exposed
    assert till.decide(dispute, won=True).state is D.WON
    assert till.books() == {"held": 100_000 - paid_out, "owed_back": 0, "exposure": 0}
    assert till.state() is P.PAID
    till.demand_sound()


def test_a_dispute_that_is_lost_ends_the_pledge(till: Till) -> None:
    till.pay_out(50_000)
    dispute = till.decide(till.dispute(), won=False)
    assert (dispute.state, till.state()) == (D.LOST, P.CHARGED_BACK)
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -30_000}
    assert till.campaign.pledged() == 20_000
    with pytest.raises(Refused, match="gave this payment back"):
        till.ask()
    till.demand_sound()


def test_events_sent_five_times_and_backwards_change_nothing_more(till: Till, stripe: StandIn) -> None:
    stripe.set_mode("duplicate", copies=5)
    stripe.set_mode("reorder")
    stripe.open_dispute(till.attempt().charge_ref or "")
    dispute = till.disputed_again(_heard(till))
    till.decide(dispute, won=True)
    for _ in range(2):
        till.disputes.read(dispute.dispute_ref, till.clock.now())
    assert (count(Tag.DISPUTE_OPENED), count(Tag.DISPUTE_CLOSED)) == (1, 1)
    assert till.books() == {"held": 100_000, "owed_back": 0, "exposure": 0}
    assert len(till.campaign.mails("refund_officers_disputed")) == 1
    till.demand_sound()


def _heard(till: Till) -> Dispute:
    till.hear()
    return till.disputed()


def test_a_dispute_heard_of_only_after_it_was_won_is_booked_both_ways(till: Till, stripe: StandIn) -> None:
    ref = str(stripe.open_dispute(till.attempt().charge_ref or "")["id"])
    stripe.resolve_dispute(ref, won=True)
    till.hear()
    assert till.disputed().state is D.WON
    assert (till.books()["held"], till.state()) == (100_000, P.PAID)
    assert (count(Tag.DISPUTE_OPENED), count(Tag.DISPUTE_CLOSED)) == (1, 1)
    till.demand_sound()


def test_a_decision_that_no_webhook_told_is_swept_up(till: Till, stripe: StandIn) -> None:
    dispute = till.dispute()
    stripe.set_mode("drop")
    assert till.decide(dispute, won=False).state is D.OPEN
    till.clock.forward(days(0.1))
    till.campaign.sweep()
    assert till.disputed_again(dispute).state is D.LOST
    assert till.state() is P.CHARGED_BACK


def test_a_bank_that_only_asks_takes_nothing(till: Till, stripe: StandIn) -> None:
    from crowdfund.sandbox.stripe import disputes

    with stripe.work() as context:
        ref = str(disputes.open_dispute(context, till.attempt().charge_ref or "", "inquiry")["id"])
    till.hear()
    assert db.session.scalar(select(func.count()).select_from(Dispute)) == 0
    assert (till.state(), till.books()["held"]) == (P.PAID, 100_000)
    stripe.resolve_dispute(ref, won=False)  # the question becomes a dispute
    till.hear()
    assert (till.disputed().state, till.state()) == (D.OPEN, P.DISPUTED)
    till.demand_sound()


# Refunds beside disputes


def test_a_disputed_payment_is_not_given_back(till: Till) -> None:
    waiting = till.ask(10_000)
    dispute = till.dispute()
    with pytest.raises(Refused, match="the bank decides"):
        till.ask()
    with pytest.raises(Refused, match="the bank decides"):
        till.approve(waiting)
    assert till.ask(2_000, 1).state is RefundState.APPROVED
    till.decide(dispute, won=True)
    till.approve(waiting)
    till.campaign.work()
    assert till.again(waiting).state is RefundState.SUCCEEDED
    till.demand_sound()


def test_a_refund_that_meets_a_dispute_at_the_provider_is_for_finance(till: Till, stripe: StandIn) -> None:
    refund = till.ask(2_000)
    stripe.open_dispute(till.attempt().charge_ref or "")  # nobody here has heard of it yet
    till.campaign.work()
    refund = till.again(refund)
    assert (refund.state, refund.failure, refund.refund_ref) == (RefundState.FAILED, "charge_disputed", None)
    till.hear()
    with pytest.raises(Refused, match="the bank decides"), unit_of_work() as session:
        giving_back.ask_again(session, refund.id, limit_pence=5_000, **till.who(till.ben))
    till.demand_sound()


def test_a_refund_under_way_ends_the_pledge_once_the_dispute_of_the_rest_is_won(till: Till) -> None:
    refund = till.ask(80_000)
    till.approve(refund)
    now = till.clock.now()
    till.refunds.record(refund.id, refund_result(refund, RefundStatus.PENDING), now)
    till.disputes.record(result_of(till, amount_pence=5_000), now)
    till.refunds.record(refund.id, refund_result(refund, RefundStatus.SUCCEEDED), now)
    assert till.state() is P.DISPUTED
    till.disputes.record(result_of(till, "won", amount_pence=5_000, returned_pence=5_000), now)
    assert till.state() is P.REFUNDED


def refund_result(refund: Refund, status: RefundStatus) -> RefundResult:
    return RefundResult(status, refund.public_id, "re_beside", refund.amount_pence)


def test_what_the_provider_refuses_for_good_is_paid_in_another_way(till: Till) -> None:
    refund = till.ask(80_000)
    till.approve(refund)
    refused = RefundResult(RefundStatus.FAILED, refund.public_id, amount_pence=80_000, failure="expired_charge")
    till.refunds.record(refund.id, refused, till.clock.now())
    till.pay_out(70_000)
    till.make_good(refund)
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -50_000}
    assert balance_pence(db.session(), AccountKind.BANK, PROGRAMME) == 70_000 + 80_000
    assert till.state() is P.REFUNDED
    till.demand_sound()


def test_nothing_is_paid_in_another_way_while_the_bank_decides_or_twice(till: Till, stripe: StandIn) -> None:
    refund = till.ask(80_000)
    till.approve(refund)
    stripe.open_dispute(till.attempt().charge_ref or "")
    till.campaign.work()
    till.hear()
    with pytest.raises(Refused, match="the bank decides"):
        till.make_good(refund)
    till.decide(till.disputed(), won=True)
    till.make_good(refund)
    with pytest.raises(Refused, match="£0 of £800"):
        till.ask(1)
    with pytest.raises(Forbidden):
        till.make_good(refund)


def test_a_project_that_is_refunded_waits_for_a_dispute_and_refunds_what_was_won(till: Till) -> None:
    dispute = till.dispute()
    now = till.clock.now()
    with unit_of_work() as session:
        project = session.get_one(Project, till.project_id)
        move_project(session, project.id, ProjectState.RING_FENCED, actor=TESTER, now=now)
        start_refunding(session, project, "The field was sold.", actor=TESTER, now=now)
    till.campaign.work()
    assert (till.state(0), till.state(1)) == (P.DISPUTED, P.REFUNDED)
    assert till.campaign.reread().state is ProjectState.REFUNDING
    till.decide(dispute, won=True)
    assert till.state() is P.REFUNDED
    assert till.campaign.reread().state is ProjectState.REFUNDED
    till.demand_sound()


def test_a_project_that_is_refunded_is_done_when_its_last_dispute_is_lost(till: Till) -> None:
    dispute, now = till.dispute(), till.clock.now()
    with unit_of_work() as session:
        project = session.get_one(Project, till.project_id)
        move_project(session, project.id, ProjectState.RING_FENCED, actor=TESTER, now=now)
        start_refunding(session, project, "The field was sold.", actor=TESTER, now=now)
    till.campaign.work()
    till.decide(dispute, won=False)
    assert (till.state(), till.campaign.reread().state) == (P.CHARGED_BACK, ProjectState.REFUNDED)
    till.demand_sound()


# What the provider says, told directly


MOVES = [("open", D.OPEN), ("won", D.WON), ("lost", D.LOST)]


@pytest.mark.parametrize(("status", "state"), MOVES)
def test_every_answer_in_every_state(till: Till, status: str, state: DisputeState) -> None:
    now = till.clock.now()
    for _ in range(3):
        assert till.disputes.record(result_of(till, status), now) is state
    books = till.books()
    for other, _ in MOVES:
        if other == status:
            continue
        if state is D.OPEN or other == "open":
            continue
        with pytest.raises(NotBelieved):
            till.disputes.record(result_of(till, other), now)
    assert till.books() == books
    assert till.disputes.record(result_of(till, "open"), now) is state
    assert till.state() is {D.OPEN: P.DISPUTED, D.WON: P.PAID, D.LOST: P.CHARGED_BACK}[state]


def test_one_that_is_won_stays_open_until_the_money_is_back(till: Till) -> None:
    now = till.clock.now()
    assert till.disputes.record(result_of(till, "won", returned_pence=0), now) is D.OPEN
    assert till.books()["held"] == 20_000
    assert till.disputes.record(result_of(till, "won"), now) is D.WON
    assert till.books()["held"] == 100_000


def test_a_fee_that_comes_back_is_booked_once(till: Till) -> None:
    fees = till.fees()
    for _ in range(2):
        till.disputes.record(result_of(till, "won", fee_returned_pence=FEE), till.clock.now())
    assert till.fees() == fees
    assert till.books() == {"held": 100_000, "owed_back": 0, "exposure": 0}


@pytest.mark.parametrize(
    "changes", [{"amount_pence": 79_999}, {"status": "won", "returned_pence": 79_999}, {"amount_pence": 80_001}]
)
def test_what_does_not_fit_is_not_believed(till: Till, changes: dict[str, Any]) -> None:
    till.disputes.record(result_of(till), till.clock.now())
    books = till.books()
    with pytest.raises(NotBelieved):
        till.disputes.record(replace(result_of(till), **changes), till.clock.now())
    assert till.books() == books
    assert till.disputed().state is D.OPEN


def test_a_dispute_of_another_charge_is_not_believed_unless_one_of_ours_is_not_answered(till: Till) -> None:
    now, elsewhere = till.clock.now(), result_of(till, charge_ref="ch_unknown")
    with pytest.raises(NotBelieved):
        till.disputes.record(elsewhere, now)
    asked = {"subject": "pledge:9999", "about": "project:1", "number": 1, "kind": "checkout", "state": "waiting"}
    with unit_of_work() as session:
        session.add(ChargeAttempt(public_id="asked", amount_pence=5, created_at=now, sent_at=now, **asked))
    with pytest.raises(UnknownCharge):
        till.disputes.record(elsewhere, now)
    assert db.session.scalar(select(func.count()).select_from(Dispute)) == 0


def test_two_disputes_of_one_payment_are_both_waited_for(till: Till) -> None:
    now = till.clock.now()
    first, second = (replace(result_of(till, amount_pence=30_000), dispute_ref=ref) for ref in ("du_1", "du_2"))
    till.disputes.record(first, now)
    till.disputes.record(second, now)
    assert till.books()["held"] == 40_000
    till.disputes.record(replace(first, status="won", returned_pence=30_000), now)
    assert till.state() is P.DISPUTED
    till.disputes.record(replace(second, status="lost"), now)
    assert till.state() is P.CHARGED_BACK
    assert till.books()["held"] == 70_000


def test_a_dispute_of_money_that_was_given_back_leaves_the_pledge_as_it_is(till: Till) -> None:
    till.refunded(80_000)
    assert till.state() is P.REFUNDED
    till.disputes.record(result_of(till, amount_pence=80_000), till.clock.now())
    assert till.state() is P.REFUNDED
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -60_000}
    till.disputes.record(result_of(till, "won", amount_pence=80_000, returned_pence=80_000), till.clock.now())
    assert till.books() == {"held": 20_000, "owed_back": 0, "exposure": 0}
    assert till.state() is P.REFUNDED
