"""Whatever backers do in whatever order, the ledger, the crowd and the pledges say the same."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import breaches
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.queries import breaches as pledge_breaches
from crowdfund.projects.actions import move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.clock import START
from tests.support.examples import some
from tests.support.factories import LIMITS, TESTER, make_person, make_project, save_card, start
from tests.support.totals import totals

PENCE = st.one_of(st.integers(200, 30_000), st.integers(1, 300))
BACKERS = st.integers(0, 3)
PICK = st.integers(0, 20)


class Crowd(RuleBasedStateMachine):
    """Four residents in front of one project; beside it, who waits and who counts as plain numbers."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self.clock, clock.at = clock, START
        project = make_project(clock.now())
        self.project_id, self.deadline, self.paused = project.id, project.deadline, False
        self.people = [make_person(clock.now()) for _ in range(4)]
        self.waiting: dict[int, int] = {}
        self.counting: dict[int, int] = {}
        self.pence: dict[int, int] = {}
        self.ended: list[int] = []

    @property
    def in_time(self) -> bool:
        """Before the deadline."""
        return self.clock.now() < self.deadline

    @property
    def is_open(self) -> bool:
        """Open for new money."""
        return self.in_time and not self.paused

    def backs(self, who: int) -> bool:
        """Whether a resident has a pledge that counts."""
        return who in self.counting.values()

    def attempt(self, action: Callable[..., Any], *args: Any) -> Any:
        """Do something in a unit of work; answer None where it is refused."""
        try:
            with unit_of_work() as session:
                return action(session, *args, actor=TESTER, now=self.clock.now())
        except (Refused, Forbidden):
            return None

    @staticmethod
    def one(of: Any, pick: int) -> int | None:
        """Choose one of some pledges."""
        return list(of)[pick % len(of)] if of else None

    @rule(who=BACKERS, pence=PENCE)
    def begin(self, who: int, pence: int) -> None:
        project = db.session.get_one(Project, self.project_id)
        try:
            pledge = start(project, self.clock.now(), pence, self.people[who])
        except Refused:
            assert pence < LIMITS.min_pence or self.backs(who) or not self.is_open
        else:
            assert pence >= LIMITS.min_pence
            assert self.is_open
            self.waiting[pledge.id], self.pence[pledge.id] = who, pence

    @rule(pick=PICK)
    def activate(self, pick: int) -> None:
        if (pledge_id := self.one(self.waiting, pick)) is None:
            return
        who = self.waiting.pop(pledge_id)
        with unit_of_work() as session:
            checkout = save_card(session, session.get_one(Pledge, pledge_id), self.clock.now()).id
        expected = True if self.is_open and not self.backs(who) else None
        assert self.attempt(actions.activate_pledge, pledge_id, checkout) is expected
        if expected:
            self.counting[pledge_id] = who
            assert self.attempt(actions.activate_pledge, pledge_id, checkout) is False
        else:
            self.attempt(actions.abandon_pledge, pledge_id, "closed")
            self.ended.append(pledge_id)

    @rule(pick=PICK, pence=PENCE)
    def change(self, pick: int, pence: int) -> None:
        if (pledge_id := self.one(self.counting, pick)) is None:
            return
        allowed = self.is_open if pence > self.pence[pledge_id] else self.in_time
        expected = allowed and pence >= LIMITS.min_pence
        changed = self.attempt(actions.change_amount, pledge_id, pence, f"I agree to {pence}.", LIMITS)
        assert (changed is not None) == expected
        if expected:
            self.pence[pledge_id] = pence

    @rule(pick=PICK)
    def withdraw(self, pick: int) -> None:
        if (pledge_id := self.one(self.counting, pick)) is None:
            return
        assert (self.attempt(actions.withdraw_pledge, pledge_id) is not None) == self.in_time
        if self.in_time:
            del self.counting[pledge_id]
            self.ended.append(pledge_id)

    @rule(pick=PICK)
    def abandon(self, pick: int) -> None:
        if (pledge_id := self.one(self.waiting, pick)) is not None:
            self.attempt(actions.abandon_pledge, pledge_id, "not_finished")
            del self.waiting[pledge_id]
            self.ended.append(pledge_id)
        if (counts := self.one(self.counting, pick)) is not None:
            self.attempt(actions.abandon_pledge, counts, "not_finished")

    @rule(pick=PICK)
    def try_what_is_over(self, pick: int) -> None:
        if (pledge_id := self.one(self.ended, pick)) is not None:
            assert self.attempt(actions.withdraw_pledge, pledge_id) is None
            assert self.attempt(actions.change_amount, pledge_id, 5000, "I agree.", LIMITS) is None
            assert self.attempt(actions.activate_pledge, pledge_id, 1) is False

    @rule()
    def pause_or_resume(self) -> None:
        new = ProjectState.LIVE if self.paused else ProjectState.PAUSED
        assert self.attempt(move_project, self.project_id, new) is not None
        self.paused = not self.paused

    @rule(days=st.integers(1, 15))
    def time_passes(self, days: int) -> None:
        self.clock.forward(timedelta(days=days))

    @invariant()
    def everything_says_the_same(self) -> None:
        pence, backers = sum(self.pence[one] for one in self.counting), len(self.counting)
        assert totals(db.session(), self.project_id) == (pence, pence, backers, backers)

    def teardown(self) -> None:
        assert list(breaches(db.session())) == list(pledge_breaches(db.session())) == []


@pytest.mark.usefixtures("db_session")
def test_any_sequence_of_steps_keeps_the_totals(app: Flask, clock: FixedClock) -> None:
    run_state_machine_as_test(lambda: Crowd(clock), settings=some(5, steps=25))
