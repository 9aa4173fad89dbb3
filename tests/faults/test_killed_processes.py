"""Workers and web processes are killed outright at every point that matters; those that follow make it good."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.core import clock as clocks
from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import queries as ledger
from crowdfund.payments.models import ChargeAttempt, StripeEvent
from crowdfund.payments.refunding import ask_refund
from crowdfund.payments.rules import AttemptState, EventState
from crowdfund.pledges import queries as pledges
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.stripe.webhooks import post
from crowdfund.settlement import checks as settlement
from crowdfund.settlement.models import Verdict
from tests.support.campaign import Campaign, make_campaign
from tests.support.database import Database
from tests.support.factories import make_project
from tests.support.killing import Plant, SharedClock, free_port
from tests.support.sampling import is_thorough
from tests.support.signed import event_body, signature
from tests.support.stand_in import start_anew
from tests.support.visiting import Broken, Visitor


@pytest.fixture
def plant(built_app: Flask, database: Database, settings: Settings, provider: tuple[StandIn, str]) -> Iterator[Plant]:
    """Processes on an empty database, a clock that they share, and the stand-in on the same clock."""
    with built_app.app_context():
        database.reset(db.engine)
        clock, former = SharedClock(built_app), clocks._installed
        clocks.install(clock)
        start_anew(provider[0])
        made = Plant(built_app, settings, provider[0], clock)
        try:
            yield made
        finally:
            made.end()
            clocks.install(former)
            db.session.remove()


@pytest.fixture
def campaign(plant: Plant) -> Campaign:
    """A project that reaches its target of £900 with four cards."""
    made = make_campaign(plant.app, plant.stripe, plant.clock)  # type: ignore[arg-type]
    for pence in (30_000, 30_000, 20_000, 10_000):
        made.back(pence)
    assert made.project.deadline is not None
    plant.clock.at = made.project.deadline
    return made


REFUNDING = ["refund.before_send", "refund.after_send", "refund.after_record"]


def demand_order() -> None:
    db.session.expire_all()
    for source in (ledger.breaches, pledges.breaches, settlement.breaches):
        assert list(source(db.session())) == []


def demand_all_paid_once(campaign: Campaign) -> None:
    assert [campaign.state(pledge) for pledge in campaign.pledges] == [PledgeState.PAID] * 4
    assert sorted(intent["amount"] for intent in campaign.charged_there()) == [10_000, 20_000, 30_000, 30_000]
    assert campaign.reread().state is ProjectState.FUNDED
    assert campaign.held() == 90_000
    assert db.session.scalar(select(func.count()).select_from(Verdict)) == 1
    demand_order()


def finish(plant: Plant, campaign: Campaign) -> None:
    """Let a worker that nobody kills end the work; minutes later, so that what failed is tried again."""
    plant.clock.forward(timedelta(minutes=10))
    with plant.worker() as process:
        plant.until(lambda: campaign.reread().state is ProjectState.FUNDED and plant.is_idle(), process)


def count(state: AttemptState) -> int:
    return db.session.scalar(select(func.count()).where(ChargeAttempt.state == state)) or 0


def test_a_close_whose_workers_die_one_after_the_other(plant: Plant, campaign: Campaign) -> None:
    plant.die_at("verdict.in_transaction")
    assert campaign.verdict() is None
    assert campaign.reread().state is ProjectState.LIVE
    for point in ("verdict.after_commit", "batch.between") if is_thorough() else ():
        plant.die_at(point)
        assert campaign.verdict() is not None
    plant.die_at("charge.before_send")
    assert campaign.charged_there() == []
    plant.die_at("charge.after_send:2")
    assert (len(campaign.charged_there()), count(AttemptState.SUCCEEDED)) == (2, 1)
    for point in ("charge.after_record", "mail.before_record") if is_thorough() else ():
        plant.die_at(point)
        demand_order()
    finish(plant, campaign)
    demand_all_paid_once(campaign)


@pytest.mark.parametrize("point", REFUNDING if is_thorough() else REFUNDING[1:2])
def test_a_worker_killed_while_it_refunds(plant: Plant, campaign: Campaign, point: str) -> None:
    finish(plant, campaign)
    [attempt] = campaign.attempts(campaign.pledges[3])
    with unit_of_work() as session:
        ask_refund(session, attempt.id, 10_000, "Asked.", asked_by=None, limit_pence=0, now=plant.clock.now())
    plant.die_at(point)
    demand_order()
    plant.clock.forward(timedelta(minutes=10))
    with plant.worker() as process:
        plant.until(lambda: campaign.state(campaign.pledges[3]) is PledgeState.REFUNDED, process)
    with plant.stripe.work() as context:
        refunds = [row["amount"] for row in context.store.select("refund") if row["charge"] == attempt.charge_ref]
    assert refunds == [10_000]
    assert campaign.held() == 80_000
    demand_order()


def test_a_web_process_killed_in_the_middle_of_a_form(plant: Plant) -> None:
    project, port = make_project(plant.clock.now()), free_port()
    with plant.web(port) as address:
        visitor = Visitor(address)
        page = visitor.get(f"/projects/{project.slug}/pledge")
    with plant.web(port, "pledge.after_start"), pytest.raises(Broken):
        visitor.submit(page, choice="2500")
    with plant.web(port):
        assert visitor.submit(page, choice="2500").status_code == 200
        visitor.close()
    assert db.session.scalars(select(Pledge.state)).all() == [PledgeState.SETUP]


def test_a_web_process_killed_with_a_webhook_in_its_hands(plant: Plant) -> None:
    made = make_campaign(plant.app, plant.stripe, plant.clock)  # type: ignore[arg-type]
    pledge, port = made.desk.start(2_500), free_port()
    made.desk.open(pledge)
    made.desk.save(pledge)
    plant.stripe.flush_webhooks()
    body = event_body(str(made.desk.checkout(pledge).session_ref), id="evt_again")
    headers = signature(body)
    with plant.web(port, "webhook.after_store") as address:
        assert post(f"{address}/stripe/webhook", body.encode(), headers) == 0
    with plant.web(port) as address:
        assert post(f"{address}/stripe/webhook", body.encode(), headers) == 200
    assert db.session.scalar(select(func.count()).select_from(StripeEvent).where(StripeEvent.id == "evt_again")) == 1
    plant.die_at("event.before_done")
    assert made.state(pledge) is PledgeState.ACTIVE
    plant.clock.forward(timedelta(minutes=10))
    with plant.worker() as process:
        plant.until(plant.is_idle, process)
    assert made.pledged() == 2_500
    assert len(made.mails("pledge_receipt")) == 1
    assert set(db.session.scalars(select(StripeEvent.state))) == {EventState.DONE}
    demand_order()
