"""A pledge from start to end through its actions, and every refusal on the way."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Consent, ConsentKind, ConsentText
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Conflict, Forbidden, IllegalMove, NotFound, Refused
from crowdfund.core.ids import public_id
from crowdfund.core.jobs import Job
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from crowdfund.payments.rules import FORGET_CARD
from crowdfund.pledges import actions
from crowdfund.pledges.actions import Agreed
from crowdfund.pledges.jobs import sweep
from crowdfund.pledges.models import Crowd, Pledge
from crowdfund.pledges.queries import breaches
from crowdfund.pledges.rules import Audience, PledgeState
from crowdfund.projects.actions import launch_project, move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.wiring import worker_of
from tests.support.factories import LIMITS, TESTER, make_person, make_pledge, make_project, save_card, start
from tests.support.threads import failures, together
from tests.support.totals import totals

MOMENT = timedelta(microseconds=1)
NOBODY = 999_999


def act(action: Callable[..., Any], *args: Any, clock: FixedClock, **kw: Any) -> Any:
    with unit_of_work() as session:
        return action(session, *args, actor=TESTER, now=clock.now(), **kw)


def change(pledge: Pledge, pence: int, clock: FixedClock) -> Pledge:
    return act(actions.change_amount, pledge.id, pence, f"I agree to {pence}.", LIMITS, clock=clock)


def agreed(pence: int) -> Agreed:
    return Agreed(pence, {ConsentKind.CHARGE_LATER: f"I agree to {pence}."})


def activate(pledge: Pledge, clock: FixedClock) -> bool:
    with unit_of_work() as session:
        checkout = save_card(session, pledge, clock.now())
        return actions.activate_pledge(session, pledge.id, checkout.id, actor=TESTER, now=clock.now())


def reread(pledge: Pledge) -> Pledge:
    db.session.expire_all()
    return db.session.get_one(Pledge, pledge.id)


def tags(session: Session, pledge: Pledge) -> list[str]:
    rows = select(AuditEvent.tag).where(AuditEvent.subject_kind == "pledge", AuditEvent.subject_id == pledge.id)
    return list(session.scalars(rows.order_by(AuditEvent.id)))


def jobs_of(session: Session, kind: str) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(Job.kind == kind)) or 0


@pytest.fixture
def project(db_session: Session, clock: FixedClock) -> Project:
    return make_project(clock.now())


def test_a_whole_life(db_session: Session, clock: FixedClock, project: Project) -> None:
    pledge = make_pledge(project, clock.now(), 2500)
    assert totals(db_session, project.id) == (2500, 2500, 1, 1)
    change(pledge, 4000, clock)
    assert totals(db_session, project.id) == (4000, 4000, 1, 1)
    change(pledge, 300, clock)
    act(actions.change_audience, pledge.id, Audience.NOBODY, Audience.GROUP, {}, clock=clock)
    assert (reread(pledge).amount_pence, reread(pledge).consented_pence, reread(pledge).changes) == (300, 4000, 2)
    act(actions.withdraw_pledge, pledge.id, clock=clock)
    assert totals(db_session, project.id) == (0, 0, 0, 0)
    assert reread(pledge).state is PledgeState.WITHDRAWN
    assert list(breaches(db_session)) == []
    verbs = ["started", "described", "verified", "consented", "activated"]
    verbs += ["amount_changed", "amount_changed", "audience_changed", "withdrawn"]
    assert tags(db_session, pledge) == [f"pledge:{verb}" for verb in verbs]
    assert jobs_of(db_session, actions.MAIL) == 4
    assert jobs_of(db_session, FORGET_CARD) == 1
    assert db_session.scalar(select(func.count()).select_from(Consent).where(Consent.withdrawn_at.is_(None))) == 0


def test_the_version_of_the_crowd_moves_with_every_change(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = make_pledge(project, clock.now())
    versions = [db_session.scalar(select(Crowd.version))]
    for step in (lambda: change(pledge, 3000, clock), lambda: act(actions.withdraw_pledge, pledge.id, clock=clock)):
        step()
        db_session.expire_all()
        versions.append(db_session.scalar(select(Crowd.version)))
    assert versions == [1, 2, 3]


@pytest.mark.parametrize(("pence", "code"), [(199, "too_small"), (0, "too_small"), (1_000_001, "too_large")])
def test_amounts_outside_the_limits_start_and_change_nothing(
    db_session: Session, clock: FixedClock, project: Project, pence: int, code: str
) -> None:
    with pytest.raises(Refused, match="pledge") as refused:
        act(actions.start_pledge, project.id, pence, public_id(), LIMITS, clock=clock)
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
        act(actions.start_pledge, shut.id, 2500, public_id(), LIMITS, clock=clock)
    assert refused.value.code == "closed"


def test_a_pledge_for_no_project_is_not_found(db_session: Session, clock: FixedClock) -> None:
    with pytest.raises(NotFound):
        act(actions.start_pledge, NOBODY, 2500, public_id(), LIMITS, clock=clock)
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


def test_the_same_person_may_back_two_projects(db_session: Session, clock: FixedClock, project: Project) -> None:
    rosa, other = make_person(clock.now()), make_project(clock.now())
    for one in (project, other):
        make_pledge(one, clock.now(), person=rosa)
    assert totals(db_session, project.id) == totals(db_session, other.id) == (2500, 2500, 1, 1)


def test_a_form_starts_one_pledge_however_often_it_is_sent(
    app: Flask, db_session: Session, clock: FixedClock, project: Project
) -> None:
    token = public_id()

    def send() -> int:
        return act(actions.start_pledge, project.id, 2500, token, LIMITS, clock=clock).id

    results = together(app, [send] * 10)
    assert failures(results) == []
    assert len(set(results)) == 1
    again = act(actions.start_pledge, project.id, 3000, token, LIMITS, clock=clock)
    assert (again.id, again.amount_pence) == (results[0], 3000)


def test_a_used_form_starts_no_other_pledge(db_session: Session, clock: FixedClock, project: Project) -> None:
    pledge = make_pledge(project, clock.now())
    elsewhere = start(make_project(clock.now()), clock.now())
    for token in (pledge.start_token, elsewhere.start_token):
        with pytest.raises(Refused) as refused:
            act(actions.start_pledge, project.id, 2500, token, LIMITS, clock=clock)
        assert refused.value.code == "used_form"


def test_what_was_edited_after_agreeing_waits_to_be_agreed_again(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = start(project, clock.now())
    with unit_of_work() as session:
        actions.set_amount(session, pledge.id, 5000, LIMITS, actor=TESTER, now=clock.now())
    assert not activate(pledge, clock)
    assert totals(db_session, project.id) == (0, 0, 0, 0)
    with pytest.raises(Conflict):
        act(actions.agree_and_start_checkout, pledge.id, agreed(2500), clock=clock)
    checkout = act(actions.agree_and_start_checkout, pledge.id, agreed(5000), clock=clock)
    assert act(actions.activate_pledge, pledge.id, checkout.id, clock=clock)
    assert totals(db_session, project.id) == (5000, 5000, 1, 1)


def test_nothing_is_agreed_before_the_address_is_verified(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = act(actions.start_pledge, project.id, 2500, public_id(), LIMITS, clock=clock)
    with pytest.raises(Refused) as refused:
        act(actions.agree_and_start_checkout, pledge.id, agreed(2500), clock=clock)
    assert refused.value.code == "not_verified"


def test_a_pledge_whose_address_was_changed_is_not_given_to_whom_the_code_was_sent(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    rosa, pledge = make_person(clock.now()), start(project, clock.now())
    with pytest.raises(Refused) as refused, unit_of_work() as session:
        actions.claim_for_person(session, pledge.id, rosa.id, actor=TESTER, now=clock.now())
    assert refused.value.code == "not_verified"


def test_activating_twice_counts_once(app: Flask, db_session: Session, clock: FixedClock, project: Project) -> None:
    pledge = start(project, clock.now())
    with unit_of_work() as session:
        checkout = save_card(session, pledge, clock.now())
    results = together(app, [lambda: act(actions.activate_pledge, pledge.id, checkout.id, clock=clock)] * 8)
    assert sorted(results) == [False] * 7 + [True]
    assert totals(db_session, project.id) == (2500, 2500, 1, 1)
    assert jobs_of(db_session, actions.MAIL) == 1


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
            actions.set_amount(session, pledge.id, 3000, LIMITS, actor=TESTER, now=clock.now())
        assert not act(actions.activate_pledge, pledge.id, 1, clock=clock)
    assert totals(db_session, project.id) == (0, 0, 0, 0)


def test_changing_to_the_same_amount_changes_nothing(db_session: Session, clock: FixedClock, project: Project) -> None:
    pledge = make_pledge(project, clock.now())
    assert change(pledge, 2500, clock).changes == 0
    assert "pledge:amount_changed" not in tags(db_session, pledge)


def test_what_was_agreed_to_is_compared_under_the_lock(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = start(project, clock.now(), 2500)
    with unit_of_work() as session:
        actions.set_amount(session, pledge.id, 50_000, LIMITS, actor=TESTER, now=clock.now())
    with pytest.raises(Conflict):
        act(actions.agree_and_start_checkout, pledge.id, Agreed(2500, {ConsentKind.CHARGE_LATER: "£25"}), clock=clock)
    assert reread(pledge).consented_pence is None


def test_a_paused_project_is_resumed_and_not_launched_again(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    act(move_project, project.id, ProjectState.PAUSED, clock=clock)
    with pytest.raises(IllegalMove):
        act(launch_project, project.id, clock=clock)


def test_two_changes_before_the_worker_runs_are_two_mails(
    app: Flask, db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = make_pledge(project, clock.now(), 2500)
    change(pledge, 2000, clock)
    change(pledge, 1500, clock)
    worker_of(app).drain()
    changed = select(Mail.subject).where(Mail.template == "pledge_amount_changed").order_by(Mail.id)
    assert [subject.split()[-1] for subject in db_session.scalars(changed)] == ["£20", "£15"]


def test_what_was_typed_for_an_unfinished_pledge_is_forgotten(
    app: Flask, db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = start(project, clock.now(), message="Hello")
    act(actions.abandon_pledge, pledge.id, "not_finished", clock=clock)
    clock.forward(timedelta(days=31))
    sweep({}, clock.now())
    kept = reread(pledge)
    assert (kept.email, kept.backer_name, kept.message) == (None, None, "")


def test_consents_follow_the_wishes(db_session: Session, clock: FixedClock, project: Project) -> None:
    pledge = make_pledge(project, clock.now(), wants_news=True)
    audiences = (Audience.EVERYONE, Audience.EVERYONE)
    act(actions.change_audience, pledge.id, *audiences, {ConsentKind.SHARE_WITH_GROUP: "share"}, clock=clock)
    standing = select(ConsentText.kind).join(Consent, Consent.text_id == ConsentText.id)
    kinds = set(db_session.scalars(standing.where(Consent.withdrawn_at.is_(None))))
    assert kinds == {ConsentKind.CHARGE_LATER, ConsentKind.SHARE_WITH_GROUP}
    assert not reread(pledge).wants_news
