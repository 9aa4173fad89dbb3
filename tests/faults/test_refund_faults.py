"""Refunds and disputes while the provider fails, our process dies, or many do the same at once: once, or not at all."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, GatewayDown, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.gateway import RefundResult
from crowdfund.payments.models import Refund
from crowdfund.payments.refund_sending import Refunds
from crowdfund.payments.rules import SAME_KEY_FOR, DisputeState, RefundState
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.pledges.rules import PledgeState
from crowdfund.sandbox.stripe import StandIn, money
from crowdfund.settlement import giving_back
from tests.support.campaign import make_campaign
from tests.support.factories import days
from tests.support.refunds import FAILS, LIMIT, PENDING, Till, make_till
from tests.support.threads import failures, together

F = RefundState
TIMES = 6
PATH = "/v1/refunds"
FAULTS = {
    "hang": {"seconds": 0.01},
    "commit_then_drop": {},
    "commit_then_500": {},
    "500": {},
    "409": {},
    "429": {},
    "down": {},
}
COMMITTED = {"commit_then_drop", "commit_then_500"}


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


class Doomed(StripeGateway):
    """A gateway whose process is killed before or after it gives money back."""

    def __init__(self, real: StripeGateway, *, called: bool) -> None:
        self.__dict__.update(vars(real))
        self._called = called

    def refund(self, reference: str, charge_ref: str, amount_pence: int) -> RefundResult:
        """Be killed."""
        if self._called:
            super().refund(reference, charge_ref, amount_pence)
        raise Killed


@pytest.fixture
def till(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    return make_till(app, stripe, clock)


def there(till: Till) -> list[int]:
    """Return what the provider gave back of the first payment, refund by refund."""
    with till.stripe.work() as context:
        refunds = context.store.select("refund")
    return [refund["amount"] for refund in refunds if refund["charge"] == till.attempt().charge_ref]


def count(tag: Tag) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.tag == tag.value)) or 0


def demand_given_once(till: Till, refund: Refund) -> None:
    assert till.again(refund).state is F.SUCCEEDED
    assert there(till) == [2_000]
    assert till.books() == {"held": 98_000, "owed_back": 0, "exposure": 0}
    till.demand_sound()


# The provider


@pytest.mark.parametrize("fault", FAULTS)
def test_no_answer_is_looked_up_and_given_back_once(till: Till, fault: str) -> None:
    till.stripe.set_mode(fault, path=PATH, method="POST", **FAULTS[fault])
    refund = till.ask(2_000)
    till.campaign.work()
    assert till.again(refund).state is F.APPROVED
    assert till.again(refund).sent_at is not None
    assert till.books()["held"] == 100_000
    till.stripe.clear_modes()
    till.clock.forward(days(0.05))
    till.campaign.sweep()
    if fault == "500":  # the provider answers a key that failed with the same failure for a day
        assert (till.again(refund).state, there(till)) == (F.APPROVED, [])
        return
    demand_given_once(till, refund)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_an_outage_longer_than_a_key_lives_gives_nobody_twice(till: Till, fault: str) -> None:
    till.stripe.set_mode(fault, path=PATH, **FAULTS[fault])  # looking is not possible either
    refund = till.ask(2_000)
    till.campaign.work()
    assert till.again(refund).state is F.APPROVED
    till.clock.forward(SAME_KEY_FOR + days(0.5))
    till.campaign.sweep()
    assert till.again(refund).state is F.APPROVED, "nobody could look, so nobody knows"
    till.stripe.clear_modes()
    till.clock.forward(days(0.1))
    till.campaign.sweep()
    given = fault in COMMITTED
    assert there(till) == ([2_000] if given else [])
    assert till.again(refund).state is (F.SUCCEEDED if given else F.FAILED)
    assert till.books()["held"] == (98_000 if given else 100_000)
    till.demand_sound()


def test_a_refund_made_elsewhere_that_overtakes_its_charge_ends_the_pledge(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    campaign = make_campaign(app, stripe, clock)
    before, pledge = campaign.charges.gateway.balance_pence(), campaign.back(90_000)
    stripe.set_mode("commit_then_drop", path="/v1/payment_intents", method="POST")
    stripe.set_mode("drop", types=["payment_intent.succeeded", "charge.succeeded", "charge.updated"])
    assert campaign.project.deadline is not None
    campaign.clock.at = campaign.project.deadline
    campaign.work()
    stripe.set_mode("down", path="/v1/payment_intents")
    [intent] = campaign.charged_there()
    with stripe.work() as context:
        money.create_refund(context, {"charge": intent["latest_charge"], "amount": 90_000})
    while stripe.flush_webhooks():
        pass
    campaign.work()
    assert (campaign.state(pledge), campaign.held()) == (PledgeState.COLLECTING, 0)
    stripe.clear_modes()
    for _ in range(3):
        clock.forward(days(0.1))
        campaign.sweep()
    assert (campaign.state(pledge), campaign.held()) == (PledgeState.REFUNDED, 0)
    [attempt] = campaign.attempts(pledge)
    assert campaign.at_provider() == -(attempt.fee_pence or 0) == campaign.charges.gateway.balance_pence() - before


# Our own process


@pytest.mark.parametrize("called", [False, True])
def test_a_worker_killed_around_the_call_gives_back_once(till: Till, called: bool) -> None:
    refund, real = till.ask(2_000), till.refunds
    assert isinstance(real.gateway, StripeGateway)
    doomed = Refunds(Doomed(real.gateway, called=called), real.listeners)
    with pytest.raises(Killed):
        doomed.sync(refund.id, till.clock.now())
    assert till.again(refund).state is F.APPROVED
    assert there(till) == ([2_000] if called else [])
    till.clock.forward(days(0.01))
    till.campaign.work()
    demand_given_once(till, refund)


# Many at once


def decide(
    till: Till, refund: Refund, action: Callable[..., Refund], person: Person, **words: str
) -> Callable[[], Any]:
    """Return a step for a thread of its own; what belongs to this thread's session is read now."""
    refund_id, who = refund.id, till.who(person)

    def step() -> Refund:
        with unit_of_work() as session:
            return action(session, refund_id, **words, **who)

    return step


