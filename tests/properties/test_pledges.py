"""Whatever backers do in whatever order, the ledger, the crowd and the pledges say the same."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.ledger.queries import breaches
from crowdfund.pledges import actions
from crowdfund.pledges.queries import breaches as pledge_breaches
from crowdfund.projects.actions import move_project
from crowdfund.projects.rules import ProjectState, takes_pledges
from tests.support.clock import START
from tests.support.examples import some
from tests.support.factories import LIMITS, TESTER, make_person, make_project, save_card, start
from tests.support.totals import totals

PENCE = st.integers(1, 30_000)
BACKERS = st.integers(0, 3)


class Crowd(RuleBasedStateMachine):
    """Four residents in front of one project."""

    waiting: Bundle[int] = Bundle("waiting")
    active: Bundle[int] = Bundle("active")

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self.clock = clock
        clock.at = START
        self.project_id = make_project(clock.now()).id
        self.people = [make_person(clock.now()) for _ in range(4)]
        self.model: dict[int, tuple[int, int]] = {}
        self.of: dict[int, tuple[int, int]] = {}

    @property
    def project(self) -> object:
        db.session.expire_all()
        from crowdfund.projects.models import Project

        return db.session.get_one(Project, self.project_id)

    def open(self) -> bool:
        project = self.project
        return takes_pledges(project.state, project.deadline, self.clock.now())

    def editable(self) -> bool:
        project = self.project
        return project.state in {ProjectState.LIVE, ProjectState.PAUSED} and self.clock.now() < project.deadline

    def attempt(self, action: object, *args: object, **kw: object) -> bool:
        """Do something in a unit of work; say whether it was allowed."""
        try:
            with unit_of_work() as session:
                action(session, *args, actor=TESTER, now=self.clock.now(), **kw)
        except (Refused, Forbidden):
            return False
        return True

    @rule(target=waiting, who=BACKERS, pence=PENCE)
    def begin(self, who: int, pence: int) -> int:
        backs = who in {backer for backer, _ in self.model.values()}
        try:
            pledge = start(self.project, self.clock.now(), pence, self.people[who])
        except Refused:
            assert pence < LIMITS.min_pence or backs or not self.open()
            return 0
        assert pence >= LIMITS.min_pence
        assert self.open()
        self.of[pledge.id] = who, pence
        return pledge.id

    @rule(target=active, pledge_id=consumes(waiting))
    def activate(self, pledge_id: int) -> int:
        if not pledge_id:
            return 0
        who, pence = self.of[pledge_id]
        expected = self.open() and who not in {backer for backer, _ in self.model.values()}
        with unit_of_work() as session:
            checkout = save_card(session, session.get_one(actions.Pledge, pledge_id), self.clock.now()).id
        assert self.attempt(actions.activate_pledge, pledge_id, checkout) == expected
        if not expected:
            self.attempt(actions.abandon_pledge, pledge_id, "closed")
            return 0
        self.model[pledge_id] = who, pence
        return pledge_id

    @rule(pledge_id=active, pence=PENCE)
    def change(self, pledge_id: int, pence: int) -> None:
        if not pledge_id:
            return
        counts = pledge_id in self.model
        raised = counts and pence > self.model[pledge_id][1]
        expected = pence >= LIMITS.min_pence and counts and (self.open() if raised else self.editable())
        assert self.attempt(actions.change_amount, pledge_id, pence, f"I agree to {pence}.", LIMITS) == expected
        if expected:
            self.model[pledge_id] = self.model[pledge_id][0], pence

    @rule(pledge_id=active)
    def withdraw(self, pledge_id: int) -> None:
        expected = pledge_id in self.model and self.editable()
        if pledge_id:
            assert self.attempt(actions.withdraw_pledge, pledge_id) == expected
        if expected:
            del self.model[pledge_id]

    @rule(pledge_id=st.one_of(waiting, active))
    def abandon(self, pledge_id: int) -> None:
        if pledge_id:
            self.attempt(actions.abandon_pledge, pledge_id, "not_finished")
            self.of[pledge_id] = -1, 0 if pledge_id not in self.model else self.of[pledge_id][1]

    @rule(state=st.sampled_from([ProjectState.PAUSED, ProjectState.LIVE]))
    def pause_or_resume(self, state: ProjectState) -> None:
        if self.project.state is not state:
            self.attempt(partial(move_project), self.project_id, state)

    @rule(days=st.integers(0, 9))
    def time_passes(self, days: int) -> None:
        self.clock.forward(timedelta(days=days))

    @invariant()
    def everything_says_the_same(self) -> None:
        pence = sum(amount for _, amount in self.model.values())
        assert totals(db.session(), self.project_id) == (pence, pence, len(self.model), len(self.model))

    def teardown(self) -> None:
        assert list(breaches(db.session())) == list(pledge_breaches(db.session())) == []


@pytest.mark.usefixtures("db_session")
def test_any_sequence_of_steps_keeps_the_totals(app: Flask, clock: FixedClock) -> None:
    run_state_machine_as_test(lambda: Crowd(clock), settings=some(5, steps=20))
