"""What may go wrong around a deadline: webhooks too early or lost, a provider down or busy, clocks that jump."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.clock import LONDON, FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.core.worker import Worker
from crowdfund.notifications.actions import SEND, queue_mail
from crowdfund.notifications.jobs import sending_with
from crowdfund.notifications.models import Mail
from crowdfund.notifications.sender import MailboxTransport
from crowdfund.payments.charging import Charges
from crowdfund.payments.gateway import ChargeRequest, ChargeResult
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptState
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.models import Verdict
from crowdfund.settlement.rules import FIX_WINDOW
from crowdfund.settlement.verdict import write_verdict
from crowdfund.wiring import worker_of
from tests.support.campaign import Campaign, make_campaign
from tests.support.factories import LIMITS, TESTER, make_project, save_card, start
from tests.support.sampling import is_thorough
from tests.support.threads import failures, together
from tests.support.totals import totals

PATH = "/v1/payment_intents"
CROWD = 2_000 if is_thorough() else 40


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    return make_campaign(app, stripe, clock)


class Overtaken(StripeGateway):
    """A gateway whose answers come after everything that they are about."""

    def __init__(self, real: StripeGateway, meanwhile: Callable[[], Any]) -> None:
        self.__dict__.update(vars(real))
        self._meanwhile = meanwhile

    def charge(self, request: ChargeRequest) -> ChargeResult:
        """Charge, and let time pass before the answer arrives."""
        result = super().charge(request)
        self._meanwhile()
        return result


def test_a_webhook_that_overtakes_the_answer_pays_once(campaign: Campaign) -> None:
    campaign.back(90_000)
    assert campaign.project.deadline is not None
    campaign.clock.at = campaign.project.deadline
    worker = worker_of(campaign.app)
    while not campaign.attempts(campaign.pledges[0]):
        assert worker.run_one()
    [attempt] = campaign.attempts(campaign.pledges[0])

    def meanwhile() -> None:
        assert campaign.stripe.flush_webhooks()
        real.read(_intent_of(campaign, attempt.public_id), campaign.clock.now())
        assert campaign.state(campaign.pledges[0]) is PledgeState.PAID

    real = campaign.charges
    assert isinstance(real.gateway, StripeGateway)
    late = Charges(Overtaken(real.gateway, meanwhile), real.secret, real.listeners)
    assert late.sync(attempt.id, campaign.clock.now()) is AttemptState.SUCCEEDED
    campaign.work(timedelta(minutes=1))
    assert len(campaign.charged_there()) == 1
    assert campaign.held() == 90_000
    assert len(campaign.mails("pledge_paid")) == 1


def _intent_of(campaign: Campaign, reference: str) -> str:
    with campaign.stripe.work() as context:
        intents = context.store.select("payment_intent")
    return next(str(row["id"]) for row in intents if row["metadata"].get("crowdfund_reference") == reference)


def test_three_days_without_webhooks_lose_nobody(campaign: Campaign) -> None:
    campaign.stripe.set_mode("drop")
    desk = campaign.desk
    saved = [desk.start(30_000) for _ in range(3)]
    for pledge in saved:
        desk.open(pledge)
        desk.save(pledge)  # and the tab is closed
    campaign.clock.forward(timedelta(minutes=10))
    campaign.sweep()
    assert {campaign.state(pledge) for pledge in saved} == {PledgeState.ACTIVE}
    campaign.pledges += saved
    campaign.stripe.set_mode("commit_then_drop", path=PATH, method="POST", times=3)
    campaign.end()
    for _ in range(3):
        campaign.clock.forward(timedelta(days=1))
        campaign.sweep()
    assert {campaign.state(pledge) for pledge in saved} == {PledgeState.PAID}
    assert len(campaign.charged_there()) == 3
    assert campaign.reread().state is ProjectState.FUNDED


def test_a_provider_that_is_down_for_six_hours_at_the_deadline(campaign: Campaign) -> None:
    campaign.back(90_000)
    campaign.stripe.set_mode("down")
    deadline = campaign.end()
    verdict = campaign.verdict()
    assert verdict is not None
    assert (verdict.at, verdict.reached, verdict.pledged_pence) == (deadline, True, 90_000)
    campaign.work(timedelta(hours=6))
    assert campaign.state(campaign.pledges[0]) is PledgeState.COLLECTING
    campaign.stripe.clear_modes()
    campaign.work(timedelta(hours=2))
    assert campaign.state(campaign.pledges[0]) is PledgeState.PAID
    assert len(campaign.charged_there()) == 1
    settlement = campaign.settlement()
    assert settlement.first_attempt_at is not None
    assert settlement.fix_until == settlement.first_attempt_at + FIX_WINDOW


def test_a_busy_provider_delays_a_crowd_and_starves_nobody(campaign: Campaign, app: Flask) -> None:
    other = make_campaign(app, campaign.stripe, campaign.clock)
    for _ in range(CROWD):
        campaign.back(max(LIMITS.min_pence, 90_000 // CROWD + 1))
    other.back(45_000)
    other.back(45_000)
    campaign.stripe.set_mode("429", path=PATH, method="POST", times=CROWD // 2)
    campaign.end()
    campaign.work(timedelta(hours=2))
    for one in (campaign, other):
        assert {one.state(pledge) for pledge in one.pledges} == {PledgeState.PAID}
        assert len(one.charged_there()) == len(one.pledges)
    ended = select(func.max(ChargeAttempt.ended_at))
    last = {one.project.id: db.session.scalar(ended.where(ChargeAttempt.about == f"project:{one.project.id}"))
            for one in (campaign, other)}  # fmt: skip
    assert last[other.project.id] <= last[campaign.project.id]


def test_thirty_pledges_while_the_verdict_is_written(app: Flask, db_session: Session, clock: FixedClock) -> None:
    project = make_project(clock.now())
    coming = [start(project, clock.now(), 3_000 + number) for number in range(30)]
    with unit_of_work() as session:
        checkouts = [save_card(session, pledge, clock.now()).id for pledge in coming]
    assert project.deadline is not None
    clock.at = project.deadline
    last_moment = project.deadline - timedelta(microseconds=1)

    def activate(number: int) -> bool:
        with unit_of_work() as session:
            who: dict[str, Any] = {"actor": TESTER, "now": last_moment}
            return actions.activate_pledge(session, coming[number].id, checkouts[number], **who)

    def judge() -> Verdict | None:
        with unit_of_work() as session:
            return write_verdict(session, project.id, threshold_percent=95, actor=TESTER, now=clock.now())

    steps: list[Callable[[], Any]] = [lambda n=n: activate(n) for n in range(30)]  # type: ignore[misc]
    steps.insert(15, judge)
    steps.append(judge)
    results = together(app, steps)
    assert failures(results, Refused) == []
    db_session.expire_all()
    verdict = db_session.scalars(select(Verdict)).one()
    counting = (PledgeState.ACTIVE, PledgeState.COLLECTING)
    states = db_session.execute(select(Pledge.state, Pledge.amount_pence)).all()
    assert verdict.pledged_pence == sum(pence for state, pence in states if state in counting)
    assert verdict.backers == sum(state in counting for state, _ in states)
    assert sum(isinstance(result, Refused) for result in results) == 30 - verdict.backers
    assert totals(db_session, project.id)[0] == verdict.pledged_pence


def test_a_clock_that_jumps_ahead_and_back_judges_once(campaign: Campaign) -> None:
    campaign.back(90_000)
    assert campaign.project.deadline is not None
    campaign.clock.at = campaign.project.deadline - timedelta(hours=1)
    campaign.sweep()
    assert campaign.verdict() is None
    campaign.clock.forward(timedelta(hours=2))
    campaign.sweep()
    verdict = campaign.verdict()
    assert verdict is not None
    at = verdict.at
    campaign.clock.at -= timedelta(hours=2)
    campaign.sweep()
    campaign.clock.forward(timedelta(days=1))
    campaign.sweep()
    again = campaign.verdict()
    assert again is not None
    assert again.at == at
    assert len(campaign.charged_there()) == 1


@pytest.mark.parametrize(
    ("opened", "ends"),
    [
        (datetime(2027, 2, 20, 9, tzinfo=UTC), datetime(2027, 4, 3, 16, tzinfo=UTC)),  # over the start of summer time
        (datetime(2027, 9, 20, 9, tzinfo=UTC), datetime(2027, 11, 1, 17, tzinfo=UTC)),  # and over its end
        (datetime(2028, 1, 18, 9, tzinfo=UTC), datetime(2028, 2, 29, 17, tzinfo=UTC)),  # a leap day
    ],
)
def test_a_campaign_ends_at_five_in_kent_whatever_the_season(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock, opened: datetime, ends: datetime
) -> None:
    clock.at = opened
    campaign = make_campaign(app, stripe, clock)
    campaign.back(90_000)
    deadline = campaign.project.deadline
    assert deadline is not None
    assert (deadline, deadline.astimezone(LONDON).hour) == (ends, 17)
    campaign.clock.at = deadline - timedelta(seconds=1)
    campaign.sweep()
    assert campaign.verdict() is None
    campaign.end()
    assert campaign.verdict() is not None


class Dead(MailboxTransport):
    """A mail provider that takes nothing until it is repaired, and counts what it takes."""

    def __init__(self) -> None:
        self.is_down, self.taken = True, list[str]()

    def send(self, mail: Mail) -> None:
        """Take a mail, or do not answer."""
        if self.is_down:
            raise ConnectionRefusedError
        self.taken.append(mail.recipient)


def test_twelve_hours_without_a_mail_provider_send_each_mail_once(
    app: Flask, db_session: Session, clock: FixedClock
) -> None:
    transport = Dead()
    worker = Worker({SEND: sending_with(transport)})
    words = {"name": "Ann", "role_words": "Checker of projects"}
    with unit_of_work() as session:
        for number in range(30):
            queue_mail(
                session, "officer_appointed", f"a{number}@example.org", key=f"k{number}", now=clock.now(), **words
            )
    for _ in range(24):
        worker.drain()
        clock.forward(timedelta(minutes=30))
    assert transport.taken == []
    transport.is_down = False
    for _ in range(4):
        worker.drain()
        clock.forward(timedelta(hours=1))
    assert sorted(transport.taken) == sorted(f"a{number}@example.org" for number in range(30))
