"""A backup is restored and hours are lost: what the provider did meanwhile is taken over, and nobody pays twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crowdfund.core import failpoints, jobs
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import queries as ledger
from crowdfund.notifications.models import Mail
from crowdfund.payments.lost_checkouts import find_lost_checkouts, tell_lost_checkout
from crowdfund.payments.models import ChargeAttempt, Difference, Reconciliation
from crowdfund.payments.reconciling import reconcile
from crowdfund.payments.refunding import ask_refund
from crowdfund.payments.rules import RECONCILE, AttemptState
from crowdfund.payments.stripe_reading import NUMBER, REFERENCE, SUBJECT, SUBJECT_REF
from crowdfund.pledges import queries as pledges
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.stripe.payments import create_payment
from crowdfund.settlement import checks as settlement
from crowdfund.wiring import takes_of, worker_of
from tests.support.backup import back_up, restore
from tests.support.campaign import DECLINED, Campaign, make_campaign, open_fix_page

AMOUNTS = (30_000, 30_000, 20_000, 10_000)


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    """Four pledges of £900 together, the last of which is on a card that will be declined."""
    found = make_campaign(app, stripe, clock)
    for pence in AMOUNTS[:3]:
        found.back(pence)
    found.back(AMOUNTS[3], DECLINED)
    return found


def paid_there(campaign: Campaign) -> list[int]:
    """What was taken from cards at the provider, whoever knows of it."""
    with campaign.stripe.work() as context:
        intents = context.store.select("payment_intent")
    return sorted(intent["amount"] for intent in intents if intent["status"] == "succeeded")


def fix(campaign: Campaign, pledge: Pledge) -> None:
    """Have a backer pay on the provider's page."""
    page = open_fix_page(campaign, pledge)
    campaign.stripe.complete_checkout(page.session_ref or "")
    campaign.charges.sync(page.id, campaign.clock.now())


def run_reconciliation(campaign: Campaign) -> Reconciliation:
    """What `crowdfund reconcile` does."""
    return reconcile(campaign.charges.gateway, campaign.clock.now(), takes=takes_of(campaign.app))


def found_by(run: Reconciliation) -> list[str]:
    """What a reconciliation told, in order."""
    rows = select(Difference.words).where(Difference.reconciliation_id == run.id).order_by(Difference.id)
    return list(db.session.scalars(rows))


def demand_order(campaign: Campaign) -> None:
    db.session.expire_all()
    for source in (ledger.breaches, pledges.breaches, settlement.breaches):
        assert list(source(db.session())) == []
    parked = select(Job.last_error).where(Job.state == JobState.PARKED)
    assert db.session.scalars(parked).all() == []
    assert campaign.at_provider() == campaign.charges.gateway.balance_pence()


def work_to_the_end(campaign: Campaign) -> None:
    """Three days with everything that comes round."""
    for _ in range(3):
        campaign.sweep()
        campaign.work(timedelta(days=1))
    campaign.sweep()


def demand_paid_once(campaign: Campaign) -> None:
    assert [campaign.state(pledge) for pledge in campaign.pledges] == [PledgeState.PAID] * 4
    assert paid_there(campaign) == sorted(AMOUNTS)
    assert (campaign.reread().state, campaign.held()) == (ProjectState.FUNDED, sum(AMOUNTS))
    demand_order(campaign)
    run = run_reconciliation(campaign)
    assert (found_by(run), run.in_flight_pence) == ([], 0)
    assert run.provider_pence == run.book_pence == campaign.at_provider()