def test_two_colleagues_approve_at_once_and_it_is_sent_once(app: Flask, till: Till) -> None:
    refund = till.ask(10_000)

    steps = [decide(till, refund, giving_back.approve, person) for person in (till.cat, till.approver)]
    results = together(app, steps * TIMES)
    assert failures(results, Forbidden) == []
    assert sum(isinstance(result, Refund) for result in results) == 1
    till.campaign.work()
    assert (there(till), count(Tag.REFUND_APPROVED)) == ([10_000], 1)
    till.demand_sound()


def test_approved_and_rejected_at_once_is_one_of_them(app: Flask, till: Till) -> None:
    refund = till.ask(10_000)

    approve = decide(till, refund, giving_back.approve, till.cat)
    reject = decide(till, refund, giving_back.reject, till.approver, reason="No.")
    results = together(app, [approve, reject] * TIMES)
    assert failures(results, Forbidden) == []
    till.campaign.work()
    rejected = till.again(refund).state is F.REJECTED
    assert there(till) == ([] if rejected else [10_000])
    assert count(Tag.REFUND_APPROVED) + count(Tag.REFUND_REJECTED) == 1
    till.demand_sound()


def test_refunds_asked_for_at_once_never_add_up_to_more_than_was_paid(app: Flask, till: Till) -> None:
    attempt_id, who = till.attempt().id, till.who(till.ben)

    def ask() -> Refund:
        with unit_of_work() as session:
            return giving_back.ask_back(session, attempt_id, 30_000, "Twice.", limit_pence=LIMIT, **who)

    results = together(app, [ask] * TIMES)
    assert failures(results, Refused) == []
    assert sum(isinstance(result, Refund) for result in results) == 2
    assert till.attempt().refunded_pence == 60_000
    till.demand_sound()


