"""Saving a card while the provider hangs, drops, fails or our own process dies: said, and healed by a retry."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import GatewayDown
from crowdfund.payments.checkouts import Checkouts
from crowdfund.payments.gateway import CheckoutPage, CheckoutRequest
from crowdfund.payments.rules import CheckoutState
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.pledges.rules import PledgeState
from crowdfund.sandbox.stripe import StandIn
from tests.support.factories import make_project
from tests.support.payments import Desk, request_for
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
