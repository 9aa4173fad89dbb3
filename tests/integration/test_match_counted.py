"""Match moves with the crowd: set aside as pledges come, given back as they go, the same figure everywhere."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.rules import Headroom, MatchKind
from crowdfund.ledger.queries import breaches
from crowdfund.matching.rules import Limit
from crowdfund.notifications.models import Mail
from crowdfund.pledges.matched import count_match, quote_match
from crowdfund.pledges.models import Pledge
from crowdfund.wiring import worker_of
from tests.support.crowds import PER_PLEDGE, Matched, card_of, make_matched
from tests.support.factories import TESTER, start
from tests.support.people import make_member
from tests.support.pledging import reread
from tests.support.queries import count_queries


@pytest.fixture
def matched(db_session: Session, clock: FixedClock) -> Matched:
    return make_matched(clock)


@pytest.fixture(autouse=True)
def _books_hold(db_session: Session) -> None:
    yield
    db.session.rollback()
    assert list(breaches(db.session())) == []


def quoted(matched: Matched, pence: int, pledge: Pledge | None = None) -> list[tuple[str, int]]:
    db.session.expire_all()
    (found,) = quote_match(db.session(), matched.project, [pence], pledge)
    return [(one.funder, one.pence) for one in found]


def test_each_pledge_sets_as_much_aside_up_to_its_limit(matched: Matched) -> None:
    matched.offer(50_000, **PER_PLEDGE)
    first, second = matched.back(1500), matched.back(5000)
    assert matched.counted() == [3500]
    assert matched.headroom() == Headroom(50_000, 3500, 0, 0, 46_500)
    assert (reread(first).match_pence, reread(second).match_pence) == (1500, 2000)


def test_a_pledge_taken_back_gives_its_match_back(matched: Matched) -> None:
    matched.offer(50_000, **PER_PLEDGE)
    pledge = matched.back(1500)
    matched.back(1000)
    matched.withdraw(pledge)
    assert (matched.counted(), matched.headroom().left_pence) == ([1000], 49_000)


def test_a_changed_amount_changes_its_match(matched: Matched) -> None:
    matched.offer(50_000, **PER_PLEDGE)
    pledge = matched.back(1500)
    for pence, expected in ((4000, 2000), (500, 500), (700, 700)):
        matched.change(pledge, pence)
        assert (matched.counted(), reread(pledge).match_pence) == ([expected], expected)
        assert matched.headroom().reserved_pence == expected


def test_the_last_pence_of_a_pot_and_then_none(matched: Matched) -> None:
    matched.offer(50_000, pot=2500, **PER_PLEDGE)
    pledges = [matched.back(2000, quoted=2000) for _ in range(3)]
    assert [reread(one).match_pence for one in pledges] == [2000, 500, 0]
    assert matched.headroom() == Headroom(2500, 2500, 0, 0, 0)
    assert matched.offers[0].id
    db.session.expire_all()
    assert db.session.get(type(matched.offers[0]), matched.offers[0].id).counted_limit is Limit.POT


def test_whoever_gets_less_than_was_quoted_is_told_why(matched: Matched, app: Flask, clock: FixedClock) -> None:
    matched.offer(50_000, pot=2500, funder="Firm", **PER_PLEDGE)
    pledges = [matched.back(2000, quoted=2000) for _ in range(3)]
    worker_of(app).drain(clock.now())
    mails = db.session.scalars(select(Mail).where(Mail.template == "pledge_match_less").order_by(Mail.id)).all()
    assert [mail.recipient for mail in mails] == [reread(one).email for one in pledges[1:]]
    assert "They add £5." in mails[0].body
    assert "They add nothing." in mails[1].body
    assert "The fund of Firm had no more money left" in mails[1].body


def test_a_shared_card_is_told_as_the_reason(matched: Matched, app: Flask, clock: FixedClock) -> None:
    matched.offer(50_000, **PER_PLEDGE)
    matched.back(2000, card_of(1), quoted=2000)
    pledge = matched.back(2000, card_of(1), quoted=2000)
    assert (matched.counted(), reread(pledge).match_pence) == ([2000], 0)
    worker_of(app).drain(clock.now())
    (mail,) = db.session.scalars(select(Mail).where(Mail.template == "pledge_match_less"))
    assert "with the same card as an earlier pledge" in mail.body


def test_nobody_is_mailed_who_gets_what_was_quoted(matched: Matched, app: Flask, clock: FixedClock) -> None:
    matched.offer(50_000, **PER_PLEDGE)
    matched.back(1500, quoted=1500)
    worker_of(app).drain(clock.now())
    assert not db.session.scalars(select(Mail).where(Mail.template == "pledge_match_less")).all()


def test_money_of_the_groups_people_moves_no_match(matched: Matched, clock: FixedClock) -> None:
    matched.offer(50_000, **PER_PLEDGE)
    owner = make_member(matched.project.group_id, MemberRole.OWNER, clock.now())
    waiting = start(matched.project, clock.now(), 2000, person=owner)
    assert quoted(matched, 2000, waiting) == []
    pledge = matched.back(2000)
    assert quoted(matched, 3000, reread(pledge)) == []
    assert matched.counted() == [2000]


def test_a_quote_names_each_funder_and_holds_nothing(matched: Matched) -> None:
    matched.offer(50_000, funder="Firm", **PER_PLEDGE)
    matched.offer(50_000, pot=300, funder="Shop", **PER_PLEDGE | {"per_backer_pence": 500})
    assert quoted(matched, 2000) == [("Firm", 2000), ("Shop", 300)]
    start(matched.project, matched.clock.now(), 2000)
    assert [matched.headroom(n).reserved_pence for n in (0, 1)] == [0, 0]


def test_a_quote_stops_at_the_target(matched: Matched) -> None:
    matched.offer(50_000, **PER_PLEDGE)
    matched.back(87_000)
    assert matched.counted() == [2000]
    assert quoted(matched, 600) == [] or quoted(matched, 600)[0][1] <= 400


def test_a_lump_shrinks_only_when_no_more_is_missing(matched: Matched) -> None:
    matched.offer(40_000, percent=None)
    matched.back(45_000)
    assert matched.counted() == [40_000]
    pledge = matched.back(20_000)
    assert (matched.counted(), matched.headroom().reserved_pence) == ([25_000], 40_000)
    matched.withdraw(pledge)
    assert matched.counted() == [40_000]


def test_withdrawals_below_the_trigger_lock_the_match_again(matched: Matched) -> None:
    matched.offer(40_000, percent=None, pay_backers=3)
    pledges = [matched.back(1000) for _ in range(3)]
    assert matched.counted() == [40_000]
    matched.withdraw(pledges[1])
    assert (matched.counted(), matched.headroom().reserved_pence) == ([0], 40_000)
    matched.back(1000)
    assert matched.counted() == [40_000]


def test_what_another_project_freed_is_set_aside_at_the_next_change(matched: Matched, clock: FixedClock) -> None:
    matched.offer(50_000, pot=3000, **PER_PLEDGE)
    other = make_matched(clock)
    other.offer(50_000, fund=matched.funds[0])
    theirs = other.back(2000)
    matched.back(2000)
    assert (matched.counted(), other.counted()) == ([1000], [2000])
    other.withdraw(theirs)
    assert (matched.counted(), matched.headroom().left_pence) == ([1000], 2000)
    matched.back(500)
    assert (matched.counted(), matched.headroom().left_pence) == ([2500], 500)


def test_three_kinds_of_fund_stay_within_the_target(matched: Matched) -> None:
    matched.offer(20_000, percent=None, pay_backers=2)
    matched.offer(30_000, **PER_PLEDGE)
    matched.offer(60_000, kind=MatchKind.TOP_UP, percent=None, crowd_percent=40)
    for pence in (2000, 2000, 30_000):
        matched.back(pence)
    assert matched.counted() == [20_000, 6000, 0]
    matched.back(2000)
    assert matched.counted() == [20_000, 8000, 26_000]


def test_counting_twice_moves_nothing(matched: Matched) -> None:
    matched.offer(50_000, **PER_PLEDGE)
    matched.back(2000)
    with unit_of_work() as session:
        count_match(session, matched.project, "again", actor=TESTER, now=matched.clock.now())
    assert (matched.counted(), matched.headroom().reserved_pence) == ([2000], 2000)


def test_a_project_without_an_offer_pays_one_statement(matched: Matched) -> None:
    with count_queries(db.engine) as queries, unit_of_work() as session:
        count_match(session, matched.project, "none", actor=TESTER, now=matched.clock.now())
        assert len(queries) == 1
