"""A refund is booked when its money leaves the provider's balance: not before, and never without."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.payments.charge_results import NotBelieved
from crowdfund.payments.gateway import RefundResult, RefundStatus
from crowdfund.payments.models import Refund
from crowdfund.payments.rules import RefundState
from crowdfund.payouts.listening import PAYOUT_LISTENERS
from crowdfund.sandbox.stripe import StandIn
from tests.support.refunds import Till, make_till

F, S = RefundState, RefundStatus


@pytest.fixture
def till(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Till:
    return make_till(app, stripe, clock)


def result_of(refund: Refund, status: RefundStatus, *, taken: bool = True) -> RefundResult:
    if status is S.NOTHING:
        return RefundResult(status)
    failure = "lost_card" if status is S.FAILED else None
    return RefundResult(status, refund.public_id, f"re_{refund.id}", refund.amount_pence, failure, taken=taken)


@pytest.mark.parametrize("before", [None, S.PENDING])
def test_one_that_fails_without_any_movement_leaves_the_money_where_it_is(
    till: Till, before: RefundStatus | None
) -> None:
    refund = till.ask(1_000)
    if before:
        till.refunds.record(refund.id, result_of(refund, before, taken=False), till.clock.now())
        assert till.again(refund).state is F.PENDING
        assert till.books() == {"held": 100_000, "owed_back": 0, "exposure": 0}
    for status in (S.FAILED, S.FAILED, S.NOTHING):
        till.refunds.record(refund.id, result_of(refund, status, taken=False), till.clock.now())
    failed = till.again(refund)
    assert (failed.state, failed.was_taken, failed.refund_ref) == (F.FAILED, False, f"re_{refund.id}")
    assert till.books() == {"held": 100_000, "owed_back": 0, "exposure": 0}
    assert till.attempt().refunded_pence == 0
    assert till.ask(80_000).amount_pence == 80_000, "all of it can still go to the card"
    with pytest.raises(NotBelieved):
        till.refunds.record(refund.id, result_of(refund, S.FAILED), till.clock.now())


def test_a_pending_one_is_booked_when_its_money_leaves_and_set_aside_until_then(till: Till) -> None:
    refund, now = till.ask(1_000), till.clock.now()
    till.refunds.record(refund.id, result_of(refund, S.PENDING, taken=False), now)
    money = PAYOUT_LISTENERS["project"].payable(db.session(), till.project_id)
    assert (money.held_pence, money.refunding_pence) == (100_000, 1_000)
    assert till.campaign.mails("refund_sent") == []
    for _ in range(2):
        till.refunds.record(refund.id, result_of(refund, S.PENDING), now)
    assert till.books() == {"held": 99_000, "owed_back": 0, "exposure": 0}
    money = PAYOUT_LISTENERS["project"].payable(db.session(), till.project_id)
    assert (money.held_pence, money.refunding_pence) == (99_000, 0)
    assert len(till.campaign.mails("refund_sent")) == 1
    till.refunds.record(refund.id, result_of(refund, S.SUCCEEDED), now)
    assert till.books() == {"held": 99_000, "owed_back": 0, "exposure": 0}
