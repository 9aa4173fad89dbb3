"""What everybody reads after the deadline: promised and paid apart, totals that fall, the same figures everywhere."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.sandbox.stripe import StandIn
from tests.support.campaign import Campaign, make_campaign
from tests.support.client import HouseClient

DECLINED = "4000000000000341"


@pytest.fixture
def campaign(app: Flask, stripe: StandIn, db_session: Session, clock: FixedClock) -> Campaign:
    return make_campaign(app, stripe, clock)


def page(client: HouseClient, campaign: Campaign) -> str:
    return client.get(f"/projects/{campaign.project.slug}").text


def test_a_target_that_was_missed_says_that_nobody_was_charged(campaign: Campaign, client: HouseClient) -> None:
    campaign.back(50_000)
    campaign.end()
    shown = page(client, campaign)
    assert "It did not reach £900 by its deadline. Nobody was charged." in shown
    assert "refunded" not in shown
    for address in (f"/projects/{campaign.project.slug}", "/projects?status=closed"):
        assert '<strong class="money">£500</strong>' in client.get(address).text


def test_promised_and_collected_are_told_apart_and_the_total_falls(campaign: Campaign, client: HouseClient) -> None:
    campaign.back(90_001)  # a sum with pennies is written by other code than one without
    campaign.back(5000, DECLINED)
    campaign.end()
    shown = page(client, campaign)
    assert '<strong class="money">£950.01</strong>' in shown
    assert "being collected: £900.01 so far" in shown
    fix_until = campaign.settlement().fix_until
    assert fix_until is not None
    campaign.work(fix_until - campaign.clock.now())
    shown = page(client, campaign)
    assert '<strong class="money">£900.01</strong>' in shown
    assert "£900.01 was collected from backers" in shown


def test_too_little_is_said_without_blame(campaign: Campaign, client: HouseClient) -> None:
    campaign.back(50_000)
    campaign.back(40_000, DECLINED)
    campaign.end()
    fix_until = campaign.settlement().fix_until
    assert fix_until is not None
    campaign.work(fix_until - campaign.clock.now())
    assert "£500 could be collected, which is not enough." in page(client, campaign)
