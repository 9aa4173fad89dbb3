"""Processes are killed while match is accepted, confirmed and passed on: all of it is so, or none, and never twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.config import Settings
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.rules import Headroom
from crowdfund.ledger import queries as ledger
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.notifications.models import Mail
from crowdfund.pledges import queries as pledges
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.rules import ProjectState
from crowdfund.sandbox.stripe import StandIn
from crowdfund.sandbox.stripe.cards import made_up_card
from crowdfund.settlement import checks as settlement
from tests.support.campaign import Campaign, make_campaign
from tests.support.crowds import PER_PLEDGE, Matched
from tests.support.database import Database
from tests.support.factories import make_project
from tests.support.funding import make_offer
from tests.support.killing import Plant, free_port, open_plant
from tests.support.people import make_member
from tests.support.visiting import Broken, Visitor

_S = OfferState


@pytest.fixture
def plant(built_app: Flask, database: Database, settings: Settings, provider: tuple[StandIn, str]) -> Iterator[Plant]:
    """Processes on an empty database, a clock that they share, and the stand-in on the same clock."""
    with open_plant(built_app, database, settings, provider[0]) as made:
        yield made


def states(matched: Matched) -> list[OfferState]:
    db.session.rollback()
    db.session.expire_all()
    return [db.session.get_one(MatchOffer, offer.id).state for offer in matched.offers]


def demand_order() -> None:
    db.session.expire_all()
    for source in (ledger.breaches, pledges.breaches, settlement.breaches):
        assert list(source(db.session())) == []


@pytest.fixture
def campaign(plant: Plant) -> Campaign:
    """A project that three cards bring to £600 of its target of £900."""
    made = make_campaign(plant.app, plant.stripe, plant.clock)  # type: ignore[arg-type]
    for number, pence in enumerate((30_000, 20_000, 10_000)):
        made.back(pence, made_up_card(number))
    return made


def test_workers_killed_while_match_is_confirmed_and_passed_on(plant: Plant, campaign: Campaign) -> None:
    matched = Matched(plant.clock, campaign.project)  # type: ignore[arg-type]
    matched.offer(20_000, pot=50_000, percent=None)
    matched.offer(4_000, **PER_PLEDGE)
    matched.offer(9_000, percent=None, pays_direct=True)
    assert matched.counted() == [20_000, 4_000, 6_000]
    assert campaign.project.deadline is not None
    plant.clock.at = campaign.project.deadline
    # First one is confirmed and the others are not; then all are, and a fund's money is with the project.
    for point in ("match.in_settlement", "match.passing_on"):
        plant.die_at(point)
        assert states(matched) == [_S.ACCEPTED] * 3
        paid = [one.amount_pence for one in campaign.pledges if campaign.state(one) is PledgeState.PAID]
        # The last payment is written down together with the settlement that it leads to, or not at all.
        assert (campaign.reread().state, len(paid), campaign.held()) == (ProjectState.COLLECTING, 2, sum(paid))
        assert matched.headroom() == Headroom(50_000, 20_000, 0, 0, 30_000)
        demand_order()
        plant.clock.forward(timedelta(minutes=10))
    with plant.worker() as process:
        plant.until(lambda: campaign.reread().state is ProjectState.FUNDED and plant.is_idle(), process)
    assert states(matched) == [_S.PAID, _S.PAID, _S.PAYABLE]
    assert campaign.held() == 84_000
    assert sorted(intent["amount"] for intent in campaign.charged_there()) == [10_000, 20_000, 30_000]
    assert [matched.headroom(number) for number in range(3)] == [
        Headroom(50_000, 0, 0, 20_000, 30_000),
        Headroom(4_000, 0, 0, 4_000, 0),
        Headroom(9_000, 0, 6_000, 0, 3_000),
    ]
    demand_order()


@pytest.fixture
def offered(plant: Plant) -> tuple[Matched, Person]:
    """A live project that a fund with £300 offers £200, and who may accept it."""
    project = make_project(plant.clock.now())
    owner = make_member(project.group_id, MemberRole.OWNER, plant.clock.now())
    matched = Matched(plant.clock, project)  # type: ignore[arg-type]
    with unit_of_work() as session:
        fund = matched.fund(session, 30_000, percent=None)
        offer = make_offer(session, project, fund, 20_000, plant.clock.now(), _S.OFFERED)
        offer.accepted_by_id, offer.accepted_at, offer.subsidy_words = None, None, ""
    matched.offers.append(offer)
    return matched, owner


def test_a_web_process_killed_while_an_offer_is_accepted(plant: Plant, offered: tuple[Matched, Person]) -> None:
    matched, owner = offered
    port, answer = free_port(), {"subsidy": "0", "agreed": "y"}
    path = f"/apply/projects/{matched.project.public_id}/match/{matched.offers[0].public_id}/accept"
    with plant.web(port) as address:
        visitor = Visitor(address, plant.cookie_of(owner))
        page = visitor.get(path)
        assert page.status_code == 200
    with plant.web(port, "match.in_acceptance"), pytest.raises(Broken):
        visitor.submit(page, **answer)
    assert (states(matched), matched.headroom()) == ([_S.OFFERED], Headroom(30_000, 0, 0, 0, 30_000))
    with plant.web(port, "match.after_answer"), pytest.raises(Broken):
        visitor.submit(page, **answer)
    assert (states(matched), matched.headroom()) == ([_S.ACCEPTED], Headroom(30_000, 20_000, 0, 0, 10_000))
    with plant.web(port):
        assert visitor.submit(page, **answer).status_code == 422
        visitor.close()
    assert (states(matched), matched.headroom()) == ([_S.ACCEPTED], Headroom(30_000, 20_000, 0, 0, 10_000))
    assert db.session.query(Mail).filter_by(template="match_accepted").count() <= 1
    demand_order()
