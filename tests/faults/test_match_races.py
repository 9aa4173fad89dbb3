"""Match under many hands at once: no pot is overdrawn, no pence is given twice or lost, to the penny."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db, lock
from crowdfund.core.errors import Busy, Conflict, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.funds.models import Fund
from crowdfund.funds.rules import Headroom
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.reserving import read_match
from crowdfund.matching.rules import Limit, OfferState
from crowdfund.notifications.models import Mail
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges import actions
from crowdfund.pledges.matched import read_crowd
from crowdfund.pledges.models import Pledge
from crowdfund.projects.actions import Line
from crowdfund.projects.models import Project
from crowdfund.projects.rules import LineKind
from crowdfund.settlement.checks import breaches
from crowdfund.wiring import worker_of
from tests.support.crowds import PER_PLEDGE, Matched, PotShort, accept, card_of, make_matched
from tests.support.factories import LIMITS, TESTER, save_card, start
from tests.support.people import make_named
from tests.support.threads import failures, together


@pytest.fixture
def matched(db_session: Session, clock: FixedClock) -> Matched:
    return make_matched(clock)


@pytest.fixture(autouse=True)
def _books_hold(db_session: Session) -> Iterator[None]:
    yield
    db.session.rollback()
    db.session.expire_all()
    assert list(ledger_breaches(db.session())) == list(breaches(db.session())) == []


def ready(matched: Matched, number: int, pence: int = 2000, quoted: int = 2000) -> Callable[[], bool]:
    """Return a step in which a pledge whose card was just saved becomes active."""
    now = matched.clock.now()
    pledge_id = start(matched.project, now, pence).id
    with unit_of_work() as session:
        pledge = session.get_one(Pledge, pledge_id)
        pledge.quoted_match_pence = quoted
        checkout = save_card(session, pledge, now)
        checkout_id = checkout.id
        session.execute(update(CardCheckout).where(CardCheckout.id == checkout_id).values(card_hash=card_of(number)))

    def step() -> bool:
        with unit_of_work() as session:
            return actions.activate_pledge(session, pledge_id, checkout_id, actor=TESTER, now=now)

    return step


def again(step: Callable[[], Any]) -> Callable[[], Any]:
    """Return a step that is tried again where the database asks for it, as people and workers do."""

    def tried() -> Any:
        for _ in range(20):
            try:
                return step()
            except (Busy, Conflict):
                continue
        raise AssertionError("never came through")

    return tried


def pledges_of(matched: Matched) -> list[Pledge]:
    db.session.expire_all()
    return db.session.query(Pledge).filter_by(project_id=matched.project.id).order_by(Pledge.id).all()


def fits_itself(matched: Matched) -> None:
    """What is kept is what counting it anew gives, and what is set aside in the books."""
    db.session.expire_all()
    project = db.session.get_one(Project, matched.project.id)
    lines = read_match(db.session(), project, read_crowd(db.session(), project.id))
    assert [line.allocation.pence for line in lines] == matched.counted()
    for line in lines:
        if line.terms.per_backer_pence:
            assert line.reserved_pence == line.allocation.pence


def test_two_projects_take_the_last_five_hundred_pounds_of_a_pot(
    app: Flask, matched: Matched, clock: FixedClock
) -> None:
    matched.offer(50_000, pot=50_000, **PER_PLEDGE | {"per_backer_pence": 50_000})
    other = make_matched(clock)
    other.offer(50_000, fund=matched.funds[0])
    results = together(app, [again(ready(one, 1, 40_000, 40_000)) for one in (matched, other)])
    assert failures(results) == []
    assert sorted(matched.counted() + other.counted()) == [10_000, 40_000]
    assert sorted(one.match_pence for each in (matched, other) for one in pledges_of(each)) == [10_000, 40_000]
    assert matched.headroom() == Headroom(50_000, 50_000, 0, 0, 0)
    for one in (matched, other):
        fits_itself(one)


def test_two_groups_accept_the_last_of_a_pot(app: Flask, matched: Matched, clock: FixedClock) -> None:
    with unit_of_work() as session:
        fund_id = matched.fund(session, 50_000, percent=None).id
    both = [matched, make_matched(clock)]

    def take(one: Matched) -> int:
        with unit_of_work() as session:
            project = lock(session, Project, one.project.id)
            return accept(session, project, session.get_one(Fund, fund_id), 50_000, clock).id

    results = together(app, [lambda one=one: take(one) for one in both])
    assert len(failures(results, PotShort)) == 0
    assert sum(isinstance(result, PotShort) for result in results) == 1
    assert matched.headroom() == Headroom(50_000, 50_000, 0, 0, 0)


def test_sixty_pledges_with_match_on_a_pot_that_covers_twenty(
    app: Flask, db_session: Session, clock: FixedClock
) -> None:
    matched = make_matched(clock, lines=_costs(1_000_000))
    matched.offer(300_000, pot=40_000, **PER_PLEDGE)
    results = together(app, [again(ready(matched, number)) for number in range(60)])
    assert results == [True] * 60
    given = sorted(one.match_pence for one in pledges_of(matched))
    assert given == [0] * 40 + [2000] * 20
    assert matched.counted() == [40_000]
    assert matched.headroom() == Headroom(40_000, 40_000, 0, 0, 0)
    assert db.session.get_one(MatchOffer, matched.offers[0].id).counted_limit is Limit.POT
    worker_of(app).drain(clock.now())
    assert db.session.query(Mail).filter_by(template="pledge_match_less").count() == 40
    fits_itself(matched)


def test_the_odd_pence_of_a_pot_go_to_one_pledge(app: Flask, db_session: Session, clock: FixedClock) -> None:
    matched = make_matched(clock, lines=_costs(1_000_000))
    matched.offer(300_000, pot=10_999, **PER_PLEDGE)
    assert failures(together(app, [again(ready(matched, number)) for number in range(12)])) == []
    assert sorted(one.match_pence for one in pledges_of(matched)) == [0] * 6 + [999] + [2000] * 5
    assert matched.headroom().left_pence == 0
    fits_itself(matched)


def test_backers_withdraw_while_others_pledge(app: Flask, db_session: Session, clock: FixedClock) -> None:
    matched = make_matched(clock, lines=_costs(1_000_000))
    matched.offer(300_000, pot=20_000, **PER_PLEDGE)
    standing = [matched.back(2000) for _ in range(10)]
    assert matched.headroom().left_pence == 0

    def leave(pledge_id: int) -> Any:
        with unit_of_work() as session:
            return actions.withdraw_pledge(session, pledge_id, actor=TESTER, now=clock.now()).id

    def lower(pledge_id: int) -> Any:
        with unit_of_work() as session:
            words = ("", LIMITS)
            return actions.change_amount(session, pledge_id, 500, *words, actor=TESTER, now=clock.now()).id

    steps = [again(lambda one=one.id: leave(one)) for one in standing[:5]]
    steps += [again(lambda one=one.id: lower(one)) for one in standing[5:8]]
    steps += [again(ready(matched, number)) for number in range(8)]
    assert failures(together(app, steps)) == []
    # Two of £20 and three of £5 stay, eight of £20 came: the pot of £200 covers all but £15 of it.
    assert matched.counted() == [20_000]
    assert matched.headroom() == Headroom(20_000, 20_000, 0, 0, 0)
    fits_itself(matched)


def test_an_offer_is_accepted_while_people_pledge(app: Flask, db_session: Session, clock: FixedClock) -> None:
    matched = make_matched(clock, lines=_costs(1_000_000))
    matched.offer(1000, pot=400_000, **PER_PLEDGE | {"per_backer_pence": 100})
    with unit_of_work() as session:
        fund_id = matched.fund(session, 100_000, percent=None).id

    def take() -> str:
        with unit_of_work() as session:
            project = lock(session, Project, matched.project.id)
            offer = accept(session, project, session.get_one(Fund, fund_id), 30_000, clock)
        matched.offers.append(offer)
        return "accepted"

    steps = [again(ready(matched, number, quoted=100)) for number in range(12)]
    assert failures(together(app, [again(take), *steps])) == []
    assert matched.counted() == [1000, 30_000]
    assert matched.headroom(1) == Headroom(100_000, 30_000, 0, 0, 70_000)
    fits_itself(matched)


def test_withdrawals_below_the_trigger_lock_the_match_and_tell_the_funder(
    app: Flask, matched: Matched, clock: FixedClock
) -> None:
    offer = matched.offer(40_000, percent=None, pay_backers=5, funder="Firm")
    officer = make_named(clock.now(), "odile.officer@example.org")
    pledges = [matched.back(1000) for _ in range(6)]
    assert matched.counted() == [40_000]

    def leave(pledge_id: int) -> Any:
        with unit_of_work() as session:
            return actions.withdraw_pledge(session, pledge_id, actor=TESTER, now=clock.now()).id

    steps = [again(lambda one=one.id: leave(one)) for one in pledges[:3]]
    assert failures(together(app, steps), Refused) == []
    assert (matched.counted(), matched.headroom().reserved_pence) == ([0], 40_000)
    row = db.session.get_one(MatchOffer, offer.id)
    assert (row.state, row.counted_limit) == (OfferState.ACCEPTED, Limit.TEST)
    worker_of(app).drain(clock.now())
    mails = db.session.query(Mail).filter_by(template="match_locked").all()
    assert [mail.recipient for mail in mails] == [officer.email]
    fits_itself(matched)


def _costs(pence: int) -> tuple[Any, ...]:
    return (Line(LineKind.COST, "Bench", pence, is_capital=False),)
