"""Checking a project: its page, the checklist, notes that stay inside, and questions to the group."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.checking.jobs import OPEN
from crowdfund.checking.models import Check, Fact, Item, Note
from crowdfund.core import jobs
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.groups.models import Group
from crowdfund.notifications.models import Mail
from crowdfund.projects.actions import move_project
from crowdfund.projects.models import Project, Question
from crowdfund.projects.rules import ProjectState
from crowdfund.web.templating import when
from crowdfund.wiring import worker_of
from tests.support.client import HouseClient
from tests.support.desk import Desk, make_desk
from tests.support.factories import TESTER, make_project
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import declare

SECRET = "Rang the treasurer; sounded odd."


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    """A project that is being checked."""
    return make_desk(app, clock)


def submitted(desk: Desk, project: Project, key: str) -> None:
    with desk.app.app_context():
        with unit_of_work() as session:
            jobs.enqueue(session, OPEN, {"project_id": project.id}, dedupe_key=key, now=desk.clock.now())
        worker_of(desk.app).drain()
        db.session.remove()


def test_a_submission_opens_a_check_with_facts_and_a_new_one_renews_its_clock(app: Flask, clock: FixedClock) -> None:
    desk = make_desk(app, clock)
    with app.app_context():
        project = make_project(clock.now(), ProjectState.SUBMITTED)
    submitted(desk, project, "first")
    with app.app_context():
        check = db.session.get_one(Check, project.id)
        # Ten working days after Monday 18 January 2027.
        assert when(check.due_at) == "Monday 1 February 2027, 5pm"
        assert db.session.scalar(select(func.count()).where(Fact.project_id == project.id)) == 11
    clock.forward(timedelta(days=7))
    submitted(desk, project, "second")
    with app.app_context():
        check = db.session.get_one(Check, project.id)
        assert when(check.due_at) == "Monday 8 February 2027, 5pm"
        assert db.session.scalar(select(func.count()).where(Fact.project_id == project.id)) == 11


def test_a_project_taken_back_before_the_worker_came_gets_no_check(desk: Desk) -> None:
    with desk.app.app_context():
        project = make_project(desk.clock.now(), ProjectState.SUBMITTED)
        with unit_of_work() as session:
            move_project(session, project.id, ProjectState.WITHDRAWN, actor=TESTER, now=desk.clock.now())
    submitted(desk, project, "late")
    with desk.app.app_context():
        assert db.session.get(Check, project.id) is None


def test_the_page_shows_answers_beside_facts_within_its_budget(desk: Desk) -> None:
    submitted(desk, desk.project, "facts")
    page = desk.browser().get(desk.address(), max_queries=12).text
    for words in (
        "A bench where people can rest",
        "£900",
        "Facts checked automatically",
        "Source: ",
        "Postcode and district",
    ):
        assert words in page
    for tab in ("checklist", "questions", "notes", "history"):
        assert desk.address(tab) in page
        desk.browser().get(desk.address(tab), max_queries=12)


def test_drafts_and_withdrawn_projects_are_nobodys_business(desk: Desk) -> None:
    with desk.app.app_context():
        draft = make_project(desk.clock.now(), ProjectState.DRAFT)
    assert desk.browser().get(desk.address(project=draft)).status_code == 404
    assert desk.browser().get(desk.address("interest", draft)).status_code == 404


def test_the_checklist_is_saved_point_by_point(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get(desk.address("checklist"))
    reply = browser.submit(page, answer_legal="yes", answer_costs="no", note_costs="The bench is dear.")
    again = browser.follow(reply)
    assert "The checklist is saved." in again.text
    assert "The bench is dear." in again.text
    with desk.app.app_context():
        rows = {item.key: (item.answer.value, item.note) for item in db.session.scalars(select(Item))}
    assert rows == {"legal": ("yes", ""), "costs": ("no", "The bench is dear.")}
    history = browser.get(desk.address("history")).text
    assert "answered “Do the costs fit what is planned?” with “No”" in history


def test_saving_again_without_a_change_changes_nothing(desk: Desk) -> None:
    desk.answer_everything()
    version = desk.check().version
    browser = desk.browser()
    assert browser.submit(browser.get(desk.address("checklist"))).status_code == 303
    assert desk.check().version == version


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"note_legal": "Looks fine."}, "Choose an answer to go with your note."),
        ({"answer_legal": "yes", "note_legal": "x" * 2001}, "2000 characters or fewer"),
    ],
)
def test_a_bad_answer_is_refused_and_keeps_what_was_typed(desk: Desk, typed: dict[str, str], told: str) -> None:
    browser = desk.browser()
    reply = browser.submit(browser.get(desk.address("checklist")), **typed)
    assert reply.status_code == 422
    assert told in reply.text
    assert typed["note_legal"] in reply.text
    with desk.app.app_context():
        assert db.session.scalars(select(Item)).all() == []


def test_answers_after_the_end_of_the_check_are_refused(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get(desk.address("checklist"))
    with desk.app.app_context(), unit_of_work() as session:
        move_project(session, desk.project.id, ProjectState.DECLINED, actor=TESTER, now=desk.clock.now())
    reply = browser.submit(page, answer_legal="yes")
    assert reply.status_code == 422
    assert "The check is over." in reply.text


def test_a_point_that_is_not_asked_cannot_be_answered(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get(desk.address("checklist"))
    assert "answer_insurance" not in page.text
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    reply = browser.post(desk.address("checklist"), data={"csrf_token": token, "answer_insurance": "yes"})
    assert reply.status_code == 303
    with desk.app.app_context():
        assert db.session.scalars(select(Item)).all() == []


def note(desk: Desk, body: str = SECRET) -> int:
    browser = desk.browser()
    return browser.submit(browser.get(desk.address("notes")), body=body).status_code


def test_notes_are_labelled_and_kept_in_order(desk: Desk) -> None:
    assert note(desk) == 303
    assert note(desk, "Second.\nWith a line.") == 303
    page = desk.browser(desk.other).get(desk.address("notes")).text
    assert "Only officers see this" in page
    assert page.index("Second.") < page.index(SECRET)
    assert "Morag Ellis" in page
    assert note(desk, "  ") == 422
    assert note(desk, "x" * 2001) == 422


def group_pages(desk: Desk, browser: HouseClient) -> list[str]:
    """Return the addresses of every page that has no other object than this project or its group."""
    with desk.app.app_context():
        project = db.session.get_one(Project, desk.project.id)
        group = db.session.get_one(Group, project.group_id)
        values = {"public_id": project.public_id, "slug": project.slug, "section": "story"}
        group_values = {"public_id": group.public_id, "slug": group.slug}
    found = []
    for rule in desk.app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.startswith(("/officers", "/sandbox", "/static")):
            continue
        path, known = rule.rule, group_values if "groups" in rule.rule else values
        for name, value in known.items():
            path = path.replace(f"<{name}>", value)
        if "<" not in path:
            found.append(path)
    return found


@pytest.mark.parametrize("state", [ProjectState.CHANGES_REQUESTED, ProjectState.LIVE])
def test_no_page_file_or_mail_of_the_group_ever_shows_a_note(
    app: Flask, clock: FixedClock, state: ProjectState
) -> None:
    desk = make_desk(app, clock, state)
    assert note(desk) == 303
    seen = 0
    for browser in (browser_of(app, desk.owner), app.test_client()):
        for path in group_pages(desk, browser):
            reply = browser.get(path)
            assert "treasurer" not in reply.get_data(as_text=True), path
            assert "wrote a note" not in reply.get_data(as_text=True), path
            seen += reply.status_code == 200
    assert seen > 15
    with app.app_context():
        worker_of(app).drain()
        assert not any("treasurer" in mail.body for mail in db.session.scalars(select(Mail)))
        assert db.session.scalar(select(func.count()).select_from(Note)) == 1
    assert SECRET in desk.browser().get(desk.address("notes")).text


ASKED = {"section_1": "costs", "body_1": "Why is the bench so dear?"}


def test_questions_are_previewed_sent_and_become_tasks_of_the_group(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get(desk.address("questions"))
    assert 'value="1 2 2027"' in page.text
    more = browser.submit(page, button="Add another question", **ASKED)
    assert "Question 2" in more.text
    assert "Why is the bench so dear?" in more.text
    two = {**ASKED, "section_2": "risks", "body_2": "Who mends it?\nAnd when?"}
    preview = browser.submit(more, **two)
    assert "What the group will see" in preview.text
    assert "2 questions" in preview.text
    assert desk.state() is ProjectState.SUBMITTED
    changed = browser.submit(preview, button="Change")
    assert "Who mends it?" in changed.text
    preview = browser.submit(changed)
    reply = browser.submit(preview)
    assert reply.status_code == 303
    assert desk.state() is ProjectState.CHANGES_REQUESTED
    shown = browser.follow(reply).text
    assert "Message to the group" in shown
    assert "Not answered yet" in shown
    with desk.app.app_context():
        rows = db.session.scalars(select(Question).order_by(Question.id)).all()
        assert [(row.section.value, row.body) for row in rows] == [
            ("costs", "Why is the bench so dear?"),
            ("risks", "Who mends it?\nAnd when?"),
        ]
    [mail] = desk.mails("project_changes_requested")
    assert mail.recipient == desk.owner.email
    assert "Who mends it?" in mail.body
    assert "Morag" not in mail.body
    assert desk.project.title in browser.get("/officers/worklist.csv?show=waiting").get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Write question 1."),
        ({"section_1": "costs"}, "Write question 1."),
        ({"body_1": "Why?"}, "Choose what question 1 is about."),
        ({**ASKED, "due_on": ""}, "Enter the day to answer by."),
        ({**ASKED, "due_on": "31 2 2027"}, "Enter a date that exists"),
        ({**ASKED, "body_1": "x" * 1001}, "1000 characters or fewer"),
    ],
)
def test_a_bad_question_is_not_sent_and_stays_in_the_form(desk: Desk, typed: dict[str, str], told: str) -> None:
    browser = desk.browser()
    reply = browser.submit(browser.get(desk.address("questions")), **typed)
    assert reply.status_code == 422
    assert told in reply.text
    assert all(value in reply.text for value in typed.values())
    assert desk.state() is ProjectState.SUBMITTED


def test_a_day_that_is_over_is_refused_when_sent(desk: Desk) -> None:
    browser = desk.browser()
    preview = browser.submit(browser.get(desk.address("questions")), **ASKED, due_on="18 1 2027")
    reply = browser.submit(preview)
    assert reply.status_code == 422
    assert "Choose a day that is still ahead." in reply.text
    assert "Why is the bench so dear?" in reply.text


def test_a_second_officer_cannot_send_questions_while_the_group_answers(desk: Desk) -> None:
    browser, theirs = desk.browser(), desk.browser(desk.other)
    mine = browser.submit(browser.get(desk.address("questions")), **ASKED)
    late = theirs.submit(theirs.get(desk.address("questions")), **ASKED)
    assert browser.submit(mine).status_code == 303
    reply = theirs.submit(late)
    assert reply.status_code == 422
    assert "Questions can be asked while it is being checked." in reply.text
    with desk.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Question)) == 1


def test_the_check_is_given_taken_over_and_given_back(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get(desk.address("assign"), max_queries=12)
    assert browser.submit(page, officer=str(desk.other.id)).status_code == 303
    assert "Sam Oyelaran" in browser.get(desk.address()).text
    # The page from before does not take it away unseen.
    reply = browser.submit(page, officer=str(desk.officer.id))
    assert reply.status_code == 422
    assert "Sam Oyelaran took this project just now." in reply.text
    assert browser.submit(reply, officer=str(desk.officer.id)).status_code == 303
    assert browser.submit(browser.get(desk.address("assign")), officer="").status_code == 303
    assert desk.check().officer_id is None
    history = browser.get(desk.address("history")).text
    assert "gave the check to Sam Oyelaran" in history
    assert "took the check" in history


def test_only_officers_who_check_can_be_chosen(desk: Desk) -> None:
    with desk.app.app_context():
        finance = make_officer(OfficerRole.PROGRAMME_FINANCE, desk.clock.now(), name="Fay Nance")
        make_member(desk.project.group_id, MemberRole.OWNER, desk.clock.now())
        declare(finance, desk.project, desk.clock, has_interest=False)
    browser = desk.browser()
    page = browser.get(desk.address("assign"))
    assert "Fay Nance" not in page.text
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    reply = browser.post(desk.address("assign"), data={"csrf_token": token, "officer": str(finance.id), "seen": ""})
    assert reply.status_code == 422
    reader = browser_of(desk.app, finance, strong=True)
    assert "Your role does not let you check projects." in reader.get(desk.address("notes")).text
    own = reader.get(desk.address("interest")).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    for page in ("facts", "notes", "questions", "checklist", "assign"):
        assert reader.post(desk.address(page), headers={"X-CSRFToken": own}).status_code == 403


def test_from_submission_by_questions_to_acceptance(app: Flask, clock: FixedClock) -> None:
    desk = make_desk(app, clock)
    browser = desk.browser()
    list_page = browser.get("/officers/")
    assert browser.submit(list_page, form=desk.address("assign")).status_code == 303
    preview = browser.submit(browser.get(desk.address("questions")), **ASKED)
    assert browser.submit(preview).status_code == 303
    assert "Questions are open" in browser.get(desk.address("decision")).text
    clock.forward(timedelta(days=7))
    with app.app_context(), unit_of_work() as session:
        move_project(session, desk.project.id, ProjectState.SUBMITTED, actor=TESTER, now=clock.now())
    submitted(desk, desk.project, "again")
    check = desk.check()
    assert (check.officer_id, when(check.due_at)) == (desk.officer.id, "Monday 8 February 2027, 5pm")
    desk.answer_everything()
    desk.sign()
    reply = browser.submit(browser.get(desk.address("decision")), outcome="accepted", reason="All is well.")
    assert reply.status_code == 303
    assert desk.state() is ProjectState.READY
    history = browser.get(desk.address("history")).text
    for words in ("took the check", "asked a question about “What it costs”", "recorded the decision “Accepted”"):
        assert words in history
