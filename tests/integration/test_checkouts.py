"""Saving a card: one page, one pledge, in any order and however often."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import GatewayDown
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.checkouts import start_checkout
from crowdfund.payments.rules import CheckoutState
from crowdfund.pledges import actions, setting_up
from crowdfund.pledges.rules import PledgeState
from crowdfund.sandbox.stripe import StandIn
from tests.support.factories import LIMITS, TESTER, make_project
from tests.support.payments import Desk
from tests.support.threads import failures, together
from tests.support.totals import totals


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


def test_a_page_whose_time_is_up_is_replaced(desk: Desk, clock: FixedClock) -> None:
    pledge = desk.start()
    first = desk.open(pledge)
    clock.forward(timedelta(hours=25))
    desk.sync(pledge)
    assert desk.checkout(pledge).state is CheckoutState.EXPIRED
    with unit_of_work() as session:
        fresh = start_checkout(session, pledge.subject, clock.now())
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
        setting_up.set_amount(session, pledge.id, 5000, LIMITS, actor=TESTER, now=clock.now())
    desk.save(pledge)
    desk.sync(pledge)
    assert desk.checkout(pledge).state is CheckoutState.COMPLETE
    assert desk.reread(pledge).state is PledgeState.SETUP
    assert totals(db_session, desk.project.id) == (0, 0, 0, 0)
