"""A crowd's project closes while more people arrive: each is in the verdict or refused, and nobody pays twice."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.models import ChargeAttempt
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.verdict import write_verdict
from tests.support.campaign import Campaign, make_campaign
from tests.support.factories import TESTER
from tests.support.sampling import is_thorough
from tests.support.threads import failures, together

CROWD = 2_000 if is_thorough() else 20
LATE = 30
_S = PledgeState


def test_a_crowd_closes_while_thirty_more_arrive(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    campaign = make_campaign(app, stripe, clock)
    for number in range(CROWD):
        campaign.back(max(200, 100_000 // CROWD) + number % 7)
    late = _with_saved_cards(campaign)
    _close_and_arrive(campaign, late)
    verdict, states = campaign.verdict(), _states()
    assert verdict is not None
    assert verdict.reached
    counted = states[_S.COLLECTING]
    assert (counted[0], states[_S.ABANDONED][0]) == (verdict.backers, CROWD + LATE - verdict.backers)
    assert counted[1] == verdict.pledged_pence == campaign.pledged()
    campaign.work(timedelta(hours=2))
    _each_is_charged_once(campaign, verdict.backers, verdict.pledged_pence)
    assert not any(campaign.desk.card_is_kept(pledge) for pledge in late if campaign.state(pledge) is _S.ABANDONED)


def _with_saved_cards(campaign: Campaign) -> list[Pledge]:
    """Return people who typed their card on the provider's page, of which our side knows nothing yet."""
    late = [campaign.desk.start(3_000 + number) for number in range(LATE)]
    for pledge in late:
        campaign.desk.open(pledge)
        campaign.desk.save(pledge)
    return late


def _close_and_arrive(campaign: Campaign, late: list[Pledge]) -> None:
    """Have everyone return from the provider's page in the last moment, while the verdict is written, twice."""
    deadline = campaign.project.deadline
    assert deadline is not None
    campaign.clock.at = deadline
    project_id, last_moment = campaign.project.id, deadline - timedelta(microseconds=1)
    checkouts, desk = [campaign.desk.checkout(pledge).id for pledge in late], campaign.desk.checkouts

    def judge() -> None:
        with unit_of_work() as session:
            write_verdict(session, project_id, threshold_percent=95, actor=TESTER, now=deadline)

    steps: list[Callable[[], Any]] = [lambda one=one: desk.sync(one, last_moment) for one in checkouts]  # type: ignore[misc]
    steps.insert(LATE // 2, judge)
    steps.append(judge)
    db.session.rollback()
    assert failures(together(campaign.app, steps)) == []


def _states() -> dict[PledgeState, tuple[int, int]]:
    """Return how many pledges are in each state, and their pence."""
    db.session.expire_all()
    counted = select(Pledge.state, func.count(), func.sum(Pledge.amount_pence)).group_by(Pledge.state)
    found = {state: (number, int(pence)) for state, number, pence in db.session.execute(counted)}
    return {state: found.get(state, (0, 0)) for state in PledgeState}


def _each_is_charged_once(campaign: Campaign, backers: int, pence: int) -> None:
    """Everyone in the verdict paid once, by our rows and by the provider's, and the books hold what was charged."""
    assert _states()[_S.PAID] == (backers, pence)
    assert campaign.reread().state is ProjectState.FUNDED
    tries = Counter(db.session.scalars(select(ChargeAttempt.subject)))
    assert (len(tries), set(tries.values())) == (backers, {1})
    with campaign.stripe.work() as context:
        paid = [row for row in context.store.select("payment_intent") if row["status"] == "succeeded"]
        net = sum(row["net"] for row in context.store.select("balance_transaction"))
    assert len({row["metadata"]["crowdfund_reference"] for row in paid}) == len(paid) == backers
    assert sum(row["amount"] for row in paid) == campaign.held() == pence
    assert net == campaign.at_provider()
