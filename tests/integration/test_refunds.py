"""Refunds: to the card only, two people above the limit, each event once, and what fails is owed and made good."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import MemberRole, Right
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import PROGRAMME, AccountKind
from crowdfund.payments.charge_results import NotBelieved
from crowdfund.payments.gateway import RefundResult, RefundStatus
from crowdfund.payments.models import ChargeAttempt, Refund, StripeEvent
from crowdfund.payments.refund_sending import Refunds
from crowdfund.payments.refunding import ask_refund
from crowdfund.payments.rules import REFUNDS, SAME_KEY_FOR, SEND_REFUND, EventState, RefundState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement import giving_back
from tests.support.acting import By
from tests.support.factories import days
from tests.support.people import make_member
from tests.support.refunds import FAILS, LIMIT, PENDING, Till, make_till, pledge_of
from tests.support.running import declare
from tests.support.settling import make_settling

F, S = RefundState, RefundStatus


@pytest.fixture
def till(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    return make_till(app, stripe, clock)


def refused(till: Till, pence: int = 2_000, **changes: Any) -> str:
    with pytest.raises(Refused) as stopped:
        till.ask(pence, **changes)
    return stopped.value.message


def count(tag: Tag) -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == tag.value)) or 0


# Asking and deciding


def test_a_small_refund_goes_to_the_card_at_once(till: Till) -> None:
    fees, there = till.fees(), till.campaign.at_provider()
    refund = till.refunded(2_000)
    assert (refund.state, refund.approved_by_id) == (F.SUCCEEDED, None)
    assert till.attempt().refunded_pence == 2_000
    assert till.books() == {"held": 98_000, "owed_back": 0, "exposure": 0}
    assert (till.fees(), till.campaign.at_provider()) == (fees, there - 2_000)
    assert till.state() is PledgeState.PAID
    [mail] = till.campaign.mails("refund_sent")
    assert mail.recipient == pledge_of(till).email
    assert "£20 of the £800" in mail.body
    assert "ending 4242" in mail.body
    assert "Pledged twice" not in mail.body
    till.demand_sound()


def test_above_the_limit_it_waits_for_another_person(till: Till) -> None:
    refund = till.ask(LIMIT + 1)
    till.campaign.work()
    assert till.again(refund).state is F.ASKED
    assert till.books()["held"] == 100_000
    for person, rights in ((till.ben, tuple(Right)), (till.cat, (Right.SEE_MONEY, Right.MOVE_MONEY))):
        with pytest.raises(Forbidden), unit_of_work() as session:
            giving_back.approve(session, refund.id, actor=By(person, *rights), now=till.clock.now())
    till.approve(refund, till.approver)
    till.campaign.work()
    assert till.again(refund).state is F.SUCCEEDED
    assert till.books()["held"] == 100_000 - LIMIT - 1
    till.demand_sound()


def test_what_one_person_gives_back_alone_adds_up(till: Till) -> None:
    assert till.refunded(LIMIT - 1_000).state is F.SUCCEEDED
    assert till.ask(1_000).state is F.APPROVED
    assert till.ask(1).state is F.ASKED
    assert till.ask(LIMIT, 1).state is F.APPROVED


def test_all_of_it_back_ends_the_pledge_and_its_promise(till: Till) -> None:
    till.refunded(30_000)
    assert (till.state(), till.campaign.pledged()) == (PledgeState.PAID, 100_000)
    till.refunded(50_000)
    assert (till.state(), till.campaign.pledged()) == (PledgeState.REFUNDED, 20_000)
    assert till.books()["held"] == 20_000
    assert "This charge" not in refused(till)
    till.demand_sound()


@pytest.mark.parametrize(
    ("pence", "told"), [(0, "above £0"), (-5, "above £0"), (80_001, "£800 of £800"), (10**12, "£800 of £800")]
)
def test_never_more_than_was_paid(till: Till, pence: int, told: str) -> None:
    assert told in refused(till, pence)
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 0


def test_what_is_asked_for_counts_before_it_is_sent(till: Till) -> None:
    till.ask(60_000)
    assert "£200 of £800" in refused(till, 20_001)
    till.ask(20_000)
    assert "£0 of £800" in refused(till, 1)


def test_the_database_refuses_more_than_was_paid_and_a_lone_approval(till: Till) -> None:
    refund = till.ask(10_000)
    for wrong in (
        update(ChargeAttempt).values(refunded_pence=80_001),
        update(Refund).where(Refund.id == refund.id).values(approved_by_id=till.ben.id),
        update(Refund).where(Refund.id == refund.id).values(amount_pence=0),
        update(Refund).where(Refund.id == refund.id).values(reason=""),
    ):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            session.execute(wrong)


def test_a_charge_that_was_not_paid_has_nothing_to_give_back(till: Till) -> None:
    charge = {"subject": "pledge:9999", "about": "project:1", "number": 1, "kind": "checkout", "state": "prepared"}
    with unit_of_work() as session:
        row = ChargeAttempt(public_id="unpaid", amount_pence=5_000, created_at=till.clock.now(), **charge)
        session.add(row)
    with pytest.raises(Refused) as stopped, unit_of_work() as session:
        ask_refund(session, row.id, 5_000, "x", asked_by=None, limit_pence=5_000, now=till.clock.now())
    assert stopped.value.code == "not_paid"


def test_a_reason_is_needed(till: Till) -> None:
    for reason in (" ", "x" * 501):
        with pytest.raises(Refused) as stopped, unit_of_work() as session:
            giving_back.ask_back(session, till.attempt().id, 5, reason, limit_pence=LIMIT, **till.who(till.ben))
        assert stopped.value.field == "reason"


def test_rejecting_needs_another_person_and_a_reason_and_frees_the_sum(till: Till) -> None:
    refund = till.ask(80_000)
    with pytest.raises(Forbidden), unit_of_work() as session:
        giving_back.reject(session, refund.id, "No.", **till.who(till.ben))
    with pytest.raises(Refused), unit_of_work() as session:
        giving_back.reject(session, refund.id, " ", **till.who(till.cat))
    with unit_of_work() as session:
        giving_back.reject(session, refund.id, "The backer changed her mind.", **till.who(till.cat))
    assert (till.again(refund).state, till.attempt().refunded_pence) == (F.REJECTED, 0)
    with pytest.raises(Forbidden):
        till.approve(refund)
    assert till.ask(80_000).state is F.ASKED
    assert count(Tag.REFUND_REJECTED) == 1
    till.demand_sound()


def test_officers_tied_to_the_project_give_nothing_back(till: Till) -> None:
    refund = till.ask(10_000)
    make_member(till.campaign.project.group_id, MemberRole.READER, till.clock.now(), email=till.cat.email)
    declare(till.approver, till.campaign.project, till.clock, has_interest=True)
    for person in (till.cat, till.approver):
        with pytest.raises(Forbidden):
            till.approve(refund, person)
        with pytest.raises(Forbidden):
            till.ask(person=person)
    assert till.again(refund).state is F.ASKED


def test_without_the_right_nobody_asks(till: Till) -> None:
    with pytest.raises(Forbidden):
        till.ask(person=By(till.ben, Right.SEE_MONEY, Right.APPROVE_MONEY))


def test_what_was_paid_out_already_is_the_programmes_loss_and_takes_two(till: Till) -> None:
    till.pay_out(99_000)
    refund = till.ask(1_500)
    assert refund.state is F.ASKED
    assert till.ask(1_000, 1).state is F.ASKED, "what is held is needed for the first one"
    till.approve(refund)
    till.campaign.work()
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -500}
    till.demand_sound()


# What the provider says, each state with each answer


def result_of(refund: Refund, status: RefundStatus, *, taken: bool = True) -> RefundResult:
    if status is S.NOTHING:
        return RefundResult(status)
    failure = "lost_card" if status is S.FAILED else None
    return RefundResult(status, refund.public_id, f"re_{refund.id}", refund.amount_pence, failure, taken=taken)


# How a refund gets into each state, and where each answer leads from there.
PATHS: dict[RefundState, tuple[RefundStatus, ...]] = {
    F.APPROVED: (),
    F.PENDING: (S.PENDING,),
    F.SUCCEEDED: (S.SUCCEEDED,),
    F.FAILED: (S.SUCCEEDED, S.FAILED),
}
NEW = {S.PENDING: F.PENDING, S.SUCCEEDED: F.SUCCEEDED, S.FAILED: F.FAILED, S.NOTHING: F.FAILED}


@pytest.mark.parametrize("state", PATHS)
def test_every_answer_in_every_state_moves_only_along_the_table(till: Till, state: RefundState) -> None:
    for status in S:
        before, refunded = till.books(), till.attempt().refunded_pence
        refund = till.ask(1_000)
        for step in PATHS[state]:
            till.refunds.record(refund.id, result_of(refund, step), till.clock.now())
        assert till.again(refund).state is state
        expected = NEW[status] if NEW[status] in REFUNDS.moves[state] else state
        for _ in range(3):
            assert till.refunds.record(refund.id, result_of(refund, status), till.clock.now()) is expected
        was_made = till.again(refund).was_taken
        assert was_made is (status is not S.NOTHING or state is not F.APPROVED)
        failed, after = expected is F.FAILED, till.books()
        assert before["held"] - after["held"] == (1_000 if was_made else 0), status
        assert after["owed_back"] - before["owed_back"] == (1_000 if failed and was_made else 0), status
        assert till.attempt().refunded_pence - refunded == (0 if failed else 1_000), status


def test_a_refund_that_waits_or_was_rejected_is_never_sent(till: Till) -> None:
    waiting, rejected = till.ask(10_000), till.ask(10_000)
    with unit_of_work() as session:
        giving_back.reject(session, rejected.id, "No.", **till.who(till.cat))
    for refund, state in ((waiting, F.ASKED), (rejected, F.REJECTED)):
        assert till.refunds.sync(refund.id, till.clock.now()) is state
        assert till.refunds.record(refund.id, result_of(refund, S.SUCCEEDED), till.clock.now()) is state
        assert not till.again(refund).was_taken
    assert till.books()["held"] == 100_000
    till.demand_sound()


@pytest.mark.parametrize(
    "changes", [{"reference": "another"}, {"amount_pence": 1_999}, {"reference": None}, {"amount_pence": None}]
)
def test_what_does_not_fit_is_not_believed(till: Till, changes: dict[str, Any]) -> None:
    refund = till.ask(2_000)
    lie = replace(result_of(refund, S.SUCCEEDED), **changes)
    with pytest.raises(NotBelieved):
        till.refunds.record(refund.id, lie, till.clock.now())
    assert till.again(refund).state is F.APPROVED
    assert till.books()["held"] == 100_000


def test_one_that_turns_up_after_it_was_given_up_is_not_believed(till: Till) -> None:
    refund = till.ask(2_000)
    till.refunds.record(refund.id, RefundResult(S.NOTHING), till.clock.now())
    with pytest.raises(NotBelieved):
        till.refunds.record(refund.id, result_of(refund, S.SUCCEEDED), till.clock.now())


# Pending, failing and made good


@pytest.fixture
def slow(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    """A payment whose refunds take their time."""
    return make_till(app, stripe, clock, PENDING)


def test_a_pending_refund_is_booked_and_ends_with_its_webhook(slow: Till) -> None:
    refund = slow.ask(80_000)
    slow.approve(refund)
    slow.campaign.work()
    assert slow.again(refund).state is F.PENDING
    assert slow.books()["held"] == 20_000
    assert slow.state() is PledgeState.PAID
    slow.hear()
    assert (slow.again(refund).state, slow.state()) == (F.SUCCEEDED, PledgeState.REFUNDED)
    assert len(slow.campaign.mails("refund_sent")) == 1


def test_a_pending_refund_whose_webhooks_are_lost_is_swept_up(slow: Till, stripe: StandIn) -> None:
    stripe.set_mode("drop")
    refund = slow.refunded()
    assert refund.state is F.PENDING
    slow.hear()
    assert slow.again(refund).state is F.PENDING
    slow.clock.forward(days(0.1))
    slow.campaign.sweep()
    assert slow.again(refund).state is F.SUCCEEDED


@pytest.fixture
def failing(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    """A payment whose refunds come back."""
    return make_till(app, stripe, clock, FAILS)


def test_what_comes_back_is_owed_and_the_backer_and_officers_hear(failing: Till) -> None:
    failing.hear()
    refund = failing.refunded(80_000)
    assert (refund.state, failing.state()) == (F.SUCCEEDED, PledgeState.REFUNDED)
    failing.hear()
    refund = failing.again(refund)
    assert (refund.state, refund.failure) == (F.FAILED, "expired_or_canceled_card")
    assert failing.books() == {"held": 20_000, "owed_back": 80_000, "exposure": 0}
    [mail] = failing.campaign.mails("refund_failed")
    assert (mail.recipient, "we will contact you" in mail.body) == (pledge_of(failing).email, True)
    [told] = failing.campaign.mails("refund_officers_failed")
    assert refund.public_id in told.body
    failing.demand_sound()


def test_what_came_back_is_not_sent_to_the_card_again(failing: Till) -> None:
    failing.refunded(80_000)
    failing.hear()
    assert "£0 of £800" in refused(failing, 1)


def test_a_refund_that_fails_when_no_webhook_says_so_is_found_by_looking(failing: Till, stripe: StandIn) -> None:
    stripe.set_mode("drop")
    refund = failing.refunded()
    failing.hear()
    assert failing.again(refund).state is F.SUCCEEDED
    failing.campaign.work(days(1))
    assert failing.again(refund).state is F.FAILED
    assert failing.books() == {"held": 98_000, "owed_back": 2_000, "exposure": 0}
    failing.demand_sound()


def test_finance_makes_good_what_came_back_once(failing: Till) -> None:
    refund = failing.refunded(80_000)
    failing.hear()
    with pytest.raises(Refused) as stopped:
        failing.make_good(refund, " ")
    assert stopped.value.field == "how"
    actor = By(failing.approver, Right.SEE_MONEY, Right.APPROVE_MONEY)
    with pytest.raises(Forbidden), unit_of_work() as session:
        giving_back.make_good(session, refund.id, "x", actor=actor, now=failing.clock.now())
    failing.make_good(refund)
    with pytest.raises(Forbidden):
        failing.make_good(refund)
    assert failing.books()["owed_back"] == 0
    assert balance_pence(db.session(), AccountKind.BANK, PROGRAMME) == 80_000
    assert failing.again(refund).settled_by_id == failing.ben.id
    failing.demand_sound()


def test_a_pledge_ends_when_the_last_part_of_it_is_made_good(failing: Till) -> None:
    refund = failing.ask(80_000)
    failing.approve(refund)
    # The bank sent it back before anybody here heard that it was sent.
    failing.refunds.record(refund.id, result_of(refund, S.FAILED), failing.clock.now())
    assert (failing.state(), failing.books()["owed_back"]) == (PledgeState.PAID, 80_000)
    failing.make_good(refund)
    assert (failing.state(), failing.books()["owed_back"]) == (PledgeState.REFUNDED, 0)
    assert failing.campaign.pledged() == 20_000


def test_a_refund_that_the_provider_never_took_is_asked_for_again(till: Till) -> None:
    refund = till.ask(2_000)
    till.refunds.record(refund.id, RefundResult(S.NOTHING), till.clock.now())
    assert till.books() == {"held": 100_000, "owed_back": 0, "exposure": 0}
    with pytest.raises(Refused):
        till.make_good(refund)
    with unit_of_work() as session:
        fresh = giving_back.ask_again(session, refund.id, limit_pence=LIMIT, **till.who(till.ben))
    with pytest.raises(Forbidden), unit_of_work() as session:
        giving_back.ask_again(session, refund.id, limit_pence=LIMIT, **till.who(till.ben))
    till.campaign.work()
    assert till.again(fresh).state is F.SUCCEEDED
    assert till.books()["held"] == 98_000
    till.demand_sound()


def test_what_came_back_cannot_be_asked_for_again(failing: Till) -> None:
    refund = failing.refunded()
    failing.hear()
    with pytest.raises(Refused) as stopped, unit_of_work() as session:
        giving_back.ask_again(session, refund.id, limit_pence=LIMIT, **failing.who(failing.ben))
    assert stopped.value.code == "owed"


# Webhooks


def test_events_sent_five_times_and_backwards_change_nothing_more(failing: Till, stripe: StandIn) -> None:
    stripe.set_mode("duplicate", copies=5)
    stripe.set_mode("reorder")
    refund = failing.refunded()
    for _ in range(2):
        failing.hear()
    assert failing.again(refund).state is F.FAILED
    assert failing.books() == {"held": 98_000, "owed_back": 2_000, "exposure": 0}
    assert count(Tag.REFUND_ENDED) == 2
    assert len(failing.campaign.mails("refund_failed")) == 1
    failing.demand_sound()


def give_back_there(till: Till, pence: int, number: int = 0) -> str:
    """Have somebody give money back on the provider's own pages."""
    with till.stripe.work() as context:
        from crowdfund.sandbox.stripe import money

        return str(money.create_refund(context, {"charge": till.attempt(number).charge_ref, "amount": pence})["id"])