def test_small_refunds_at_once_do_not_slip_past_the_second_person(app: Flask, till: Till) -> None:
    attempt_id, who = till.attempt().id, till.who(till.ben)

    def ask() -> RefundState:
        with unit_of_work() as session:
            return giving_back.ask_back(session, attempt_id, LIMIT, "Twice.", limit_pence=LIMIT, **who).state

    results = together(app, [ask] * TIMES)
    assert sorted(results) == [F.APPROVED, *[F.ASKED] * (TIMES - 1)]


def test_worker_webhook_and_sweeper_at_once_book_it_once(app: Flask, till: Till) -> None:
    till.stripe.set_mode("commit_then_drop", path=PATH, method="POST")
    refund = till.ask(80_000)
    till.approve(refund)
    till.campaign.work()
    till.stripe.clear_modes()
    with till.stripe.work() as context:
        [ref] = [row["id"] for row in context.store.select("refund") if row["charge"] == till.attempt().charge_ref]
    now, refund_id = till.clock.now(), refund.id

    def look() -> RefundState:
        return till.refunds.read(ref, now)

    def sync() -> RefundState:
        return till.refunds.sync(refund_id, now)

    results = together(app, [look, sync] * TIMES)
    assert failures(results) == []
    assert set(results) == {F.SUCCEEDED}
    assert (till.state(), till.books()["held"], count(Tag.REFUND_ENDED)) == (PledgeState.REFUNDED, 20_000, 1)
    till.demand_sound()


def test_many_hear_of_a_refund_made_elsewhere_and_write_it_down_once(app: Flask, till: Till) -> None:
    with till.stripe.work() as context:
        ref = str(money.create_refund(context, {"charge": till.attempt().charge_ref, "amount": 7_000})["id"])
    now = till.clock.now()
    results = together(app, [lambda: till.refunds.read(ref, now)] * TIMES)
    assert failures(results) == []
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Refund)) == 1
    assert till.books()["held"] == 93_000
    till.demand_sound()


def test_finance_makes_good_once_though_many_press(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    till = make_till(app, stripe, clock, FAILS)
    refund = till.refunded(80_000)
    till.hear()
    results = together(app, [decide(till, refund, giving_back.make_good, till.ben, how="FP 12.")] * TIMES)
    assert failures(results, Forbidden) == []
    assert sum(isinstance(result, Refund) for result in results) == 1
    assert (till.books()["owed_back"], count(Tag.REFUND_SETTLED)) == (0, 1)
    till.demand_sound()


def test_a_dispute_is_opened_and_closed_once_though_many_hear_of_it(app: Flask, till: Till) -> None:
    till.pay_out(95_000)
    ref = str(till.stripe.open_dispute(till.attempt().charge_ref or "")["id"])
    now = till.clock.now()

    def look() -> DisputeState | None:
        return till.disputes.read(ref, now)

    for state, decide in ((DisputeState.OPEN, None), (DisputeState.WON, True)):
        if decide is not None:
            till.stripe.resolve_dispute(ref, won=decide)
        results = together(app, [look] * TIMES)
        assert failures(results) == []
        assert set(results) == {state}
    assert (count(Tag.DISPUTE_OPENED), count(Tag.DISPUTE_CLOSED)) == (1, 1)
    assert till.books() == {"held": 5_000, "owed_back": 0, "exposure": 0}
    till.demand_sound()


def test_a_refund_and_a_dispute_at_once_take_what_is_held_once(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    till = make_till(app, stripe, clock, PENDING)
    till.pay_out(90_000)
    refund = till.ask(8_000)
    till.approve(refund)
    ref = str(stripe.open_dispute(till.attempt(1).charge_ref or "")["id"])
    now, refund_id = till.clock.now(), refund.id
    steps = [lambda: till.refunds.sync(refund_id, now), lambda: till.disputes.read(ref, now)] * 3
    assert failures(together(app, steps), GatewayDown) == []
    assert till.books() == {"held": 0, "owed_back": 0, "exposure": -18_000}
    till.demand_sound()
