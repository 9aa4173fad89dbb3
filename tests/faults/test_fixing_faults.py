"""Fixing while mail is late, the provider is down, tabs race or our process dies: paid once, or never charged."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import GatewayDown, Refused
from crowdfund.core.jobs import Job, JobState
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.actions import SEND
from crowdfund.notifications.jobs import sending_with
from crowdfund.notifications.models import Mail
from crowdfund.notifications.sender import MailboxTransport
from crowdfund.payments.charging import Charges
from crowdfund.payments.gateway import CheckoutPage, CheckoutStatus, PaymentPageRequest
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptState
from crowdfund.payments.stripe_gateway import StripeGateway
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement import checks
from crowdfund.settlement.collecting import collect_again
from crowdfund.settlement.fixing import close_fixing, start_fix
from crowdfund.settlement.rules import FIX_WINDOW, LATE_MAIL, LONGEST_WINDOW, RETRIES_AFTER, SHORTEST_PAGE
from crowdfund.wiring import worker_of
from tests.support.campaign import GOOD, Campaign, make_campaign
from tests.support.factories import TESTER
from tests.support.threads import failures, together

DECLINED, POOR = "4000000000000341", "4000008260003178"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Killed(BaseException):
    """The process ends here: nothing after it runs."""


class Between(StripeGateway):
    """A gateway that lets something happen around the opening or the closing of a payment page."""

    def __init__(self, real: StripeGateway) -> None:
        self.__dict__.update(vars(real))
        self.before_close: Callable[[], None] = lambda: None
        self.after_close: Callable[[], None] = lambda: None
        self.after_open: Callable[[], None] = lambda: None

    def open_payment(self, request: PaymentPageRequest) -> CheckoutPage:
        """Open the page, then let it happen."""
        page = super().open_payment(request)
        self.after_open()
        return page

    def close_payment(self, session_ref: str) -> CheckoutStatus:
        """Let it happen before and after the page is closed."""
        self.before_close()
        status = super().close_payment(session_ref)
        self.after_close()
        return status


class MailHouse(MailboxTransport):
    """A mail provider that takes nothing while it is down."""

    is_down = True

    def send(self, mail: Mail) -> None:
        """Take a mail, or do not answer."""
        if self.is_down:
            raise ConnectionRefusedError
        super().send(mail)


@pytest.fixture
def live(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    """A project whose one declined pledge decides nothing: the other is enough."""
    found = make_campaign(app, stripe, clock)
    found.back(90_000)
    found.back(5000, DECLINED)
    return found


@pytest.fixture
def campaign(live: Campaign) -> Campaign:
    live.end()
    return live


@pytest.fixture
def mail_house(live: Campaign) -> Iterator[MailHouse]:
    """The mail provider of the campaign's worker, down."""
    worker, made = worker_of(live.app), MailHouse()
    former = worker.handlers
    worker.handlers = {**former, SEND: sending_with(made)}
    yield made
    worker.handlers = former


def declined(campaign: Campaign) -> Pledge:
    return campaign.pledges[-1]


def start(campaign: Campaign) -> ChargeAttempt:
    with unit_of_work() as session:
        return start_fix(session, declined(campaign).id, actor=TESTER, now=campaign.clock.now())


def request_for(attempt: ChargeAttempt) -> PaymentPageRequest:
    assert attempt.expires_at is not None
    address = "http://localhost/pledges/x"
    who, texts = (attempt.public_id, attempt.amount_pence, "rosa@example.org"), ("A pledge", "Once.", address, address)
    return PaymentPageRequest(*who, *texts, attempt.expires_at)


def open_page(campaign: Campaign, charges: Charges | None = None) -> ChargeAttempt:
    attempt = start(campaign)
    (charges or campaign.charges).open_page(attempt.id, request_for(attempt), campaign.clock.now())
    return last_try(campaign)


def last_try(campaign: Campaign) -> ChargeAttempt:
    return campaign.attempts(declined(campaign))[-1]


def pay(campaign: Campaign, attempt: ChargeAttempt) -> None:
    campaign.stripe.complete_checkout(attempt.session_ref or "", card=GOOD)


def come_back(campaign: Campaign) -> None:
    campaign.charges.sync(last_try(campaign).id, campaign.clock.now())


def window(campaign: Campaign) -> timedelta:
    settlement = campaign.settlement()
    assert settlement.fix_until is not None
    assert settlement.first_attempt_at is not None
    return settlement.fix_until - settlement.first_attempt_at


def left(campaign: Campaign) -> timedelta:
    settlement = campaign.settlement()
    assert settlement.fix_until is not None
    return settlement.fix_until - campaign.clock.now()


def between(campaign: Campaign) -> tuple[Between, Charges]:
    real = campaign.charges
    assert isinstance(real.gateway, StripeGateway)
    gateway = Between(real.gateway)
    return gateway, Charges(gateway, real.secret, real.listeners)


def die() -> None:
    raise Killed


