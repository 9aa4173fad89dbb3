"""Saving a card, whatever happens on the way: one page, one pledge, and a retry that heals."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import GatewayDown
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.checkouts import Checkouts
from crowdfund.payments.gateway import CheckoutPage, CheckoutRequest
from crowdfund.payments.rules import CheckoutState
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.pledges import actions
from crowdfund.pledges.rules import PledgeState
from crowdfund.sandbox.stripe import StandIn
from tests.support.factories import LIMITS, TESTER, make_project
from tests.support.payments import Desk, request_for
from tests.support.threads import failures, together
from tests.support.totals import totals

FAULTS = {
    "hang": {"seconds": 0.01},
    "commit_then_drop": {},
    "commit_then_500": {},
    "500": {},
    "409": {},
    "429": {},
    "down": {},
}
STEPS = ("/v1/customers", "/v1/checkout/sessions")


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


class Doomed(StripeGateway):
    """A gateway whose process is killed before or after its call."""

    def __init__(self, real: StripeGateway, *, called: bool) -> None:
        self._real, self._called, self.live = real, called, real.live

    def open_checkout(self, request: CheckoutRequest) -> CheckoutPage:
        """Be killed."""
        if self._called:
            self._real.open_checkout(request)
        raise Killed


@pytest.fixture
def desk(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Desk:
    return Desk(app, stripe, make_project(clock.now()))


def test_a_saved_card_makes_the_pledge_count(db_session: Session, desk: Desk) -> None:
    pledge = desk.start()
    desk.open(pledge)
    desk.save(pledge)
    desk.sync(pledge)
    checkout = desk.checkout(pledge)
    assert desk.reread(pledge).state is PledgeState.ACTIVE
    assert (checkout.state, checkout.card_brand, checkout.card_last4) == (CheckoutState.COMPLETE, "visa", "4242")
    assert totals(db_session, desk.project.id) == (2500, 2500, 1, 1)


def test_the_same_card_has_the_same_hash_and_reveals_nothing(desk: Desk) -> None:
    hashes = []
    for card in ("4242424242424242", "4242424242424242", "5555555555554444"):
        pledge = desk.start()
        desk.open(pledge)
        desk.save(pledge, card)
        desk.sync(pledge)
        hashes.append(desk.checkout(pledge).card_hash)
    assert hashes[0] == hashes[1] != hashes[2]
    with desk.stripe.work() as context:
        prints = {method["card"]["fingerprint"] for method in context.store.select("payment_method")}
    assert not prints & set(hashes)


def test_asking_again_gives_the_same_page(desk: Desk) -> None:
    pledge = desk.start()
    assert desk.open(pledge) == desk.open(pledge)
    assert desk.pages(pledge) == 1


def test_a_double_click_opens_one_page(app: Flask, desk: Desk) -> None:
    pledge = desk.start()
    results = together(app, [lambda: desk.open(pledge)] * 2)
    assert failures(results, GatewayDown) == []
    assert desk.open(pledge) in results
    assert desk.pages(pledge) == 1


def test_looking_many_times_at_once_makes_it_count_once(app: Flask, db_session: Session, desk: Desk) -> None:
    pledge = desk.start()
    desk.open(pledge)
    desk.save(pledge)
    results = together(app, [lambda: desk.sync(pledge)] * 6)
    assert failures(results) == []
    assert totals(db_session, desk.project.id) == (2500, 2500, 1, 1)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_while_opening_is_said_and_a_retry_heals(
    db_session: Session, desk: Desk, fault: str, step: str
) -> None:
    pledge = desk.start()
    desk.stripe.set_mode(fault, path=step, **FAULTS[fault])
    with pytest.raises(GatewayDown):
        desk.open(pledge)
    assert desk.checkout(pledge).state is CheckoutState.CREATING
    desk.stripe.clear_modes()
    assert desk.open(pledge) == desk.open(pledge)
    desk.save(pledge)
    desk.sync(pledge)
    assert totals(db_session, desk.project.id) == (2500, 2500, 1, 1)
    # A kept 500 hides what was made behind it: such a page is known to nobody, so a second does no harm.
    assert desk.pages(pledge) == (2 if fault == "commit_then_500" and step == STEPS[1] else 1)


@pytest.mark.parametrize("step", STEPS)
def test_one_kept_500_after_the_other_does_not_lock_the_backer_out(desk: Desk, step: str) -> None:
    pledge = desk.start()
    desk.stripe.set_mode("500", path=step)
    for _ in range(3):
        with pytest.raises(GatewayDown):
            desk.open(pledge)
    desk.stripe.clear_modes()
    assert desk.open(pledge) == desk.open(pledge)


@pytest.mark.parametrize("fault", ["hang", "500", "429", "down"])
def test_a_fault_while_looking_changes_nothing(db_session: Session, desk: Desk, fault: str) -> None:
    pledge = desk.start()
    desk.open(pledge)
    desk.save(pledge)
    desk.stripe.set_mode(fault, **FAULTS.get(fault, {}))
    with pytest.raises(GatewayDown):
        desk.sync(pledge)
    assert desk.reread(pledge).state is PledgeState.SETUP
    desk.stripe.clear_modes()
    desk.sync(pledge)
    assert desk.reread(pledge).state is PledgeState.ACTIVE


@pytest.mark.parametrize("called", [False, True])
def test_a_process_killed_around_the_call_heals(desk: Desk, called: bool) -> None:
    pledge = desk.start()
    checkout = desk.checkout(pledge)
    doomed = Checkouts(Doomed(desk.checkouts.gateway, called=called), desk.checkouts.secret, {})
    with pytest.raises(Killed):
        doomed.open_page(checkout.id, request_for(checkout))
    assert desk.checkout(pledge).state is CheckoutState.CREATING
    assert desk.open(pledge)
    assert desk.pages(pledge) == 1


def test_an_edit_after_a_failed_call_does_not_lock_the_backer_out(desk: Desk) -> None:
    pledge = desk.start()
    checkout = desk.checkout(pledge)
    doomed = Checkouts(Doomed(desk.checkouts.gateway, called=True), desk.checkouts.secret, {})
    with pytest.raises(Killed):
        doomed.open_page(checkout.id, request_for(checkout, "I agree to £25."))
    assert desk.checkouts.open_page(checkout.id, request_for(checkout, "I agree to £50."))


def test_a_page_whose_time_is_up_is_replaced(desk: Desk, clock: FixedClock) -> None:
    pledge = desk.start()
    first = desk.open(pledge)
    clock.forward(timedelta(hours=25))
    desk.sync(pledge)
    assert desk.checkout(pledge).state is CheckoutState.EXPIRED
    with unit_of_work() as session:
        fresh = actions.start_checkout(session, pledge.subject, clock.now())
    assert fresh.state is CheckoutState.CREATING
    assert desk.open(pledge) != first


def test_a_card_saved_for_a_pledge_that_ended_is_forgotten(desk: Desk, clock: FixedClock) -> None:
    pledge = desk.start()
    desk.open(pledge)
    with unit_of_work() as session:
        actions.abandon_pledge(session, pledge.id, "not_finished", actor=TESTER, now=clock.now())
    desk.save(pledge)
    desk.sync(pledge)
    assert desk.card_is_kept(pledge)
    desk.work()
    assert not desk.card_is_kept(pledge)
    assert desk.reread(pledge).state is PledgeState.ABANDONED


def test_forgetting_a_card_twice_is_fine(desk: Desk, clock: FixedClock) -> None:
    pledge = desk.start()
    desk.open(pledge)
    desk.save(pledge)
    desk.sync(pledge)
    with unit_of_work() as session:
        actions.withdraw_pledge(session, pledge.id, actor=TESTER, now=clock.now())
    desk.work()
    assert not desk.card_is_kept(pledge)
    desk.checkouts.gateway.forget_card(desk.checkout(pledge).payment_method_ref or "")
    desk.checkouts.gateway.forget_card("pm_never_was")


def test_an_edit_while_the_card_is_typed_waits_for_agreement(
    db_session: Session, desk: Desk, clock: FixedClock
) -> None:
    pledge = desk.start()
    desk.open(pledge)
    with unit_of_work() as session:
        actions.set_amount(session, pledge.id, 5000, LIMITS, actor=TESTER, now=clock.now())
    desk.save(pledge)
    desk.sync(pledge)
    assert desk.checkout(pledge).state is CheckoutState.COMPLETE
    assert desk.reread(pledge).state is PledgeState.SETUP
    assert totals(db_session, desk.project.id) == (0, 0, 0, 0)
