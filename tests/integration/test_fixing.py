"""A card that could not be charged: asked about at once and again, paid once on one page, or over after seven days."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import GatewayDown, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.charging import Card, prepare_attempt
from crowdfund.payments.gateway import PaymentPageRequest
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptKind, AttemptState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.fixing import close_fixing, mail_to_fix, start_fix
from crowdfund.settlement.rules import FIX_WINDOW, SHORTEST_PAGE
from tests.support.campaign import GOOD, Campaign, make_campaign
from tests.support.factories import TESTER
from tests.support.threads import failures, together

DECLINED = "4000000000000341"
INSUFFICIENT = "4000008260003178"
SECOND = timedelta(seconds=1)


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    """A project whose one declined pledge decides nothing: the other is enough."""
    found = make_campaign(app, stripe, clock)
    found.back(90_000)
    found.back(5000, DECLINED)
    found.end()
    return found


def declined(campaign: Campaign) -> Pledge:
    return campaign.pledges[-1]


def start(campaign: Campaign) -> ChargeAttempt:
    with unit_of_work() as session:
        return start_fix(session, declined(campaign).id, actor=TESTER, now=campaign.clock.now())


def open_page(campaign: Campaign) -> ChargeAttempt:
    attempt = start(campaign)
    address = "http://localhost/pledges/x"
    assert attempt.expires_at is not None
    request = PaymentPageRequest(
        attempt.public_id, attempt.amount_pence, "rosa@example.org", "A pledge", "Once.", address, address,
        attempt.expires_at,
    )  # fmt: skip
    campaign.charges.open_page(attempt.id, request, campaign.clock.now())
    return campaign.attempts(declined(campaign))[-1]


def pay(campaign: Campaign, attempt: ChargeAttempt, card: str = GOOD) -> None:
    campaign.stripe.complete_checkout(attempt.session_ref or "", card=card)


def window_left(campaign: Campaign) -> timedelta:
    fix_until = campaign.settlement().fix_until
    assert fix_until is not None
    return fix_until - campaign.clock.now()


def test_the_backer_is_asked_at_once_and_about_every_two_days(campaign: Campaign) -> None:
    assert len(campaign.mails("pledge_fix")) == 1
    for mails in (2, 3, 4):
        campaign.work(timedelta(hours=48))
        assert len(campaign.mails("pledge_fix")) == mails
    mail = campaign.mails("pledge_fix")[0]
    assert "You have not been charged" in mail.body
    assert f"/pledges/{declined(campaign).public_id}?key=" in mail.body


def test_the_window_is_seven_days_from_the_first_try(campaign: Campaign) -> None:
    settlement = campaign.settlement()
    assert settlement.first_attempt_at is not None
    assert settlement.fix_until == settlement.first_attempt_at + FIX_WINDOW


def test_another_card_pays_and_the_project_is_funded(campaign: Campaign) -> None:
    attempt = open_page(campaign)
    assert campaign.state(declined(campaign)) is PledgeState.COLLECTING
    pay(campaign, attempt)
    campaign.charges.sync(attempt.id, campaign.clock.now())
    assert campaign.state(declined(campaign)) is PledgeState.PAID
    assert (campaign.held(), campaign.reread().state) == (95_000, ProjectState.FUNDED)
    assert campaign.attempts(declined(campaign))[-1].card_last4 == "4242"
    assert len(campaign.mails("pledge_paid")) == 2


def test_two_tabs_get_one_page_and_pay_once(campaign: Campaign) -> None:
    first = open_page(campaign)
    second = open_page(campaign)
    assert first.url == second.url
    pay(campaign, first)
    results = together(campaign.app, [lambda: campaign.charges.sync(first.id, campaign.clock.now())] * 3)
    assert failures(results) == []
    assert sorted(intent["amount"] for intent in campaign.charged_there()) == [5000, 90_000]
    assert campaign.held() == 95_000
    with pytest.raises(Refused, match="paid already"):
        start(campaign)


def test_a_page_that_is_left_unpaid_can_be_opened_again(campaign: Campaign) -> None:
    attempt = open_page(campaign)
    campaign.work(timedelta(hours=25))
    assert campaign.attempts(declined(campaign))[-1].state is AttemptState.CANCELLED
    assert campaign.state(declined(campaign)) is PledgeState.FIXING
    again = open_page(campaign)
    assert (again.id != attempt.id, again.kind) == (True, AttemptKind.CHECKOUT)


def test_at_the_end_of_the_window_the_pledge_lapses_and_nothing_was_charged(campaign: Campaign) -> None:
    campaign.work(window_left(campaign) - SECOND)
    assert campaign.state(declined(campaign)) is PledgeState.FIXING
    campaign.work(SECOND)
    assert campaign.state(declined(campaign)) is PledgeState.LAPSED
    assert (campaign.held(), campaign.pledged()) == (90_000, 90_000)
    assert campaign.reread().state is ProjectState.FUNDED
    assert len(campaign.mails("pledge_lapsed")) == 1
    assert not campaign.desk.card_is_kept(declined(campaign))


def test_a_page_still_open_at_the_end_is_closed_and_can_no_longer_be_paid(campaign: Campaign) -> None:
    campaign.work(window_left(campaign) - timedelta(hours=1))
    attempt = open_page(campaign)
    campaign.work(window_left(campaign) + SECOND)
    assert campaign.state(declined(campaign)) is PledgeState.LAPSED
    with pytest.raises(Exception, match="expired"):
        pay(campaign, attempt)
    assert campaign.held() == 90_000


def test_what_is_paid_in_the_last_moment_counts(campaign: Campaign) -> None:
    campaign.work(window_left(campaign) - timedelta(hours=1))
    attempt = open_page(campaign)
    campaign.stripe.set_mode("drop")
    campaign.clock.forward(window_left(campaign) - SECOND)
    pay(campaign, attempt)
    campaign.stripe.clear_modes()
    campaign.work(SECOND)
    assert campaign.state(declined(campaign)) is PledgeState.PAID
    assert campaign.held() == 95_000


@pytest.mark.parametrize("late", [timedelta(), SECOND, SHORTEST_PAGE - SECOND])
def test_in_the_last_half_hour_no_page_is_opened(campaign: Campaign, late: timedelta) -> None:
    campaign.clock.forward(window_left(campaign) - SHORTEST_PAGE + SECOND + late)
    with pytest.raises(Refused, match="too late"):
        start(campaign)
    assert campaign.state(declined(campaign)) is PledgeState.FIXING


def test_a_provider_that_is_down_at_the_end_is_asked_again_and_nobody_is_charged(campaign: Campaign) -> None:
    campaign.work(window_left(campaign) - timedelta(hours=1))
    open_page(campaign)
    campaign.stripe.set_mode("down")
    campaign.clock.forward(window_left(campaign))
    with pytest.raises(GatewayDown):
        close_fixing(campaign.charges, campaign.project.id, campaign.clock.now())
    assert campaign.state(declined(campaign)) is PledgeState.COLLECTING
    campaign.stripe.clear_modes()
    campaign.work(timedelta(hours=2))
    assert campaign.state(declined(campaign)) is PledgeState.LAPSED
    assert campaign.held() == 90_000


def test_the_window_is_not_closed_early(campaign: Campaign) -> None:
    assert close_fixing(campaign.charges, campaign.project.id, campaign.clock.now()) == 0
    assert campaign.state(declined(campaign)) is PledgeState.FIXING


def test_insufficient_funds_are_tried_again_twice_and_no_more(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    campaign = make_campaign(app, stripe, clock)
    poor = campaign.back(90_000, INSUFFICIENT)
    campaign.end()
    assert [attempt.may_retry for attempt in campaign.attempts(poor)] == [True]
    campaign.work(timedelta(days=2, hours=1))
    assert len(campaign.attempts(poor)) == 2
    campaign.work(timedelta(days=4))
    assert len(campaign.attempts(poor)) == 3
    campaign.work(timedelta(days=1))
    assert (len(campaign.attempts(poor)), campaign.state(poor)) == (3, PledgeState.LAPSED)
    assert campaign.reread().state is ProjectState.SHORTFALL


def test_money_that_comes_later_is_collected_by_itself(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    campaign = make_campaign(app, stripe, clock)
    stripe.set_mode("insufficient_then_good")
    pledge = campaign.back(90_000)
    campaign.end()
    assert campaign.state(pledge) is PledgeState.FIXING
    campaign.work(timedelta(days=2, hours=1))
    assert (campaign.state(pledge), campaign.held()) == (PledgeState.PAID, 90_000)


def test_a_worker_that_slept_through_the_window_charges_nobody(campaign: Campaign) -> None:
    campaign.clock.forward(FIX_WINDOW + timedelta(days=1))
    with unit_of_work() as session:
        session.execute(update(ChargeAttempt).where(ChargeAttempt.id < 0).values(may_retry=False))
    campaign.work()
    assert campaign.state(declined(campaign)) is PledgeState.LAPSED
    assert len(campaign.charged_there()) == 1


def test_a_try_that_falls_due_while_a_page_is_open_is_left_to_its_backer(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    campaign = make_campaign(app, stripe, clock)
    poor = campaign.back(90_000, INSUFFICIENT)
    campaign.end()
    campaign.work(timedelta(hours=48))
    attempt = open_page(campaign)
    campaign.work(timedelta(hours=2))
    assert [one.kind for one in campaign.attempts(poor)] == [AttemptKind.OFF_SESSION, AttemptKind.CHECKOUT]
    pay(campaign, attempt)
    campaign.charges.sync(attempt.id, campaign.clock.now())
    campaign.work(timedelta(days=6))
    assert (campaign.state(poor), campaign.held(), len(campaign.charged_there())) == (PledgeState.PAID, 90_000, 1)


def test_while_the_saved_card_is_tried_no_page_is_opened(campaign: Campaign) -> None:
    pledge = declined(campaign)
    with unit_of_work() as session:
        project, row = lock_with_project(session, pledge.id)
        now = campaign.clock.now()
        prepare_attempt(
            session,
            pledge.subject,
            f"project:{project.id}",
            5000,
            card=Card("cus_1", "pm_1"),
            until=now + FIX_WINDOW,
            now=now,
        )
        move_pledge(session, project, row, PledgeState.COLLECTING, "tried again", actor=TESTER, now=now)
    with pytest.raises(Refused, match="being tried at this moment"):
        start(campaign)


def test_after_the_window_the_page_says_that_it_is_over(campaign: Campaign) -> None:
    campaign.work(window_left(campaign) + SECOND)
    with pytest.raises(Refused, match="The time to pay is over"):
        start(campaign)


def test_a_mail_that_comes_round_late_asks_nobody_any_more(campaign: Campaign) -> None:
    pledge = declined(campaign)
    asked = len(campaign.mails("pledge_fix"))
    attempt = open_page(campaign)
    pay(campaign, attempt)
    campaign.charges.sync(attempt.id, campaign.clock.now())
    with unit_of_work() as session:
        is_queued = mail_to_fix(session, pledge.id, 99, campaign.clock.now(), link_to=lambda found: found.public_id)
    assert (is_queued, len(campaign.mails("pledge_fix"))) == (False, asked)


def test_an_erased_backer_is_not_written_to_and_the_pledge_ends_with_the_window(campaign: Campaign) -> None:
    pledge, asked = declined(campaign), len(campaign.mails("pledge_fix"))
    with unit_of_work() as session:
        session.execute(update(Person).where(Person.id == pledge.person_id).values(email=None))
    campaign.work(timedelta(days=6))
    assert len(campaign.mails("pledge_fix")) == asked
    campaign.work(window_left(campaign) + SECOND)
    assert campaign.state(pledge) is PledgeState.LAPSED
    assert campaign.held() == 90_000