def close(campaign: Campaign, charges: Charges | None = None) -> int:
    return close_fixing(charges or campaign.charges, campaign.project.id, campaign.clock.now())


def demand_lapsed(campaign: Campaign) -> None:
    assert campaign.state(declined(campaign)) is PledgeState.LAPSED
    assert [intent["amount"] for intent in campaign.charged_there()] == [90_000]
    assert (campaign.held(), campaign.pledged()) == (90_000, 90_000)
    assert campaign.reread().state is ProjectState.FUNDED
    assert len(campaign.mails("pledge_lapsed")) == 1
    assert not campaign.desk.card_is_kept(declined(campaign))
    demand_order()


def demand_paid(campaign: Campaign) -> None:
    assert campaign.state(declined(campaign)) is PledgeState.PAID
    assert sorted(intent["amount"] for intent in campaign.charged_there()) == [5000, 90_000]
    assert (campaign.held(), campaign.pledged()) == (95_000, 95_000)
    assert campaign.reread().state is ProjectState.FUNDED
    assert campaign.mails("pledge_lapsed") == []
    demand_order()


def demand_order() -> None:
    db.session.expire_all()
    assert list(checks.breaches(db.session())) == []


def test_a_first_mail_that_was_late_makes_the_window_longer_by_as_much(live: Campaign, mail_house: MailHouse) -> None:
    live.end()
    live.work(LATE_MAIL + 6 * HOUR)
    mail_house.is_down = False
    live.work(timedelta(days=3))
    [first, *_] = live.mails("pledge_fix")
    begun = live.settlement().first_attempt_at
    assert first.sent_at is not None
    assert begun is not None
    assert first.sent_at - begun > LATE_MAIL
    assert window(live) == FIX_WINDOW + (first.sent_at - begun)
    live.work(begun + FIX_WINDOW + SECOND - live.clock.now())
    assert live.state(declined(live)) is PledgeState.FIXING
    live.work(left(live) - SECOND)
    assert live.state(declined(live)) is PledgeState.FIXING
    assert len(live.mails("pledge_fix")) == 5
    live.work(SECOND)
    demand_lapsed(live)


def test_within_the_added_time_one_can_still_pay(live: Campaign, mail_house: MailHouse) -> None:
    live.end()
    live.work(2 * LATE_MAIL)
    mail_house.is_down = False
    live.work(FIX_WINDOW - 2 * LATE_MAIL)
    pay(live, open_page(live))
    come_back(live)
    demand_paid(live)


def test_half_a_day_without_mail_changes_nothing(live: Campaign, mail_house: MailHouse) -> None:
    live.end()
    live.work(12 * HOUR)
    mail_house.is_down = False
    live.work(FIX_WINDOW)
    demand_lapsed(live)
    assert window(live) == FIX_WINDOW


def test_mail_that_never_goes_out_does_not_hold_the_others_up_for_ever(live: Campaign, mail_house: MailHouse) -> None:
    live.end()
    live.work(FIX_WINDOW + SECOND)
    assert live.state(declined(live)) is PledgeState.FIXING
    live.work(LONGEST_WINDOW - FIX_WINDOW - HOUR)
    assert live.state(declined(live)) is PledgeState.FIXING
    live.work(HOUR)
    assert window(live) == LONGEST_WINDOW
    demand_lapsed(live)


@pytest.mark.parametrize("killed", ["before the provider is asked", "after it opened the page"])
def test_killed_while_a_page_is_opened_the_next_click_gets_the_same_one(campaign: Campaign, killed: str) -> None:
    if killed.startswith("before"):
        start(campaign)
    else:
        gateway, charges = between(campaign)
        gateway.after_open = die
        with pytest.raises(Killed):
            open_page(campaign, charges)
    assert last_try(campaign).url is None
    campaign.clock.forward(HOUR)
    attempt = open_page(campaign)
    assert len(campaign.attempts(declined(campaign))) == 2
    pay(campaign, attempt)
    come_back(campaign)
    demand_paid(campaign)


@pytest.mark.parametrize("killed", ["before the provider is asked", "after it opened the page"])
def test_a_page_that_nobody_was_given_ends_with_the_window(campaign: Campaign, killed: str) -> None:
    campaign.work(left(campaign) - HOUR)
    gateway, charges = between(campaign)
    gateway.after_open = die
    if killed.startswith("before"):
        start(campaign)
    else:
        with pytest.raises(Killed):
            open_page(campaign, charges)
    campaign.work(left(campaign))
    demand_lapsed(campaign)


def test_a_page_that_would_close_too_soon_is_refused_in_words(campaign: Campaign) -> None:
    campaign.work(left(campaign) - SHORTEST_PAGE - SECOND)
    attempt = start(campaign)
    campaign.clock.forward(2 * SECOND)
    with pytest.raises(Refused, match="not enough time left"):
        campaign.charges.open_page(attempt.id, request_for(attempt), campaign.clock.now())
    campaign.work(left(campaign))
    demand_lapsed(campaign)


