"""Workers and web processes are killed outright at every point that matters; those that follow make it good."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import queries as ledger
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.payments.models import ChargeAttempt, StripeEvent
from crowdfund.payments.refunding import ask_refund
from crowdfund.payments.rules import AttemptState, EventState
from crowdfund.payouts.models import PaymentFile
from crowdfund.payouts.rules import PayoutState
from crowdfund.pledges import queries as pledges
from crowdfund.pledges.links import link_key
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.stripe.webhooks import post
from crowdfund.settlement import checks as settlement
from crowdfund.settlement.models import Verdict
from tests.support.campaign import DECLINED, Campaign, make_campaign, open_fix_page
from tests.support.database import Database
from tests.support.factories import make_project
from tests.support.killing import Plant, free_port, open_plant
from tests.support.paying import HELD, make_purse
from tests.support.sampling import is_thorough
from tests.support.signed import event_body, signature
from tests.support.visiting import Broken, Visitor


@pytest.fixture
def plant(built_app: Flask, database: Database, settings: Settings, provider: tuple[StandIn, str]) -> Iterator[Plant]:
    """Processes on an empty database, a clock that they share, and the stand-in on the same clock."""
    with open_plant(built_app, database, settings, provider[0]) as made:
        yield made


@pytest.fixture
def campaign(plant: Plant) -> Campaign:
    """A project that reaches its target of £900 with four cards."""
    made = make_campaign(plant.app, plant.stripe, plant.clock)  # type: ignore[arg-type]
    for pence in (30_000, 30_000, 20_000, 10_000):
        made.back(pence)
    assert made.project.deadline is not None
    plant.clock.at = made.project.deadline
    return made


NOTHING = "No payout is approved, so there is nothing to send."
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


# Pages on which a pledge is paid


@pytest.fixture
def unpaid(plant: Plant) -> Campaign:
    """A project whose second backer has to fix a card, and was asked to."""
    made = make_campaign(plant.app, plant.stripe, plant.clock)  # type: ignore[arg-type]
    made.back(90_000)
    made.back(10_000, DECLINED)
    assert made.project.deadline is not None
    plant.clock.at = made.project.deadline
    with plant.worker() as process:
        asked = [PledgeState.PAID, PledgeState.FIXING]
        plant.until(lambda: [made.state(one) for one in made.pledges] == asked and plant.is_idle(), process)
    return made


def pages_of(campaign: Campaign, pledge: Pledge) -> list[dict[str, Any]]:
    """Every payment page that the provider made for a pledge."""
    with campaign.stripe.work() as context:
        made = context.store.select("checkout.session", oldest_first=True)
    return [page for page in made if page["metadata"].get("crowdfund_subject") == pledge.subject]


def test_a_web_process_killed_when_the_provider_had_made_a_payment_page(plant: Plant, unpaid: Campaign) -> None:
    pledge, port = unpaid.pledges[1], free_port()
    key = link_key(pledge, plant.settings.secret_key)
    with plant.web(port) as address:
        visitor = Visitor(address)
        visitor.submit(visitor.get(f"/pledges/{pledge.public_id}?key={key}"))
        page = visitor.get(f"/pledges/{pledge.public_id}/fix")
    with plant.web(port, "page.after_open"), pytest.raises(Broken):
        visitor.submit(page)
    assert [page["status"] for page in pages_of(unpaid, pledge)] == ["open"]
    assert unpaid.attempts(pledge)[-1].url is None
    with plant.web(port):
        assert visitor.submit(page).status_code == 200
        [there] = pages_of(unpaid, pledge)
        assert unpaid.attempts(pledge)[-1].session_ref == there["id"]
        plant.stripe.complete_checkout(there["id"])
        assert "You paid £100" in visitor.get(f"/pledges/{pledge.public_id}/fix/return").text
        visitor.close()
    assert sorted(intent["amount"] for intent in unpaid.charged_there()) == [10_000, 90_000]
    assert (unpaid.state(pledge), unpaid.held()) == (PledgeState.PAID, 100_000)
    demand_order()


def test_a_worker_killed_when_the_provider_had_closed_a_payment_page(plant: Plant, unpaid: Campaign) -> None:
    pledge, fix_until = unpaid.pledges[1], unpaid.settlement().fix_until
    assert fix_until is not None
    plant.clock.at = fix_until - timedelta(hours=2)
    open_fix_page(unpaid, pledge)
    with plant.worker() as process:
        plant.until(plant.is_idle, process)
    plant.clock.at = fix_until
    plant.die_at("page.after_close")
    assert [page["status"] for page in pages_of(unpaid, pledge)] == ["expired"]
    assert unpaid.state(pledge) is PledgeState.COLLECTING
    demand_order()
    plant.clock.forward(timedelta(minutes=10))
    with plant.worker() as process:
        plant.until(lambda: unpaid.state(pledge) is PledgeState.LAPSED and plant.is_idle(), process)
    assert [intent["amount"] for intent in unpaid.charged_there()] == [90_000]
    assert (unpaid.reread().state, unpaid.held()) == (ProjectState.FUNDED, 90_000)
    assert len(unpaid.attempts(pledge)) == 2
    demand_order()


def test_a_web_process_killed_when_a_payment_file_was_written(plant: Plant) -> None:
    purse, port = make_purse(plant.app, plant.clock), free_port()  # type: ignore[arg-type]
    purse.ready()
    payout = purse.prepare(10_000)
    purse.approve(payout)
    with plant.web(port) as address:
        officer = Visitor(address, plant.cookie_of(purse.ben))
        page = officer.get("/officers/payouts/files/new")
        assert page.status_code == 200
    with plant.web(port, "payout.after_send"), pytest.raises(Broken):
        officer.submit(page)
    assert purse.again(payout).state is PayoutState.SENT
    with plant.web(port):
        again = officer.submit(page)
        assert (again.status_code, NOTHING in again.text) == (422, True)
        listed = officer.get("/officers/payouts/files")
        officer.close()
    [made] = db.session.scalars(select(PaymentFile)).all()
    assert f"/officers/payouts/files/{made.public_id}" in listed.text
    assert (purse.again(payout).state, purse.held()) == (PayoutState.SENT, HELD - 10_000)
    assert balance_pence(db.session(), AccountKind.IN_FLIGHT, purse.project.id) == 10_000
    assert list(ledger.breaches(db.session())) == []
