"""Who counts as a backer for match: one person, one address, one card, nobody tied to the money."""

import pytest
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group, Member
from crowdfund.groups.people import end_place
from crowdfund.matching.rules import CrowdFacts
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.models import Pledge, SetAside
from crowdfund.pledges.qualifying import Why, crowd_facts, list_unqualified
from crowdfund.pledges.rules import PledgeState
from tests.support.crowds import Matched, card_of, make_matched
from tests.support.factories import TESTER, make_person
from tests.support.people import make_member, make_named, make_officer
from tests.support.queries import count_queries


@pytest.fixture
def matched(db_session: Session, clock: FixedClock) -> Matched:
    return make_matched(clock)


def facts(matched: Matched, *limits: int) -> CrowdFacts:
    db.session.expire_all()
    return crowd_facts(db.session(), matched.project.id, limits)


def why(matched: Matched, pledge: Pledge) -> Why | None:
    db.session.expire_all()
    found = {one.pledge_id: one.why for one in list_unqualified(db.session(), matched.project.id)}
    return found.get(pledge.id)


def test_people_with_cards_of_their_own_all_count(matched: Matched) -> None:
    for pence in (1000, 2000, 5000):
        matched.back(pence)
    assert facts(matched, 2000, 500) == CrowdFacts(8000, 3, 8000, {500: 1500, 2000: 5000})


def test_nobody_yet(matched: Matched) -> None:
    assert facts(matched, 2000) == CrowdFacts(0, 0, 0, {2000: 0})


def test_one_card_counts_once_whatever_its_names(matched: Matched) -> None:
    first, second = matched.back(1000, card_of(1)), matched.back(7000, card_of(1))
    assert facts(matched) == CrowdFacts(8000, 1, 1000, {})
    assert (why(matched, first), why(matched, second)) == (None, Why.SAME_CARD)


def test_when_the_first_goes_the_second_counts(matched: Matched) -> None:
    first, second = matched.back(1000, card_of(1)), matched.back(7000, card_of(1))
    matched.withdraw(first)
    assert facts(matched) == CrowdFacts(7000, 1, 7000, {})
    assert why(matched, second) is None


def test_members_of_the_group_and_who_has_left_it_do_not_count(matched: Matched, clock: FixedClock) -> None:
    owner = make_member(matched.project.group_id, MemberRole.OWNER, clock.now())
    other = make_member(matched.project.group_id, MemberRole.MEMBER, clock.now())
    pledges = [matched.back(1000, person=owner), matched.back(2000, person=other)]
    with unit_of_work() as session:
        member = session.query(Member).filter_by(person_id=other.id).one()
        end_place(session, matched.project.group_id, member.id, actor=TESTER, now=clock.now())
    assert [why(matched, one) for one in pledges] == [Why.GROUP, Why.GROUP]
    assert facts(matched) == CrowdFacts(3000, 0, 0, {})


def test_the_groups_own_address_does_not_count(matched: Matched, clock: FixedClock) -> None:
    with unit_of_work() as session:
        session.get_one(Group, matched.project.group_id).contact_email = "Group@Example.org"
    pledge = matched.back(1000, person=make_person(clock.now(), "group@example.org"))
    assert why(matched, pledge) is Why.GROUP


def test_a_card_of_the_groups_people_does_not_count_in_another_name(matched: Matched, clock: FixedClock) -> None:
    owner = make_member(matched.project.group_id, MemberRole.OWNER, clock.now())
    elsewhere = make_matched(clock)
    elsewhere.back(1000, card_of(5), person=owner)
    pledge = matched.back(2000, card_of(5))
    assert why(matched, pledge) is Why.THEIR_CARD


def test_a_funders_officers_do_not_count_for_what_it_was_asked(matched: Matched, clock: FixedClock) -> None:
    offer = matched.offer(10_000)
    funder_id = matched.funds[0].funder_id
    officer = make_officer(OfficerRole.FUNDER_ASSESSOR, clock.now(), funder_id=funder_id)
    pledge = matched.back(1000, person=officer)
    assert why(matched, pledge) is Why.FUNDER
    elsewhere = make_matched(clock)
    assert why(elsewhere, elsewhere.back(1000, person=officer)) is None
    assert offer.id


def test_what_a_group_collected_is_no_backer(matched: Matched) -> None:
    pledge = matched.back(5000)
    with unit_of_work() as session:
        session.get_one(Pledge, pledge.id).collected = "Cake sale"
    assert why(matched, pledge) is Why.COLLECTED


def test_a_card_that_cannot_be_told_apart_does_not_count(matched: Matched) -> None:
    pledge = matched.back(5000)
    with unit_of_work() as session:
        session.query(CardCheckout).filter_by(subject=pledge.subject).one().card_hash = None
    assert why(matched, pledge) is Why.NO_CARD


def test_the_newest_decision_of_an_officer_holds(matched: Matched, clock: FixedClock) -> None:
    pledge, officer = matched.back(5000), make_named(clock.now())
    for is_aside, expected in ((True, Why.SET_ASIDE), (False, None), (True, Why.SET_ASIDE)):
        with unit_of_work() as session:
            decided = {"decided_by_id": officer.id, "decided_at": clock.now()}
            session.add(SetAside(pledge_id=pledge.id, is_aside=is_aside, reason="Looked at", **decided))
        assert why(matched, pledge) is expected


def test_only_the_states_asked_for_count(matched: Matched) -> None:
    matched.back(5000)
    assert crowd_facts(db.session(), matched.project.id, (), states=(PledgeState.PAID,)).pledged_pence == 0


def test_two_statements_whatever_the_crowd(matched: Matched) -> None:
    matched.back(5000)
    with count_queries(db.engine) as queries:
        crowd_facts(db.session(), matched.project.id, (2000,))
    assert len(queries) == 2
