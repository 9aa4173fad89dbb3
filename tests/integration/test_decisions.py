"""Deciding about a project: what stands in the way, the recorded decision, the mails, and the public record."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from crowdfund.accounts.models import BrowserSession
from crowdfund.checking.deciding import Verdict, decide_project
from crowdfund.checking.rules import CRITERION_WORDS, Criterion, Outcome
from crowdfund.core.clock import FixedClock, real_now
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.decisions.models import Decision
from crowdfund.groups.models import Group
from crowdfund.groups.rules import LegalForm
from crowdfund.projects.actions import launch_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.acting import By
from tests.support.desk import Desk, make_desk
from tests.support.factories import TESTER
from tests.support.people import make_officer

GOOD = {"outcome": "accepted", "reason": "Real, legal and eligible. We rang the group."}
BAD = {"outcome": "declined", "criterion": "same_again", "reason": "You posted it in May. Change it, or post another."}


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    """A project that is being checked."""
    return make_desk(app, clock, title="A bench at the green")


def decide(desk: Desk, **typed: str) -> tuple[int, str]:
    browser = desk.browser()
    reply = browser.submit(browser.get(desk.address("decision"), max_queries=12), **typed)
    return reply.status_code, reply.text


def ready(desk: Desk) -> None:
    desk.answer_everything()
    desk.sign()


def decisions(desk: Desk) -> list[Decision]:
    with desk.app.app_context():
        return list(db.session.scalars(select(Decision).order_by(Decision.id)))


def test_an_accepted_project_is_ready_and_its_group_is_told(desk: Desk) -> None:
    ready(desk)
    page = desk.browser().get(desk.address("decision")).text
    for words in ("A bench at the green", "£900", "Neighbours"):
        assert words in page
    assert decide(desk, **GOOD)[0] == 303
    assert desk.state() is ProjectState.READY
    [decision] = decisions(desk)
    assert (decision.outcome, decision.criterion, decision.amount_pence) == ("accepted", "meets_all", 90_000)
    assert (decision.authority, decision.decided_by_id) == ("Checker of projects", desk.officer.id)
    assert decision.effective_at == decision.decided_at == desk.clock.now()
    [mail] = desk.mails("project_ready")
    assert mail.recipient == desk.owner.email
    assert "We rang the group." in mail.body
    page = desk.browser().get(desk.address(), max_queries=12).text
    assert "Accepted" in page
    assert "We rang the group." in page
    assert "There is nothing to decide" in page
    assert "recorded the decision “Accepted”" in desk.browser().get(desk.address("history")).text


def test_a_declined_project_names_rule_reason_and_other_ways(desk: Desk) -> None:
    assert decide(desk, **BAD)[0] == 303
    assert desk.state() is ProjectState.DECLINED
    [mail] = desk.mails("project_declined")
    assert CRITERION_WORDS[Criterion.SAME_AGAIN] in mail.body
    assert "You posted it in May." in mail.body
    assert "What you can do" in mail.body
    assert "unsuccessful" not in mail.body
    assert "Morag" not in mail.body
    assert decisions(desk)[0].criterion == "same_again"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reason": "Why not."}, "Choose whether to accept the project."),
        ({"outcome": "declined", "reason": "No."}, "Choose the rule that the project does not meet."),
        ({"outcome": "declined", "criterion": "political", "reason": " "}, "Give the reason."),
        ({"outcome": "declined", "criterion": "political", "reason": "x" * 2001}, "2000 characters or fewer"),
    ],
)
def test_a_decision_without_rule_or_reason_is_none(desk: Desk, typed: dict[str, str], told: str) -> None:
    status, text = decide(desk, **typed)
    assert status == 422
    assert told in text
    assert typed["reason"].strip() in text
    assert desk.state() is ProjectState.SUBMITTED
    assert decisions(desk) == []


def hindered(desk: Desk) -> str:
    """Return what the page says stands in the way; accepting is not on offer and refused by the action."""
    page = desk.browser().get(desk.address("decision")).text
    assert 'value="accepted"' not in page
    verdict = Verdict(Outcome.ACCEPTED, None, "Fine.")
    who = {
        "actor": By(desk.officer, "see projects before they are public", "check projects", "accept or decline projects")
    }
    with desk.app.app_context(), pytest.raises(Refused) as refused, unit_of_work() as session:
        decide_project(session, desk.project.id, verdict, desk.check().version, **who, now=desk.clock.now())
    assert refused.value.code == "obstacles"
    assert desk.state() is ProjectState.SUBMITTED
    return page


def test_it_cannot_be_accepted_with_open_points(desk: Desk) -> None:
    desk.sign()
    assert "Checklist: Is there such a group" in hindered(desk)
    desk.answer_everything(answer_costs="no")
    page = hindered(desk)
    assert "Checklist: Do the costs fit" in page
    assert "Checklist: Is there such a group" not in page
    browser = desk.browser()
    browser.submit(browser.get(desk.address("checklist")), note_costs="They explained it.")
    assert decide(desk, **GOOD)[0] == 303


def test_what_is_not_possible_is_not_offered_after_a_mistake_either(desk: Desk) -> None:
    status, text = decide(desk, outcome="declined")
    assert status == 422
    assert 'value="declined"' in text
    assert 'value="accepted"' not in text


def test_it_cannot_be_accepted_before_the_second_signatory_confirmed(desk: Desk) -> None:
    desk.answer_everything()
    assert "The second signatory has not confirmed" in hindered(desk)


def test_it_cannot_be_accepted_while_a_host_is_missing(desk: Desk) -> None:
    with desk.app.app_context(), unit_of_work() as session:
        values = {"legal_form": LegalForm.INFORMAL, "has_bank_account": False}
        session.execute(update(Group).where(Group.id == desk.project.group_id).values(**values))
    ready(desk)
    assert "no host has agreed" in hindered(desk)


@pytest.mark.parametrize("state", list(ProjectState))
def test_only_a_submitted_project_is_decided(app: Flask, clock: FixedClock, state: ProjectState) -> None:
    reachable = {ProjectState.CHANGES_REQUESTED, ProjectState.READY, ProjectState.DECLINED, ProjectState.LIVE}
    if state not in reachable | {ProjectState.SUBMITTED, ProjectState.DRAFT, ProjectState.PAUSED}:
        assert not can_be_decided(state)
        return
    desk = make_desk(app, clock, state)
    reply = desk.browser().get(desk.address("decision"))
    if state is ProjectState.DRAFT:
        assert reply.status_code == 404
    else:
        assert ("Record the decision" in reply.text) == (state is ProjectState.SUBMITTED)
    who = By(desk.officer, "see projects before they are public", "check projects", "accept or decline projects")
    with app.app_context():
        verdict, version = Verdict(Outcome.DECLINED, Criterion.POLITICAL, "It is."), desk.check().version
        if state is ProjectState.SUBMITTED:
            with unit_of_work() as session:
                decide_project(session, desk.project.id, verdict, version, actor=who, now=clock.now())
        else:
            with pytest.raises(Refused), unit_of_work() as session:
                decide_project(session, desk.project.id, verdict, version, actor=who, now=clock.now())
    assert desk.state() is (ProjectState.DECLINED if state is ProjectState.SUBMITTED else state)


def can_be_decided(state: ProjectState) -> bool:
    from crowdfund.projects.rules import MACHINE

    return bool({ProjectState.READY, ProjectState.DECLINED} & set(MACHINE.moves[state]))


def test_a_decision_wants_the_second_factor_again(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get(desk.address("decision"))
    with desk.app.app_context(), unit_of_work() as session:
        session.execute(update(BrowserSession).values(strong_at=real_now() - timedelta(minutes=16)))
    assert browser.get(desk.address()).status_code == 200
    reply = browser.submit(page, **BAD)
    assert reply.status_code in {302, 303}
    assert "/account/" in reply.location
    assert desk.state() is ProjectState.SUBMITTED


def test_a_decision_on_an_older_check_is_shown_what_changed(desk: Desk) -> None:
    ready(desk)
    browser = desk.browser()
    page = browser.get(desk.address("decision"))
    theirs = desk.browser(desk.other)
    theirs.submit(theirs.get(desk.address("checklist")), answer_legal="no", note_legal="The lease is missing.")
    desk.clock.forward(timedelta(minutes=2))
    reply = browser.submit(page, **GOOD)
    assert reply.status_code == 422
    assert "Sam Oyelaran changed this 2 minutes ago." in reply.text
    assert "We rang the group." in reply.text
    assert desk.state() is ProjectState.SUBMITTED
    assert browser.submit(reply).status_code == 303
    assert desk.state() is ProjectState.READY


def test_a_decision_is_never_changed_or_deleted(desk: Desk) -> None:
    decide(desk, **BAD)
    with desk.app.app_context():
        for statement in (update(Decision).values(reason="Another"), Decision.__table__.delete()):
            with pytest.raises(DatabaseError), unit_of_work() as session:
                session.execute(statement)
        assert db.session.scalar(select(func.count()).select_from(Decision)) == 1


def test_acceptances_are_public_and_refusals_are_counted(desk: Desk) -> None:
    visitor = desk.app.test_client()
    assert "0 decisions found" in visitor.get("/decisions").text
    ready(desk)
    decide(desk, **GOOD)
    turned_down = make_desk_again(desk, title="A very private matter")
    decide(turned_down, **BAD)
    page = visitor.get("/decisions", max_queries=9).text
    assert "A bench at the green" in page
    assert "We rang the group." in page
    assert "Checker of projects" in page
    assert f"/projects/{desk.project.slug}" not in page
    assert "A very private matter" not in page
    assert "You posted it in May" not in page
    assert CRITERION_WORDS[Criterion.SAME_AGAIN] in page
    assert "Morag" not in page
    with desk.app.app_context(), unit_of_work() as session:
        launch_project(session, desk.project.id, actor=TESTER, now=desk.clock.now())
    assert f"/projects/{desk.project.slug}" in visitor.get("/decisions").text


def make_desk_again(desk: Desk, **changes: str) -> Desk:
    from crowdfund.checking.actions import open_check
    from tests.support.factories import make_project
    from tests.support.running import declare

    with desk.app.app_context():
        project: Project = make_project(desk.clock.now(), ProjectState.SUBMITTED, **changes)
        declare(desk.officer, project, desk.clock, has_interest=False)
        with unit_of_work() as session:
            open_check(session, project.id, actor=TESTER, now=desk.clock.now())
    return Desk(desk.app, desk.clock, project, desk.owner, desk.officer, desk.other)


def test_an_administrator_sees_but_does_not_decide(desk: Desk) -> None:
    from crowdfund.accounts.roles import OfficerRole
    from tests.support.people import browser_of
    from tests.support.running import declare

    with desk.app.app_context():
        boss = make_officer(OfficerRole.PROGRAMME_ADMINISTRATOR, desk.clock.now(), name="Bo")
        declare(boss, desk.project, desk.clock, has_interest=False)
    browser = browser_of(desk.app, boss, strong=True)
    page = browser.get(desk.address()).text
    assert "Your role does not let you accept or decline projects." in page
    assert desk.address("decision") not in page
    assert browser.get(desk.address("decision")).status_code == 403
