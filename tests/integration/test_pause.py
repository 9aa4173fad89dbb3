"""An officer pauses a project and opens it again: with a reason to the group, and pledges stay as they are."""

import pytest
from flask import Flask

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Forbidden
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.projects.running import pause_project
from tests.support.acting import By
from tests.support.factories import make_pledge
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import Running, declare, make_running
from tests.support.totals import totals

WHY = "A neighbour says that the field is not yours. Please send us the lease."


@pytest.fixture
def running(app: Flask, clock: FixedClock) -> Running:
    """A launched project with its people."""
    return make_running(app, clock)


def pause(running: Running, what: str = "pause", reason: str = WHY) -> int:
    browser = running.browser(running.officer)
    return browser.submit(browser.get(running.desk(what), max_queries=12), reason=reason).status_code


def test_a_paused_project_takes_no_pledges_and_says_so_without_the_reason(running: Running) -> None:
    with running.app.app_context():
        make_pledge(running.project, running.clock.now())
    assert pause(running) == 303
    page = running.app.test_client().get(f"/projects/{running.project.slug}")
    assert "Paused" in page.text
    assert "The council is looking into something" in page.text
    assert "Back this project" not in page.text
    assert "lease" not in page.text
    assert running.app.test_client().get(f"/projects/{running.project.slug}/pledge").status_code == 410
    with running.app.app_context():
        assert totals(db.session(), running.project.id) == (2500, 2500, 1, 1)


def test_the_group_gets_the_reason_and_backers_get_no_mail(running: Running) -> None:
    with running.app.app_context():
        make_pledge(running.project, running.clock.now())
    receipts = len(running.mails("pledge_receipt"))
    pause(running)
    mails = running.mails("project_paused")
    assert {mail.recipient for mail in mails} == {p.email for p in (running.owner, running.writer, running.reader)}
    assert all(WHY in mail.body for mail in mails)
    assert len(running.mails("pledge_receipt")) == receipts == 1
    history = running.browser(running.reader).get(running.address("history")).text
    assert "An officer of the council</strong> moved the project from “Open for pledges” to “Paused”" in history
    assert "send us the lease" in history
    assert "Morag" not in history


def test_it_is_opened_again_with_the_same_deadline(running: Running) -> None:
    pause(running)
    assert pause(running, "resume", "The lease is here and it is fine.") == 303
    assert running.state() is ProjectState.LIVE
    with running.app.app_context():
        assert db.session.get_one(Project, running.project.id).deadline == running.project.deadline
    assert "Back this project" in running.app.test_client().get(f"/projects/{running.project.slug}").text
    assert len(running.mails("project_resumed")) == 3


@pytest.mark.parametrize(("reason", "told"), [("", "Say why"), ("x" * 1001, "1000 characters or fewer")])
def test_a_reason_is_needed_and_what_was_typed_stays(running: Running, reason: str, told: str) -> None:
    browser = running.browser(running.officer)
    reply = browser.submit(browser.get(running.desk("pause")), reason=reason)
    assert reply.status_code == 422
    assert told in reply.text
    assert reason in reply.text
    assert running.state() is ProjectState.LIVE


def test_two_officers_at_once_pause_it_once(running: Running) -> None:
    browser = running.browser(running.officer)
    page = browser.get(running.desk("pause"))
    assert browser.submit(page, reason=WHY).status_code == 303
    reply = browser.submit(page, reason=WHY)
    assert reply.status_code == 422
    assert "Only a project that is open for pledges can be paused." in reply.text
    assert "It cannot be resumed" not in browser.get(running.desk("resume")).text
    assert "It cannot be paused" in browser.get(running.desk("pause")).text


@pytest.mark.parametrize("page", ["pause", "resume", "cancel"])
def test_only_officers_with_the_right_get_there(running: Running, page: str) -> None:
    with running.app.app_context():
        approver = make_officer(OfficerRole.PROGRAMME_APPROVER, running.clock.now())
    assert browser_of(running.app, approver, strong=True).get(running.desk(page)).status_code == 403
    assert running.browser(running.owner).get(running.desk(page)).status_code == 403


@pytest.mark.parametrize("page", ["pause", "resume", "cancel"])
def test_an_officer_declares_before_anything_is_shown(running: Running, page: str) -> None:
    with running.app.app_context():
        other = make_officer(OfficerRole.PROGRAMME_CHECKER, running.clock.now())
    browser = browser_of(running.app, other, strong=True)
    assert browser.get(running.desk(page)).location == running.desk("interest")
    with running.app.app_context():
        declare(other, running.project, running.clock, has_interest=True)
    assert browser.get(running.desk(page)).status_code == 403


def test_the_action_itself_refuses_those_who_may_not(running: Running) -> None:
    with running.app.app_context():
        member = make_member(running.project.group_id, MemberRole.OWNER, running.clock.now())
        for person in (member, running.owner):
            with pytest.raises(Forbidden), unit_of_work() as session:
                pause_project(session, running.project.id, WHY, actor=By(person), now=running.clock.now())
    assert running.state() is ProjectState.LIVE
