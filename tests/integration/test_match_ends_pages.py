"""The rarer ends of match as people see them: less is accepted, all is given back, cancelled, disputed afterwards."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.funds.models import Fund
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.projects.fields import typed_day
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.settlement.checks import breaches
from tests.support.matched_settling import MatchedSettling, make_matched_settling
from tests.support.people import browser_of, make_officer
from tests.support.refunds import Till, make_till

WHY = "The parish council stands behind it."


@pytest.fixture
def made(app: Flask, db_session: Session, clock: FixedClock) -> MatchedSettling:
    return make_matched_settling(app, clock)


@pytest.fixture
def short(made: MatchedSettling) -> MatchedSettling:
    """£500 of the crowd was collected and £200 of match is due, for a target of £900."""
    made.offer(20_000, percent=None)
    *_, last = made.back(40_000, 10_000, 20_000)
    assert made.collect(last) is ProjectState.SHORTFALL
    return made


@pytest.fixture(autouse=True)
def _books_hold(db_session: Session) -> Iterator[None]:
    yield
    db.session.rollback()
    db.session.expire_all()
    assert list(ledger_breaches(db.session())) == list(breaches(db.session())) == []


def state_of_offer() -> OfferState:
    db.session.expire_all()
    return db.session.scalars(select(MatchOffer.state).order_by(MatchOffer.id.desc())).one()


def fund_page(made: MatchedSettling) -> str:
    """What the funder's finance officer reads about its money."""
    fund = db.session.get_one(Fund, made.matched.funds[0].id)
    clock = made.settling.clock
    payer = make_officer(OfficerRole.FUNDER_FINANCE, clock.now(), funder_id=fund.funder_id)
    page = browser_of(made.settling.app, payer, strong=True).get(f"/officers/funds/{fund.public_id}", max_queries=12)
    return " ".join(page.text.split())


def project_page(made: MatchedSettling) -> str:
    return made.settling.app.test_client().get(f"/projects/{made.settling.project.slug}").text


def test_less_is_accepted_and_the_match_goes_to_the_group(short: MatchedSettling) -> None:
    browser, settling = short.settling.browser(), short.settling
    page = browser.get(settling.address("decide"), max_queries=12)
    assert "£500 is held, and £200 of match is due. £200 of the target is missing." in page.text
    form = browser.follow(browser.submit(page, choice="accept_less"))
    today = typed_day(settling.clock.now().date())
    shown = browser.follow(browser.submit(form, who="Ann Owner", on=today, text="We build less.", reason=WHY))
    assert settling.state() is ProjectState.FUNDED
    assert (state_of_offer(), settling.held()) == (OfferState.PAID, 70_000)
    for words in ("The group accepts less", "£200", "Paid"):
        assert words in shown.text
    statement = browser_of(settling.app, settling.owner).get(f"/apply/projects/{settling.project.public_id}/statement")
    assert "Match from funders" in statement.text
    assert "£200" in statement.text


def test_everyone_is_refunded_and_the_fund_has_its_money_again(short: MatchedSettling) -> None:
    browser, settling = short.settling.browser(), short.settling
    assert "£200" in fund_page(short)
    form = browser.follow(browser.submit(browser.get(settling.address("decide")), choice="refund_all"))
    shown = browser.follow(browser.submit(form, reason="Too little for a bench."))
    assert settling.state() is ProjectState.REFUNDING
    assert state_of_offer() is OfferState.LAPSED
    assert short.matched.headroom().left_pence == 20_000
    assert balance_pence(db.session(), AccountKind.POT_CASH, short.matched.funds[0].id) == 20_000
    assert "Too little for a bench." in shown.text
    assert "Everyone who paid is being refunded." in project_page(short)


def test_the_group_cancels_and_what_was_set_aside_is_free(made: MatchedSettling) -> None:
    made.offer(20_000, percent=None)
    made.back(1000)
    assert made.matched.headroom().left_pence == 0
    settling = made.settling
    owner = browser_of(settling.app, settling.owner)
    page = owner.get(f"/apply/projects/{settling.project.public_id}/cancel", max_queries=12)
    done = owner.submit(page, button="Cancel the project for good", reason="The field was sold.")
    assert done.status_code == 303
    assert state_of_offer() is OfferState.LAPSED
    assert made.matched.headroom().left_pence == 20_000
    asked = owner.get(f"/apply/projects/{settling.project.public_id}/match", max_queries=12)
    assert "The project was cancelled" in asked.text
    assert "Cancelled: nobody was charged" in project_page(made)


def test_a_dispute_after_match_was_paid_out_is_the_programmes_loss(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    till = make_till(app, stripe, clock, amounts=(50_000, 20_000), match_pence=20_000)
    assert (state_of_offer(), till.books()["held"]) == (OfferState.PAID, 90_000)
    till.pay_out(85_500)
    till.decide(till.dispute(), won=False)
    # The crowd's £700 went out first; what is still held is match, which no dispute takes.
    assert till.books() == {"held": 4_500, "owed_back": 0, "exposure": -50_000}
    assert state_of_offer() is OfferState.PAID
    exposure = exposure_page(till)
    assert "£500" in exposure.text
    settlement = till.browser(till.approver).get(f"/officers/settlements/{till.campaign.project.public_id}")
    assert "£200" in settlement.text
    assert "Paid" in settlement.text
    till.demand_sound()


def exposure_page(till: Till) -> TestResponse:
    return till.browser(till.approver).get(f"/officers/money/projects/{till.campaign.project.public_id}/exposure")
