"""Many at once on one row: nobody overdraws, nothing counts twice, totals agree."""

from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import Busy, Conflict, Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger import match_postings
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.models import LedgerEntry
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import balance_pence, breaches
from crowdfund.ledger.rules import AccountKind
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import breaches as pledge_breaches
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.actions import move_project
from crowdfund.projects.rules import ProjectState
from tests.support.factories import LIMITS, TESTER, make_person, make_pledge, make_project, save_card, start
from tests.support.threads import failures, together
from tests.support.totals import totals

FUND = 3


def part(pence: int, source: str = "base budget") -> Part:
    return Part(source, "2026/27", pence)


def fill(clock: FixedClock, pence: int) -> None:
    with unit_of_work() as session:
        match_postings.fill_pot(Posting(session, "fill", TESTER, clock.now()), FUND, part(pence))


def reserve(key: str, project_id: int, pence: int, clock: FixedClock) -> str:
    """Reserve match as the service does: refused when less is left."""
    with unit_of_work() as session:
        match_postings.reserve_match(Posting(session, key, TESTER, clock.now()), FUND, project_id, [part(pence)])
    return "reserved"


def test_sixty_want_five_thousand_of_a_hundred_thousand(app: Flask, db_session: Session, clock: FixedClock) -> None:
    fill(clock, 100_000)
    steps = [lambda n=n: reserve(f"match {n}", n, 5_000, clock) for n in range(60)]
    results = together(app, steps)
    assert failures(results, Refused) == []
    assert Counter(getattr(result, "code", result) for result in results) == {"reserved": 20, "balance_guard": 40}
    assert balance_pence(db_session, AccountKind.POT_AVAILABLE, 3) == 0
    assert list(breaches(db_session)) == []


def test_two_projects_take_the_last_of_a_pot(app: Flask, db_session: Session, clock: FixedClock) -> None:
    fill(clock, 500)
    results = together(app, [lambda n=n: reserve(f"match {n}", n, 500, clock) for n in (1, 2)])
    assert Counter(getattr(result, "code", result) for result in results) == {"reserved": 1, "balance_guard": 1}


def test_one_key_from_twenty_threads_is_one_entry(app: Flask, db_session: Session, clock: FixedClock) -> None:
    fill(clock, 100_000)
    results = together(app, [lambda: reserve("match", 1, 5_000, clock)] * 20)
    assert failures(results, IntegrityError) == []
    assert results.count("reserved") == 1
    assert db_session.scalar(select(func.count()).select_from(LedgerEntry)) == 2
    assert balance_pence(db_session, AccountKind.MATCH_RESERVED, 1) == 5_000


def test_opposite_ways_between_accounts_end_and_at_worst_one_is_asked_to_come_again(
    app: Flask, db_session: Session, clock: FixedClock
) -> None:
    fill(clock, 100_000)
    for project_id in (1, 2):
        reserve(f"match {project_id}", project_id, 40_000, clock)

    def back_and_forth(number: int) -> None:
        with unit_of_work() as session:
            posting = Posting(session, f"free {number}", TESTER, clock.now())
            match_postings.free_match(posting, FUND, 1 + number % 2, [part(100)])
            posting = Posting(session, f"take {number}", TESTER, clock.now())
            match_postings.reserve_match(posting, FUND, 2 - number % 2, [part(100)])

    results = together(app, [lambda n=n: back_and_forth(n) for n in range(6)])
    assert failures(results, Busy) == []
    assert list(breaches(db_session)) == []
    assert balance_pence(db_session, AccountKind.POT_AVAILABLE, 3) == 20_000


def test_thirty_pledges_become_active_together(app: Flask, db_session: Session, clock: FixedClock) -> None:
    project = make_project(clock.now())
    waiting = [start(project, clock.now(), 1000 + n) for n in range(30)]
    with unit_of_work() as session:
        saved = [(pledge.id, save_card(session, pledge, clock.now()).id) for pledge in waiting]

    def activate(pledge_id: int, checkout_id: int) -> bool:
        with unit_of_work() as session:
            return actions.activate_pledge(session, pledge_id, checkout_id, actor=TESTER, now=clock.now())

    results = together(app, [lambda one=one: activate(*one) for one in saved])
    assert results == [True] * 30
    pence = sum(1000 + n for n in range(30))
    assert totals(db_session, project.id) == (pence, pence, 30, 30)
    assert list(pledge_breaches(db_session)) == []


