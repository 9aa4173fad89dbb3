"""The account's home: pledges by explicit action, groups with their projects, and the way to the desk."""

from flask import Flask

from crowdfund.accounts.roles import MemberRole, OfficerRole
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.projects.rules import ProjectState
from tests.support.factories import make_person, make_pledge, make_project
from tests.support.people import browser_of, make_member, make_officer
from tests.support.queries import count_queries


def test_guest_pledges_join_the_account_by_explicit_action_only(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        person, project = make_person(clock.now()), make_project(clock.now())
        pledge = make_pledge(project, clock.now(), person=person)
        others = make_pledge(project, clock.now())
    browser = browser_of(app, person)
    page = browser.get("/account")
    assert "1 pledge was made with your address" in page.text
    assert project.title not in page.text
    assert browser.get(f"/pledges/{pledge.public_id}").status_code == 404
    page = browser.follow(browser.submit(page, "/account/claim"))
    assert project.title in page.text
    assert "made with your address" not in page.text
    assert browser.get(f"/pledges/{pledge.public_id}").status_code == 200
    assert browser.get(f"/pledges/{others.public_id}").status_code == 404


def test_groups_stand_with_their_projects_and_words(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        draft, live = make_project(clock.now(), ProjectState.DRAFT), make_project(clock.now())
        person = make_member(draft.group_id, MemberRole.READER, clock.now())
    page = browser_of(app, person).get("/account")
    assert draft.title in page.text
    assert "Draft" in page.text
    assert live.title not in page.text


def test_the_desk_is_offered_to_officers_only(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        officer, person = make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now()), make_person(clock.now())
    assert "officers’ desk" in browser_of(app, officer).get("/account").text
    assert "officers’ desk" not in browser_of(app, person).get("/account").text


def test_it_costs_few_queries_however_much_there_is(app: Flask, clock: FixedClock) -> None:
    with app.app_context():
        projects = [make_project(clock.now(), ProjectState.DRAFT) for _ in range(4)]
        person = make_member(projects[0].group_id, MemberRole.OWNER, clock.now())
    browser = browser_of(app, person)
    with app.app_context(), count_queries(db.engine) as queries:
        browser.get("/account")
    assert len(queries) <= 12
