"""From the last answer to the council and back: declaration, second signatory, questions, withdrawal, launch."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.errors import Refused
from crowdfund.core.jobs import Job
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.rules import InvitationState, LegalForm
from crowdfund.projects.actions import ask_questions, move_project
from crowdfund.projects.jobs import launch_due
from crowdfund.projects.queries import find_signatory
from crowdfund.projects.rules import ProjectState, Section
from crowdfund.projects.submitting import submit_project
from tests.support.acting import By
from tests.support.client import HouseClient
from tests.support.drafting import SIGNATORY, Drafting, make_drafting
from tests.support.factories import TESTER
from tests.support.people import browser_of, make_named, make_officer


@pytest.fixture
def drafting(app: Flask, clock: FixedClock) -> Drafting:
    """A draft with everything in it."""
    drafting = make_drafting(app, clock)
    drafting.start()
    drafting.fill()
    return drafting


@pytest.fixture
def submitted(drafting: Drafting) -> Drafting:
    """A submitted project."""
    assert drafting.submit().status_code == 303
    return drafting


def state(drafting: Drafting) -> ProjectState:
    with drafting.app.app_context():
        return drafting.project().state


def link_of(drafting: Drafting) -> str:
    """Return the address in the newest mail to a second signatory, without its host."""
    with drafting.app.app_context():
        found = re.search(r"http://localhost(/invitations/\S+)", drafting.mails("project_signatory_asked")[-1].body)
        assert found
        return found[1]


def answer(drafting: Drafting, person: Person, button: str, **typed: str) -> TestResponse:
    browser = browser_of(drafting.app, person)
    return browser.submit(browser.get(link_of(drafting), max_queries=12), button=button, **typed)


def someone(drafting: Drafting, name: str = "Priya Shah") -> Person:
    with drafting.app.app_context():
        return make_named(drafting.clock.now(), name=name)


def confirm(drafting: Drafting) -> None:
    assert answer(drafting, someone(drafting), "I confirm the declaration").status_code == 303


def move(drafting: Drafting, new: ProjectState, **said: str) -> None:
    with drafting.app.app_context(), unit_of_work() as session:
        move_project(session, drafting.project().id, new, **said, actor=TESTER, now=drafting.clock.now())


def ask(drafting: Drafting, *questions: tuple[Section, str]) -> None:
    with drafting.app.app_context():
        officer = make_officer(OfficerRole.PROGRAMME_CHECKER, drafting.clock.now())
        by = By(officer)
        with unit_of_work() as session:
            due = date(2027, 2, 1)
            ask_questions(session, drafting.project().id, questions, due, actor=by, now=drafting.clock.now())


def test_what_is_missing_is_listed_with_links_and_cannot_be_declared(app: Flask, clock: FixedClock) -> None:
    drafting = make_drafting(app, clock)
    drafting.start()
    page = drafting.get("check-answers").text
    for sentence in ("Say in a sentence", "Choose at least one objective.", "Tell your story.", "Add what the project"):
        assert sentence in page
    assert f'href="{drafting.address("story")}"' in page
    assert drafting.get("declaration").location == drafting.address("check-answers")
    with app.app_context():
        project_id = drafting.project().id
        with unit_of_work() as session:
            who: dict[str, Any] = {"link_to": str, "actor": By(drafting.owner), "now": clock.now()}
            with pytest.raises(Refused, match="Something is missing"):
                submit_project(session, project_id, "Priya", "p@example.org", **who)


def test_a_complete_project_is_declared_and_submitted(drafting: Drafting) -> None:
    assert "Before you can submit" not in drafting.get("check-answers").text
    reply = drafting.submit()
    confirmation = drafting.browser(drafting.owner).follow(reply)
    assert "Your project is with the council" in confirmation.text
    assert "Monday 1 February 2027" in confirmation.text
    assert drafting.get("submitted").status_code == 200
    with drafting.app.app_context():
        project = drafting.project()
        assert project.state is ProjectState.SUBMITTED
        assert project.submitted_at == drafting.clock.now()
        assert project.declared_by_id == drafting.owner.id
        assert project.reference in confirmation.text
        assert [mail.recipient for mail in drafting.mails("project_submitted")] == [drafting.owner.email]
        job = db.session.scalars(select(Job).where(Job.kind == "checking:open")).one()
        assert f'"project_id": {project.id}' in job.payload
    assert "The council is checking your project" in drafting.get("", drafting.reader).text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ""}, "Enter the second signatory’s name."),
        ({"email": ""}, "Enter the second signatory’s e-mail address."),
        ({"email": "nonsense"}, "in the right format"),
        ({"agreed": None}, "Tick the box"),
    ],
)
def test_a_declaration_needs_everything_and_keeps_what_was_typed(
    drafting: Drafting, typed: dict[str, str], told: str
) -> None:
    reply = drafting.submit(**typed)
    assert reply.status_code == 422
    assert told in reply.text
    for text in (SIGNATORY | typed).values():
        assert text is None or text in reply.text
    assert state(drafting) is ProjectState.DRAFT


def test_nobody_is_their_own_second_signatory(drafting: Drafting) -> None:
    reply = drafting.submit(email=str(drafting.owner.email).upper())
    assert reply.status_code == 422
    assert "somebody else than the person who declares" in reply.text
    assert drafting.submit().status_code == 303
    reply = answer(drafting, drafting.owner, "I confirm the declaration")
    assert reply.status_code == 422
    assert "You made the declaration yourself" in reply.text
    with drafting.app.app_context():
        assert drafting.project().signed_at is None


def test_nothing_is_changed_while_the_council_checks(submitted: Drafting) -> None:
    for page in ("basics", "costs", "costs/add", "declaration"):
        assert submitted.get(page).status_code == 403
    assert "cannot be changed just now" in submitted.get("story").text


def test_what_is_typed_while_somebody_submits_is_not_lost(drafting: Drafting) -> None:
    page = drafting.get("story", drafting.writer)
    drafting.submit()
    reply = drafting.browser(drafting.writer).submit(page, story="Two hours of work")
    assert reply.status_code == 422
    assert "The council is checking this project" in reply.text
    assert "Two hours of work" in reply.text


def test_the_signatory_reads_everything_and_confirms(submitted: Drafting, client: HouseClient) -> None:
    shown = client.get(link_of(submitted), max_queries=12).text
    for words in ("A ramp for the village hall", "Our hall has three steps", "£4,000", "keep the receipts"):
        assert words in shown
    confirm(submitted)
    with submitted.app.app_context():
        assert submitted.project().signed_at == submitted.clock.now()
        mails = submitted.mails("project_signatory_answered")
        assert {mail.recipient for mail in mails} == {
            person.email for person in (submitted.owner, submitted.writer, submitted.reader)
        }
        tags = db.session.scalars(select(AuditEvent.tag)).all()
        assert "project:signatory_confirmed" in tags
    assert "confirmed the declaration" in submitted.get("signatory").text


def test_a_signatory_who_refuses_is_told_to_the_group_and_another_is_asked(submitted: Drafting) -> None:
    old = link_of(submitted)
    reply = answer(submitted, someone(submitted), "I do not confirm it", reason="The price is wrong.")
    assert reply.status_code == 303
    assert "The price is wrong." in submitted.get("signatory").text
    with submitted.app.app_context():
        assert "The price is wrong." in submitted.mails("project_signatory_answered")[0].body
    assert submitted.send("signatory", name="Tom Hale", email="tom@example.org").status_code == 303
    assert link_of(submitted) != old
    confirm(submitted)
    with submitted.app.app_context():
        assert submitted.project().signed_at is not None


def test_the_link_of_a_signatory_who_was_replaced_stops_working(submitted: Drafting, client: HouseClient) -> None:
    old = link_of(submitted)
    submitted.send("signatory", name="Tom Hale", email="tom@example.org")
    assert client.get(old).status_code == 410
    with submitted.app.app_context():
        asked = find_signatory(db.session(), submitted.project().id)
        assert asked is not None
        assert (asked.name, asked.state) == ("Tom Hale", InvitationState.OPEN)


def test_only_owners_name_another_signatory(submitted: Drafting) -> None:
    assert "<form" not in submitted.get("signatory", submitted.writer).text
    reply = submitted.send("signatory", email=str(submitted.owner.email))
    assert reply.status_code == 422


def test_questions_come_back_as_tasks_and_are_answered_in_place(submitted: Drafting) -> None:
    confirm(submitted)
    ask(submitted, (Section.STORY, "Who paints it?"), (Section.COSTS, "Is VAT in it?"))
    assert state(submitted) is ProjectState.CHANGES_REQUESTED
    page = submitted.get().text
    assert "Questions from the council" in page
    assert "Your story: Who paints it?" in page
    assert "Answer by 1 February" in page
    with submitted.app.app_context():
        mails = submitted.mails("project_changes_requested")
        assert len(mails) == 3
        assert "Who paints it?" in mails[0].body
    story = submitted.get("story", submitted.writer)
    assert "Who paints it?" in story.text
    assert "Answer the council" in submitted.get("check-answers").text
    assert submitted.get("declaration").location == submitted.address("check-answers")
    name = re.findall(r'name="(answer_\w+)"', story.text)[0]
    submitted.send("story", submitted.writer, **{name: "Our painter.", "story": "A longer story."})
    cost = re.findall(r'name="(answer_\w+)"', submitted.get("costs").text)[0]
    assert submitted.send("costs", **{cost: "Yes."}).status_code == 303
    assert "Answer the council" not in submitted.get("check-answers").text
    submitted.clock.forward(timedelta(hours=1))
    assert submitted.submit().status_code == 303
    with submitted.app.app_context():
        project = submitted.project()
        assert (project.state, project.story) == (ProjectState.SUBMITTED, "A longer story.")
        assert project.signed_at is None
        opened = db.session.scalars(select(Job).where(Job.kind == "checking:open")).all()
        assert len(opened) == 2
    assert "Questions from the council" not in submitted.get().text


def test_an_answer_that_is_taken_back_opens_its_question_again(submitted: Drafting) -> None:
    ask(submitted, (Section.STORY, "Who paints it?"))
    name = re.findall(r'name="(answer_\w+)"', submitted.get("story").text)[0]
    submitted.send("story", **{name: "Our painter."})
    assert "Answer the council" not in submitted.get("check-answers").text
    submitted.send("story", **{name: ""})
    assert "Answer the council" in submitted.get("check-answers").text


def test_the_signatory_waits_while_the_group_changes_the_project(submitted: Drafting) -> None:
    ask(submitted, (Section.STORY, "Who paints it?"))
    reply = answer(submitted, someone(submitted), "I confirm the declaration")
    assert reply.status_code == 422
    assert "The group is changing the project just now" in reply.text


def test_questions_are_asked_once_and_never_empty(submitted: Drafting) -> None:
    with pytest.raises(Refused, match="Write at least one question"):
        ask(submitted)
    ask(submitted, (Section.STORY, "Who paints it?"))
    with pytest.raises(Refused, match="only while the project is being checked"):
        ask(submitted, (Section.STORY, "And who pays?"))


@pytest.mark.parametrize("before", [ProjectState.DRAFT, ProjectState.SUBMITTED, ProjectState.READY])
def test_a_project_is_withdrawn_and_taken_up_again(drafting: Drafting, before: ProjectState) -> None:
    if before is not ProjectState.DRAFT:
        drafting.submit()
    if before is ProjectState.READY:
        move(drafting, before)
    assert drafting.send("withdraw").status_code == 303
    assert state(drafting) is ProjectState.WITHDRAWN
    assert "This project is withdrawn" in drafting.get().text
    assert drafting.get("withdraw").status_code == 303
    assert drafting.get("story").status_code == 403
    with drafting.app.app_context():
        assert len(drafting.mails("project_withdrawn")) == 3
    assert drafting.send("take-up").status_code == 303
    assert state(drafting) is ProjectState.DRAFT
    assert "Our hall has three steps" in drafting.get("story").text
    assert drafting.submit().status_code == 303


def test_a_declined_project_tells_the_rule_the_reason_and_what_else(submitted: Drafting) -> None:
    move(submitted, ProjectState.DECLINED, reason="The landlord has to do it.", criterion="Not somebody else’s duty")
    with submitted.app.app_context():
        body = submitted.mails("project_declined")[0].body
    for words in ("Not somebody else’s duty", "The landlord has to do it.", "Start another project", "/complaints"):
        assert words in body
    assert "was not accepted" in submitted.get().text


def test_a_checked_and_confirmed_project_is_launched_by_its_owner(submitted: Drafting, client: HouseClient) -> None:
    confirm(submitted)
    move(submitted, ProjectState.READY, reason="All is well.")
    assert submitted.get("launch", submitted.writer).status_code == 403
    assert submitted.send("launch").status_code == 303
    assert submitted.get().location == submitted.address("dashboard")
    with submitted.app.app_context():
        slug = submitted.project().slug
        assert len(submitted.mails("project_ready")) == len(submitted.mails("project_launched")) == 3
    assert "Back this project" in client.get(f"/projects/{slug}").text


def test_a_launch_waits_for_signatory_and_host(app: Flask, clock: FixedClock) -> None:
    drafting = make_drafting(app, clock, legal_form=LegalForm.INFORMAL)
    drafting.start()
    drafting.fill()
    drafting.submit()
    move(drafting, ProjectState.READY)
    page = drafting.get("launch").text
    assert "The second signatory has not confirmed" in page
    assert "no host has agreed" in page
    assert "Launch now" not in page


def due_on(drafting: Drafting, day: str) -> None:
    drafting.send("dates", campaign_days="42", launch="day", launch_on=day)
    drafting.submit()


def run_clock(drafting: Drafting) -> None:
    with drafting.app.app_context():
        launch_due({}, drafting.clock.now())


def test_the_clock_launches_at_nine_on_the_chosen_day(drafting: Drafting) -> None:
    due_on(drafting, "25 1 2027")
    confirm(drafting)
    move(drafting, ProjectState.READY)
    drafting.clock.forward(timedelta(days=6, hours=23, minutes=59))
    run_clock(drafting)
    assert state(drafting) is ProjectState.READY
    drafting.clock.forward(timedelta(minutes=1))
    run_clock(drafting)
    assert state(drafting) is ProjectState.LIVE
    run_clock(drafting)
    with drafting.app.app_context():
        assert len(drafting.mails("project_launched")) == 3


def test_a_launch_that_cannot_be_stays_ready_and_is_told_once(drafting: Drafting) -> None:
    due_on(drafting, "25 1 2027")
    move(drafting, ProjectState.READY)
    drafting.clock.forward(timedelta(days=8))
    run_clock(drafting)
    run_clock(drafting)
    assert state(drafting) is ProjectState.READY
    with drafting.app.app_context():
        mails = drafting.mails("project_not_launched")
        assert len(mails) == 3
        assert "The second signatory has not confirmed" in mails[0].body
    confirm(drafting)
    assert drafting.send("launch").status_code == 303


def test_a_day_that_passed_during_the_check_launches_nothing_by_surprise(drafting: Drafting) -> None:
    due_on(drafting, "20 1 2027")
    confirm(drafting)
    drafting.clock.forward(timedelta(days=4))
    move(drafting, ProjectState.READY)
    run_clock(drafting)
    assert state(drafting) is ProjectState.READY
    with drafting.app.app_context():
        assert "was over before the council had checked" in drafting.mails("project_not_launched")[0].body