def test_one_person_in_two_tabs_backs_once(app: Flask, db_session: Session, clock: FixedClock) -> None:
    project, rosa = make_project(clock.now()), make_person(clock.now())
    tabs = [start(project, clock.now(), person=rosa) for _ in range(6)]
    with unit_of_work() as session:
        saved = [(pledge.id, save_card(session, pledge, clock.now()).id) for pledge in tabs]

    def activate(pledge_id: int, checkout_id: int) -> bool:
        with unit_of_work() as session:
            return actions.activate_pledge(session, pledge_id, checkout_id, actor=TESTER, now=clock.now())

    results = together(app, [lambda one=one: activate(*one) for one in saved])
    assert failures(results, Refused) == []
    assert results.count(True) == 1
    assert totals(db_session, project.id) == (2500, 2500, 1, 1)


def test_raising_lowering_and_withdrawing_at_once_agree(app: Flask, db_session: Session, clock: FixedClock) -> None:
    project = make_project(clock.now())
    pledges = [make_pledge(project, clock.now()) for _ in range(5)]

    def change(pledge: Pledge, pence: int) -> None:
        with unit_of_work() as session:
            actions.change_amount(session, pledge.id, pence, "I agree.", LIMITS, actor=TESTER, now=clock.now())

    def withdraw(pledge: Pledge) -> None:
        with unit_of_work() as session:
            actions.withdraw_pledge(session, pledge.id, actor=TESTER, now=clock.now())

    steps = [lambda p=p, n=n: change(p, 1000 * n) for p in pledges for n in (1, 2, 3, 4)]
    steps += [lambda p=p: withdraw(p) for p in pledges[:3] for _ in range(2)]
    assert failures(together(app, steps), Forbidden, Refused, Conflict) == []
    ledger, pence, crowd, backers = totals(db_session, project.id)
    assert (ledger, crowd) == (pence, backers)
    assert backers == 2
    assert list(breaches(db_session)) == list(pledge_breaches(db_session)) == []


@pytest.mark.parametrize("stop", [ProjectState.PAUSED, ProjectState.CANCELLED])
def test_a_pledge_is_in_before_the_project_stops_or_refused(
    app: Flask, db_session: Session, clock: FixedClock, stop: ProjectState
) -> None:
    project = make_project(clock.now())
    waiting = [start(project, clock.now()) for _ in range(8)]
    with unit_of_work() as session:
        saved = [(pledge.id, save_card(session, pledge, clock.now()).id) for pledge in waiting]

    def activate(pledge_id: int, checkout_id: int) -> bool:
        with unit_of_work() as session:
            return actions.activate_pledge(session, pledge_id, checkout_id, actor=TESTER, now=clock.now())

    def end() -> tuple[int, int]:
        with unit_of_work() as session:
            move_project(session, project.id, stop, actor=TESTER, now=clock.now())
            active = select(func.count()).where(Pledge.state == PledgeState.ACTIVE)
            return session.scalar(active) or 0, balance_pence(session, AccountKind.PLEDGED, project.id)

    results = together(app, [lambda one=one: activate(*one) for one in saved] + [end])
    assert failures(results, Refused) == []
    active, pence = results[-1]
    assert results.count(True) == active
    assert totals(db_session, project.id) == (pence, pence, active, active)
    assert pence == 2500 * active


def test_a_deadline_in_the_middle_splits_cleanly(app: Flask, db_session: Session, clock: FixedClock) -> None:
    project = make_project(clock.now())
    waiting = [start(project, clock.now()) for _ in range(10)]
    with unit_of_work() as session:
        saved = [(pledge.id, save_card(session, pledge, clock.now()).id) for pledge in waiting]

    def activate(number: int) -> bool:
        moment = project.deadline + timedelta(microseconds=-1 if number % 2 else 0)
        with unit_of_work() as session:
            return actions.activate_pledge(session, *saved[number], actor=TESTER, now=moment)

    results = together(app, [lambda n=n: activate(n) for n in range(10)])
    assert [result is True for result in results] == [bool(n % 2) for n in range(10)]
    assert totals(db_session, project.id) == (12_500, 12_500, 5, 5)
