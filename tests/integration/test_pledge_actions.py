"""A pledge from start to end through its actions, counted once whatever is repeated."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Consent, ConsentKind, ConsentText
from crowdfund.core.clock import FixedClock
from crowdfund.core.errors import Conflict, IllegalMove
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from crowdfund.payments.rules import FORGET_CARD
from crowdfund.pledges import actions, setting_up
from crowdfund.pledges.jobs import sweep
from crowdfund.pledges.models import Crowd
from crowdfund.pledges.queries import breaches
from crowdfund.pledges.rules import Audience, PledgeState
from crowdfund.pledges.setting_up import Agreed
from crowdfund.projects.actions import launch_project, move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.wiring import worker_of
from tests.support.factories import LIMITS, TESTER, make_person, make_pledge, make_project, save_card, start
from tests.support.pledging import act, change, jobs_of, reread, tags
from tests.support.threads import failures, together
from tests.support.totals import totals

NOBODY = 999_999


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
        return act(setting_up.start_pledge, project.id, 2500, token, LIMITS, clock=clock).id

    results = together(app, [send] * 10)
    assert failures(results) == []
    assert len(set(results)) == 1
    again = act(setting_up.start_pledge, project.id, 3000, token, LIMITS, clock=clock)
    assert (again.id, again.amount_pence) == (results[0], 3000)


def test_activating_twice_counts_once(app: Flask, db_session: Session, clock: FixedClock, project: Project) -> None:
    pledge = start(project, clock.now())
    with unit_of_work() as session:
        checkout = save_card(session, pledge, clock.now())
    results = together(app, [lambda: act(actions.activate_pledge, pledge.id, checkout.id, clock=clock)] * 8)
    assert sorted(results) == [False] * 7 + [True]
    assert totals(db_session, project.id) == (2500, 2500, 1, 1)
    assert jobs_of(db_session, actions.MAIL) == 1


def test_changing_to_the_same_amount_changes_nothing(db_session: Session, clock: FixedClock, project: Project) -> None:
    pledge = make_pledge(project, clock.now())
    assert change(pledge, 2500, clock).changes == 0
    assert "pledge:amount_changed" not in tags(db_session, pledge)


def test_what_was_agreed_to_is_compared_under_the_lock(
    db_session: Session, clock: FixedClock, project: Project
) -> None:
    pledge = start(project, clock.now(), 2500)
    with unit_of_work() as session:
        setting_up.set_amount(session, pledge.id, 50_000, LIMITS, actor=TESTER, now=clock.now())
    with pytest.raises(Conflict):
        act(
            setting_up.agree_and_start_checkout, pledge.id, Agreed(2500, {ConsentKind.CHARGE_LATER: "£25"}), clock=clock
        )
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
