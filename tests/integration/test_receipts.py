"""What a backer's receipt says: what was paid, with which card, and what of it goes back and how far it has come."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.money import pounds
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.models import Refund
from crowdfund.payments.refunding import ask_refund
from crowdfund.payments.rules import RefundState
from crowdfund.pledges.backer_rows import paid_rows
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.receipts import Receipt, card_words, find_receipt
from crowdfund.sandbox.stripe import StandIn
from tests.support.campaign import Campaign, make_campaign
from tests.support.refunds import make_till

F = RefundState
DECLINED = "4000000000000341"


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    """A funded project with one paid pledge of £900."""
    found = make_campaign(app, stripe, clock)
    found.back(90_000)
    found.end()
    return found


def receipt(campaign: Campaign, pledge: Pledge | None = None) -> Receipt | None:
    db.session.expire_all()
    return find_receipt(db.session(), pledge or campaign.pledges[0])


def ask(campaign: Campaign, pence: int = 12_040, limit_pence: int = 90_000) -> Refund:
    attempt = campaign.attempts(campaign.pledges[0])[0]
    who: dict[str, Any] = {"asked_by": None, "limit_pence": limit_pence, "now": campaign.clock.now()}
    with unit_of_work() as session:
        return ask_refund(session, attempt.id, pence, "The boat is smaller.", **who)


def lines(campaign: Campaign) -> list[str]:
    """Return what the page says of refunds."""
    with campaign.app.test_request_context():
        return [row["value"] for row in paid_rows(receipt(campaign)) if row["key"] == "Refund"]


def test_what_was_paid_is_said_with_the_card_and_the_time(campaign: Campaign) -> None:
    found, [attempt] = receipt(campaign), campaign.attempts(campaign.pledges[0])
    assert found
    assert (found.amount_pence, found.card, found.at) == (90_000, "Visa ending 4242", attempt.ended_at)
    assert list(found.given_back) == []


def test_nothing_that_was_not_paid_has_a_receipt(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    campaign = make_campaign(app, stripe, clock)
    pledge = campaign.back(90_000, DECLINED)
    assert receipt(campaign, pledge) is None
    campaign.end()
    assert campaign.attempts(pledge)
    assert receipt(campaign, pledge) is None
    assert paid_rows(None) == []


def test_after_a_declined_card_the_receipt_is_of_the_one_that_paid(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    campaign = make_campaign(app, stripe, clock)
    stripe.set_mode("insufficient_then_good")
    pledge = campaign.back(90_000)
    campaign.end()
    campaign.work(timedelta(days=2, hours=1))
    found = receipt(campaign, pledge)
    assert found
    assert len(campaign.attempts(pledge)) == 2
    assert found.at == campaign.attempts(pledge)[1].ended_at


@pytest.mark.parametrize(
    ("state", "is_sent", "words"),
    [
        (F.APPROVED, False, "£120.40 on its way back to that card, asked for on"),
        (F.APPROVED, True, "£120.40 on its way back to that card, sent on"),
        (F.PENDING, True, "£120.40 on its way back to that card, sent on"),
        (F.FAILED, True, None),
    ],
)
def test_a_refund_is_told_as_far_as_it_has_come(
    campaign: Campaign, state: RefundState, is_sent: bool, words: str | None
) -> None:
    refund, now = ask(campaign), campaign.clock.now()
    with unit_of_work() as session:
        values: dict[str, Any] = {"state": state, "sent_at": now if is_sent else None, "ended_at": now}
        session.execute(update(Refund).where(Refund.id == refund.id).values(**values))
    assert [line[: len(words or "")] for line in lines(campaign)] == ([words] if words else [])


def test_a_refund_that_the_provider_took_is_on_the_receipt_by_itself(campaign: Campaign) -> None:
    ask(campaign)
    ask(campaign, 1)
    campaign.work(timedelta(minutes=5))
    found = receipt(campaign)
    assert found
    assert [(one.amount_pence, one.is_sent, one.is_done) for one in found.given_back] == [
        (12_040, True, True),
        (1, True, True),
    ]
    said = " given back to that card, sent on "
    assert [line.partition(said)[0] for line in lines(campaign)] == [pounds(12_040), pounds(1)]


def test_what_waits_for_a_second_person_is_not_promised_yet(
    app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock
) -> None:
    till = make_till(app, stripe, clock)
    refund = till.ask(12_040)
    assert refund.state is F.ASKED
    assert lines(till.campaign) == []
    till.approve(refund)
    assert [line.partition(" ")[0] for line in lines(till.campaign)] == ["£120.40"]


@pytest.mark.parametrize(
    ("brand", "last4", "words"), [("visa", "4242", "Visa ending 4242"), (None, None, "Card ending unknown")]
)
def test_a_card_has_a_name_even_where_the_provider_gave_none(brand: str | None, last4: str | None, words: str) -> None:
    assert card_words(brand, last4) == words