def test_paid_in_the_very_moment_of_closing_is_paid(campaign: Campaign) -> None:
    campaign.work(left(campaign) - HOUR)
    attempt = open_page(campaign)
    gateway, charges = between(campaign)
    campaign.clock.forward(left(campaign))
    end = campaign.clock.now()

    def last_click() -> None:
        campaign.clock.at = end - SECOND
        pay(campaign, attempt)
        campaign.clock.at = end

    gateway.before_close = last_click
    assert close(campaign, charges) == 0
    demand_paid(campaign)


def test_killed_after_a_page_was_closed_the_next_one_finishes(campaign: Campaign) -> None:
    campaign.work(left(campaign) - HOUR)
    open_page(campaign)
    gateway, charges = between(campaign)
    gateway.after_close = die
    campaign.clock.forward(left(campaign))
    with pytest.raises(Killed):
        close(campaign, charges)
    db.session.rollback()
    assert campaign.state(declined(campaign)) is PledgeState.COLLECTING
    campaign.work()
    demand_lapsed(campaign)


def test_while_the_provider_is_down_at_the_end_the_window_stays_closed(campaign: Campaign) -> None:
    campaign.work(left(campaign) - HOUR)
    attempt = open_page(campaign)
    campaign.stripe.set_mode("down")
    campaign.clock.forward(left(campaign) + SECOND)
    with pytest.raises(GatewayDown):
        close(campaign)
    db.session.rollback()
    for wait in (SECOND, HOUR, 12 * HOUR):
        campaign.work(wait)
        with pytest.raises(Refused, match="too late"):
            start(campaign)
        assert campaign.state(declined(campaign)) is PledgeState.COLLECTING
    campaign.stripe.clear_modes()
    with pytest.raises(Exception, match="expired"):
        pay(campaign, attempt)
    campaign.work(2 * HOUR)
    demand_lapsed(campaign)


def test_one_pledge_that_cannot_be_closed_does_not_keep_the_others(live: Campaign) -> None:
    other = live.back(4000, DECLINED)
    live.pledges.remove(other)
    live.end()
    live.work(left(live) - HOUR)
    open_page(live)
    gateway, charges = between(live)

    def unreachable() -> None:
        raise GatewayDown("no answer")

    gateway.before_close = unreachable
    live.clock.forward(left(live))
    with pytest.raises(GatewayDown):
        close(live, charges)
    db.session.rollback()
    assert (live.state(other), live.state(declined(live))) == (PledgeState.LAPSED, PledgeState.COLLECTING)
    assert live.reread().state is ProjectState.COLLECTING
    live.work(HOUR)
    assert len(live.mails("pledge_lapsed")) == 2
    assert live.state(declined(live)) is PledgeState.LAPSED
    assert live.reread().state is ProjectState.FUNDED
    assert db.session.scalar(select(func.count()).where(Job.state == JobState.PARKED)) == 0


def test_many_close_at_once_and_it_ends_once(campaign: Campaign) -> None:
    campaign.work(left(campaign) - HOUR)
    attempt = open_page(campaign)
    campaign.clock.forward(left(campaign))
    now = campaign.clock.now()
    steps: list[Callable[[], object]] = [lambda: close_fixing(campaign.charges, campaign.project.id, now)] * 3
    steps += [lambda: campaign.charges.sync(attempt.id, now)] * 2
    results = together(campaign.app, steps)
    assert failures(results) == []
    campaign.work()
    demand_lapsed(campaign)
    assert last_try(campaign).state is AttemptState.CANCELLED


@pytest.mark.parametrize("clicks", [2, 6])
def test_many_tabs_open_one_page(campaign: Campaign, clicks: int) -> None:
    def click() -> str | None:
        attempt = start(campaign)
        return campaign.charges.open_page(attempt.id, request_for(attempt), campaign.clock.now())

    results = together(campaign.app, [click] * clicks)
    assert failures(results) == []
    assert len(set(results)) == 1
    assert len(campaign.attempts(declined(campaign))) == 2
    pay(campaign, last_try(campaign))
    come_back(campaign)
    demand_paid(campaign)


@pytest.mark.parametrize("round_", range(3))
def test_the_saved_card_is_tried_again_while_its_holder_opens_a_page(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock, round_: int
) -> None:
    campaign = make_campaign(app, stripe, clock)
    poor = campaign.back(95_000, POOR)
    campaign.end()
    clock.forward(RETRIES_AFTER[0])

    def again() -> None:
        with unit_of_work() as session:
            collect_again(session, poor.id, actor=TESTER, now=clock.now())

    steps = [again, lambda: start(campaign), again]
    assert failures(together(app, steps[round_ % 2 :] + steps[: round_ % 2]), Refused) == []
    assert [one.state for one in campaign.attempts(poor)] == [AttemptState.FAILED, AttemptState.PREPARED]
    assert campaign.state(poor) is PledgeState.COLLECTING
    campaign.work(FIX_WINDOW)
    assert (campaign.state(poor), campaign.held(), campaign.charged_there()) == (PledgeState.LAPSED, 0, [])