def forget_to_reconcile(campaign: Campaign) -> None:
    """Let the nightly runs of the next ten days count as done."""
    for days in range(10):
        slot = int((campaign.clock.now() + timedelta(days=days)).timestamp() // 86_400)
        with unit_of_work() as session:
            key = f"{RECONCILE}:{slot}"
            jobs.enqueue(session, RECONCILE, {}, dedupe_key=key, now=campaign.clock.now())
            session.execute(update(Job).where(Job.dedupe_key == key).values(state=JobState.DONE))


def asked_to_pay() -> int:
    rows = select(func.count()).select_from(Mail).where(Mail.template == "pledge_fix")
    return db.session.scalar(rows) or 0


# The moments at which the backup was made


def before_the_deadline(campaign: Campaign) -> None:
    """Nothing to do: the project is live."""


def before_the_first_charge(campaign: Campaign) -> None:
    """The verdict is written and every charge prepared; none was sent."""
    assert campaign.project.deadline is not None
    campaign.clock.at = campaign.project.deadline
    while not campaign.attempts(campaign.pledges[0]):
        assert worker_of(campaign.app).run_one()


def while_a_charge_has_no_answer(campaign: Campaign) -> None:
    """Every charge was sent, and the provider did not answer."""
    campaign.stripe.set_mode("down", path="/v1/payment_intents")
    campaign.end()
    campaign.stripe.clear_modes()
    assert {campaign.attempts(pledge)[0].state for pledge in campaign.pledges} == {AttemptState.UNKNOWN}


def while_a_card_is_fixed(campaign: Campaign) -> None:
    """Three are paid, the fourth was asked to pay."""
    campaign.end()
    campaign.work(timedelta(hours=1))
    assert campaign.state(campaign.pledges[3]) is PledgeState.FIXING


MOMENTS = [before_the_deadline, before_the_first_charge, while_a_charge_has_no_answer, while_a_card_is_fixed]


def lose(campaign: Campaign, moment: Callable[[Campaign], None], hours: int) -> None:
    """Back up at a moment, go on until everybody has paid, and put the backup back so many hours later."""
    moment(campaign)
    back_up()
    if campaign.clock.at < (campaign.project.deadline or campaign.clock.at):
        campaign.end()
    campaign.work(timedelta(hours=2))
    fix(campaign, campaign.pledges[3])
    campaign.work(timedelta(hours=hours))
    assert campaign.reread().state is ProjectState.FUNDED
    while campaign.stripe.flush_webhooks():
        pass
    campaign.work()
    restore()
    assert campaign.reread().state is not ProjectState.FUNDED


@pytest.mark.walk
@pytest.mark.parametrize("hours", [4, 30])  # within a day the provider knows the keys of charges, later it may not
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_paid_in_the_lost_hours_is_taken_over(
    campaign: Campaign, moment: Callable[[Campaign], None], hours: int
) -> None:
    lose(campaign, moment, hours)
    asked = asked_to_pay()
    run_reconciliation(campaign)
    work_to_the_end(campaign)
    demand_paid_once(campaign)
    assert asked_to_pay() == asked


@pytest.mark.walk
@pytest.mark.parametrize("hours", [4, 30])
@pytest.mark.parametrize("moment", MOMENTS)
def test_nobody_pays_twice_even_when_nobody_reconciles_first(
    campaign: Campaign, moment: Callable[[Campaign], None], hours: int
) -> None:
    lose(campaign, moment, hours)
    forget_to_reconcile(campaign)
    for _ in range(9):
        campaign.sweep()
        campaign.work(timedelta(days=1))
    demand_paid_once(campaign)


def test_whoever_wants_to_pay_again_after_a_restore_has_paid(campaign: Campaign) -> None:
    lose(campaign, while_a_card_is_fixed, 4)
    with pytest.raises(Exception, match="paid already"):
        fix(campaign, campaign.pledges[3])
    assert campaign.state(campaign.pledges[3]) is PledgeState.PAID
    demand_paid_once(campaign)


def test_refunds_and_disputes_of_the_lost_hours_are_taken_over(campaign: Campaign) -> None:
    while_a_card_is_fixed(campaign)
    back_up()
    fix(campaign, campaign.pledges[3])
    [first], [second] = (campaign.attempts(pledge) for pledge in campaign.pledges[:2])
    with unit_of_work() as session:
        now = campaign.clock.now()
        ask_refund(session, first.id, first.amount_pence, "Asked.", asked_by=None, limit_pence=99_999, now=now)
    campaign.work(timedelta(hours=2))
    campaign.stripe.open_dispute(second.charge_ref or "")
    while campaign.stripe.flush_webhooks():
        pass
    campaign.work()
    before = [campaign.state(pledge) for pledge in campaign.pledges]
    assert before == [PledgeState.REFUNDED, PledgeState.DISPUTED, PledgeState.PAID, PledgeState.PAID]
    restore()
    run = run_reconciliation(campaign)
    work_to_the_end(campaign)
    assert [campaign.state(pledge) for pledge in campaign.pledges] == before
    assert (found_by(run), paid_there(campaign)) == ([], sorted(AMOUNTS))
    demand_order(campaign)


@dataclass
class Stranger:
    """A payment made at the provider, marked as ours would be."""

    campaign: Campaign
    pledge: Pledge

    def pay(self, pence: int | None = None, **marks: Any) -> str:
        """Charge the pledge's card there and return the name of the charge."""
        saved = self.campaign.desk.checkout(self.pledge)
        of = {REFERENCE: "another", SUBJECT: self.pledge.subject, SUBJECT_REF: self.pledge.public_id, NUMBER: "1"}
        asked = {"customer": saved.customer_ref, "payment_method": saved.payment_method_ref, "currency": "gbp"}
        asked |= {"amount": pence or self.pledge.amount_pence, "metadata": of | marks, "capture_method": "automatic"}
        with self.campaign.stripe.work() as context:
            return str(
                create_payment(
                    context, {**asked, "confirm": True, "off_session": True, "payment_method_types": ["card"]}
                )["latest_charge"]
            )


def test_of_two_payments_one_is_taken_over_and_the_other_is_named_with_its_pledge(campaign: Campaign) -> None:
    before_the_first_charge(campaign)
    pledge = campaign.pledges[0]
    refs = [Stranger(campaign, pledge).pay(**{REFERENCE: reference}) for reference in ("one", "another")]
    campaign.work(timedelta(hours=2))
    (words,) = found_by(run_reconciliation(campaign))
    assert words.endswith(
        f"It is a second payment for pledge {pledge.public_id}, which is paid: give it back at the provider."
    )
    assert campaign.state(pledge) is PledgeState.PAID
    (paid,) = [attempt.charge_ref for attempt in campaign.attempts(pledge) if attempt.charge_ref]
    assert {paid, *db.session.scalars(select(Difference.ref))} == set(refs)
    assert (campaign.held(), sorted(paid_there(campaign))) == (80_000, sorted([*AMOUNTS[:3], AMOUNTS[0]]))


def test_a_number_that_was_given_again_is_not_the_one_that_paid(campaign: Campaign) -> None:
    before_the_first_charge(campaign)
    Stranger(campaign, campaign.pledges[0]).pay(**{SUBJECT_REF: "somebodyelse"})
    run_reconciliation(campaign)
    [attempt] = campaign.attempts(campaign.pledges[0])
    assert attempt.state is AttemptState.PREPARED
    campaign.work(timedelta(hours=2))
    assert len(found_by(run_reconciliation(campaign))) == 1


def test_beside_a_payment_of_another_amount_nothing_is_charged(campaign: Campaign) -> None:
    before_the_first_charge(campaign)
    pledge = campaign.pledges[0]
    Stranger(campaign, pledge).pay(12_345)
    campaign.work(timedelta(hours=2))
    assert campaign.state(pledge) is PledgeState.COLLECTING
    assert sorted([12_345, *AMOUNTS[1:3]]) == paid_there(campaign)
    (words,) = found_by(run_reconciliation(campaign))
    assert f"It names pledge {pledge.public_id}, for which another amount is owed" in words


def test_whoever_pledged_in_the_lost_hours_is_named(campaign: Campaign) -> None:
    back_up()
    lost = campaign.back(5_000)
    session_ref = campaign.desk.checkout(lost).session_ref or ""
    customer_ref = campaign.desk.checkout(lost).customer_ref or ""
    restore()
    gateway, now = campaign.charges.gateway, campaign.clock.now()
    (found,) = find_lost_checkouts(db.session(), gateway, now)
    assert (found.session_ref, found.customer_ref) == (session_ref, customer_ref)
    assert f"({session_ref}) for a pledge that is not here" in tell_lost_checkout(found)
    assert list(find_lost_checkouts(db.session(), gateway, now + timedelta(days=8))) == []


def test_a_process_that_dies_while_it_takes_over_is_made_good(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def die(point: str) -> None:
        if point == "charge.after_take_over":
            raise Killed

    lose(campaign, while_a_card_is_fixed, 4)
    with monkeypatch.context() as patched:
        patched.setattr(failpoints, "reach", die)
        with pytest.raises(Killed):
            run_reconciliation(campaign)
    states = db.session.scalars(select(ChargeAttempt.state).order_by(ChargeAttempt.id)).all()
    assert states[-1] is AttemptState.WAITING
    work_to_the_end(campaign)
    demand_paid_once(campaign)