def test_a_refund_made_at_the_provider_is_taken_over(till: Till) -> None:
    ref = give_back_there(till, 80_000)
    till.hear()
    refund = db.session.scalars(select(Refund).where(Refund.refund_ref == ref)).one()
    assert (refund.state, refund.asked_by_id, refund.amount_pence) == (F.SUCCEEDED, None, 80_000)
    assert (till.state(), till.books()["held"]) == (PledgeState.REFUNDED, 20_000)
    till.refunds.read(ref, till.clock.now())
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 1
    till.demand_sound()


def test_one_made_at_the_provider_that_goes_beyond_what_is_left_is_set_aside(till: Till) -> None:
    waiting = till.ask(50_000)
    give_back_there(till, 40_000)
    till.hear()
    assert [row.id for row in db.session.scalars(select(Refund))] == [waiting.id]
    aside = select(func.count()).where(StripeEvent.state == EventState.QUARANTINED)
    assert db.session.scalar(aside)
    assert till.books()["held"] == 100_000


def test_what_is_paid_after_its_pledge_has_ended_goes_back_at_once(
    app: Flask, db_session: Session, clock: FixedClock
) -> None:
    settling = make_settling(app, clock, 50_000, 40_000)
    settling.judge()
    late, other = settling.pledges
    attempt_id = settling.attempt(late)
    settling.lapse(late)
    settling.succeed(attempt_id)
    settling.pay(other)
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.amount_pence, refund.state, refund.asked_by_id) == (50_000, F.APPROVED, None)
    refunds = app.extensions["refunds"]
    assert isinstance(refunds, Refunds)
    refunds.record(refund.id, result_of(refund, S.SUCCEEDED), clock.now())
    assert settling.held() == 40_000
    assert db.session.get_one(Pledge, late.id, populate_existing=True).state is PledgeState.LAPSED


def test_no_answer_for_longer_than_a_key_lives_ends_with_finance(till: Till, stripe: StandIn) -> None:
    stripe.set_mode("down", path="/v1/refunds", method="POST")
    refund = till.ask(2_000)
    till.campaign.work()
    assert till.again(refund).state is F.APPROVED
    till.clock.forward(SAME_KEY_FOR)
    till.campaign.work()
    refund = till.again(refund)
    assert (refund.state, refund.failure) == (F.FAILED, "never_arrived")
    stripe.clear_modes()
    till.campaign.sweep()
    assert till.books() == {"held": 100_000, "owed_back": 0, "exposure": 0}
    till.demand_sound()


def test_a_lost_job_is_swept_up(till: Till) -> None:
    refund = till.ask(2_000)
    with unit_of_work() as session:
        session.execute(update(Job).where(Job.kind == SEND_REFUND).values(state=JobState.DONE))
    till.clock.forward(days(0.1))
    till.campaign.sweep()
    assert till.again(refund).state is F.SUCCEEDED
    till.demand_sound()
