"""Every way in which a pledge is refused, and that nothing is counted then."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import Conflict, Forbidden, NotFound, Refused
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges import actions, setting_up
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.actions import move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.factories import LIMITS, TESTER, make_person, make_pledge, make_project, start
from tests.support.pledging import act, activate, agreed, change, reread
from tests.support.totals import totals

MOMENT = timedelta(microseconds=1)
NOBODY = 999_999


@pytest.fixture
def project(db_session: Session, clock: FixedClock) -> Project:
    return make_project(clock.now())


@pytest.mark.parametrize(("pence", "code"), [(199, "too_small"), (0, "too_small"), (1_000_001, "too_large")])
def test_amounts_outside_the_limits_start_and_change_nothing(
    db_session: Session, clock: FixedClock, project: Project, pence: int, code: str
) -> None:
    with pytest.raises(Refused, match="pledge") as refused:
        act(setting_up.start_pledge, project.id, pence, public_id(), LIMITS, clock=clock)
    assert refused.value.code == code
    pledge = make_pledge(project, clock.now())
    with pytest.raises(Refused):
        change(pledge, pence, clock)
    assert totals(db_session, project.id) == (2500, 2500, 1, 1)


@pytest.mark.parametrize(
    "state", [s for s in ProjectState if s.value in {"draft", "submitted", "ready", "declined", "paused"}]
)
def test_a_project_that_is_not_live_takes_no_pledge(
    db_session: Session, clock: FixedClock, state: ProjectState
) -> None:
    shut = make_project(clock.now(), state)
    with pytest.raises(Refused) as refused:
        act(setting_up.start_pledge, shut.id, 2500, public_id(), LIMITS, clock=clock)
    assert refused.value.code == "closed"


def test_a_pledge_for_no_project_is_not_found(db_session: Session, clock: FixedClock) -> None:
    with pytest.raises(NotFound):
        act(setting_up.start_pledge, NOBODY, 2500, public_id(), LIMITS, clock=clock)
    with pytest.raises(NotFound):
        act(actions.withdraw_pledge, NOBODY, clock=clock)
    with pytest.raises(NotFound):
        act(actions.abandon_pledge, NOBODY, "not_finished", clock=clock)


def test_the_deadline_counts_to_the_microsecond(db_session: Session, clock: FixedClock, project: Project) -> None:
    early, late = start(project, clock.now()), start(project, clock.now())
    clock.at = project.deadline - MOMENT
    assert activate(early, clock)
    clock.at = project.deadline
    with pytest.raises(Refused) as refused:
        activate(late, clock)
    assert refused.value.code == "closed"
    assert totals(db_session, project.id) == (2500, 2500, 1, 1)
    for step in (lambda: change(early, 3000, clock), lambda: act(actions.withdraw_pledge, early.id, clock=clock)):
        with pytest.raises(Forbidden, match="deadline"):
            step()


def test_while_paused_one_may_lower_and_withdraw_but_not_raise(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge, waiting = make_pledge(project, clock.now()), start(project, clock.now())
    act(move_project, project.id, ProjectState.PAUSED, clock=clock)
    with pytest.raises(Refused) as refused:
        change(pledge, 3000, clock)
    assert (refused.value.code, refused.value.field) == ("not_raisable", "amount")
    with pytest.raises(Refused):
        activate(waiting, clock)
    change(pledge, 1000, clock)
    act(actions.withdraw_pledge, pledge.id, clock=clock)
    assert totals(db_session, project.id) == (0, 0, 0, 0)


def test_one_person_backs_a_project_once(db_session: Session, clock: FixedClock, project: Project) -> None:
    rosa = make_person(clock.now())
    first, second = (start(project, clock.now(), person=rosa) for _ in range(2))
    assert activate(first, clock)
    with pytest.raises(Refused) as refused:
        activate(second, clock)
    assert refused.value.code == "already_backing"
    with pytest.raises(Refused) as refused:
        start(project, clock.now(), person=rosa)
    assert refused.value.code == "already_backing"
    act(actions.withdraw_pledge, first.id, clock=clock)
    assert activate(second, clock)
    assert totals(db_session, project.id) == (2500, 2500, 1, 1)


def test_a_used_form_starts_no_other_pledge(db_session: Session, clock: FixedClock, project: Project) -> None:
    pledge = make_pledge(project, clock.now())
    elsewhere = start(make_project(clock.now()), clock.now())
    for token in (pledge.start_token, elsewhere.start_token):
        with pytest.raises(Refused) as refused:
            act(setting_up.start_pledge, project.id, 2500, token, LIMITS, clock=clock)
        assert refused.value.code == "used_form"


def test_what_was_edited_after_agreeing_waits_to_be_agreed_again(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = start(project, clock.now())
    with unit_of_work() as session:
        setting_up.set_amount(session, pledge.id, 5000, LIMITS, actor=TESTER, now=clock.now())
    assert not activate(pledge, clock)
    assert totals(db_session, project.id) == (0, 0, 0, 0)
    with pytest.raises(Conflict):
        act(setting_up.agree_and_start_checkout, pledge.id, agreed(2500), clock=clock)
    checkout = act(setting_up.agree_and_start_checkout, pledge.id, agreed(5000), clock=clock)
    assert act(actions.activate_pledge, pledge.id, checkout.id, clock=clock)
    assert totals(db_session, project.id) == (5000, 5000, 1, 1)


def test_nothing_is_agreed_before_the_address_is_verified(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = act(setting_up.start_pledge, project.id, 2500, public_id(), LIMITS, clock=clock)
    with pytest.raises(Refused) as refused:
        act(setting_up.agree_and_start_checkout, pledge.id, agreed(2500), clock=clock)
    assert refused.value.code == "not_verified"


def test_a_pledge_whose_address_was_changed_is_not_given_to_whom_the_code_was_sent(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    rosa, pledge = make_person(clock.now()), start(project, clock.now())
    with pytest.raises(Refused) as refused, unit_of_work() as session:
        setting_up.claim_for_person(session, pledge.id, rosa.id, actor=TESTER, now=clock.now())
    assert refused.value.code == "not_verified"


def test_what_has_ended_stays_ended(db_session: Session, clock: FixedClock, project: Project) -> None:
    left, gone = start(project, clock.now()), make_pledge(project, clock.now())
    act(actions.abandon_pledge, left.id, "not_finished", clock=clock)
    act(actions.abandon_pledge, gone.id, "not_finished", clock=clock)
    assert reread(gone).state is PledgeState.ACTIVE
    act(actions.withdraw_pledge, gone.id, clock=clock)
    for pledge in (left, gone):
        with pytest.raises(Forbidden):
            act(actions.withdraw_pledge, pledge.id, clock=clock)
        with pytest.raises(Forbidden):
            change(pledge, 3000, clock)
        with pytest.raises(Refused), unit_of_work() as session:
            setting_up.set_amount(session, pledge.id, 3000, LIMITS, actor=TESTER, now=clock.now())
        assert not act(actions.activate_pledge, pledge.id, 1, clock=clock)
    assert totals(db_session, project.id) == (0, 0, 0, 0)
