"""Another card arrives while something else happens to its pledge: one card stays at most, the one that is charged."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Conflict, Forbidden
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.models import CardCheckout
from crowdfund.payments.rules import CheckoutState
from crowdfund.pledges.actions import change_amount, withdraw_pledge
from crowdfund.pledges.another_card import start_another_card
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import CARD_KEPT, PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.verdict import write_verdict
from tests.support.campaign import Campaign, make_campaign
from tests.support.factories import LIMITS, TESTER
from tests.support.threads import failures, together

OTHER = "5555555555554444"
ROUNDS = range(5)
Step = Callable[[], Any]


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    """A project whose one backer has typed another card, of which we have not heard, an hour before the deadline."""
    found = make_campaign(app, stripe, clock)
    found.back(95_000)
    assert found.project.deadline is not None
    found.work(found.project.deadline - timedelta(hours=1) - clock.now())
    begin(found)
    found.desk.open(found.pledges[0])
    stripe.set_mode("drop")
    found.desk.save(found.pledges[0], OTHER)
    return found


def begin(campaign: Campaign) -> int:
    with unit_of_work() as session:
        who: dict[str, Any] = {"actor": TESTER, "now": campaign.clock.now()}
        return start_another_card(session, campaign.pledges[0].id, "I agree to £950.", 95_000, **who).id


def sync(campaign: Campaign, at: datetime | None = None) -> Step:
    checkout_id, moment = campaign.desk.checkout(campaign.pledges[0]).id, at or campaign.clock.now()
    return lambda: campaign.desk.checkouts.sync(checkout_id, moment)


def in_a_unit(campaign: Campaign, action: Callable[..., Any], *given: Any, **more: Any) -> Step:
    def step() -> None:
        with unit_of_work() as session:
            action(session, *given, actor=TESTER, now=campaign.clock.now(), **more)

    return step


def kept(campaign: Campaign) -> set[int]:
    """Return the checkouts of the pledge whose card the provider still keeps for us."""
    campaign.work()
    rows = select(CardCheckout).where(CardCheckout.subject == campaign.pledges[0].subject)
    saved = [row for row in db.session.scalars(rows) if row.state is CheckoutState.COMPLETE]
    with campaign.stripe.work() as context:
        methods = {row.id: context.store.find("payment_method", row.payment_method_ref or "") or {} for row in saved}
    return {checkout_id for checkout_id, method in methods.items() if method.get("customer")}


def demand_one_card(campaign: Campaign) -> Pledge:
    left = kept(campaign)
    pledge = db.session.get_one(Pledge, campaign.pledges[0].id)
    assert left == ({pledge.checkout_id} if pledge.state in CARD_KEPT else set())
    return pledge


@pytest.mark.parametrize("round_", ROUNDS)
def test_the_verdict_comes_in_the_same_moment(campaign: Campaign, round_: int) -> None:
    """Both cards came in time; who is first at the project decides, and the card that stays is the one charged."""
    project_id, deadline = campaign.project.id, campaign.project.deadline
    assert deadline is not None
    heard = sync(campaign, deadline - timedelta(microseconds=1))
    steps = [heard, in_a_unit(campaign, write_verdict, project_id, threshold_percent=95), heard]
    campaign.clock.at = deadline
    assert failures(together(campaign.app, steps[round_ % 2 :] + steps[: round_ % 2])) == []
    campaign.work(timedelta(minutes=1))
    assert campaign.reread().state is ProjectState.FUNDED
    pledge = demand_one_card(campaign)
    assert pledge.state is PledgeState.PAID
    charged = campaign.attempts(pledge)[0].payment_method_ref
    assert charged == db.session.get_one(CardCheckout, pledge.checkout_id).payment_method_ref


@pytest.mark.parametrize("round_", ROUNDS)
def test_its_backer_withdraws_in_another_tab(campaign: Campaign, round_: int) -> None:
    steps = [sync(campaign), in_a_unit(campaign, withdraw_pledge, campaign.pledges[0].id), sync(campaign)]
    assert failures(together(campaign.app, steps[round_ % 2 :] + steps[: round_ % 2])) == []
    assert demand_one_card(campaign).state is PledgeState.WITHDRAWN
    assert campaign.pledged() == 0


@pytest.mark.parametrize("round_", ROUNDS)
def test_its_backer_raises_the_amount_in_another_tab(campaign: Campaign, round_: int) -> None:
    raised = in_a_unit(campaign, change_amount, campaign.pledges[0].id, 99_000, "I agree to £990.", LIMITS)
    steps = [sync(campaign), raised, lambda: begin(campaign)]
    results = together(campaign.app, steps[round_ % 2 :] + steps[: round_ % 2])
    assert failures(results, Conflict, Forbidden) == []
    pledge = demand_one_card(campaign)
    assert (pledge.amount_pence, pledge.consented_pence, campaign.pledged()) == (99_000, 99_000, 99_000)
