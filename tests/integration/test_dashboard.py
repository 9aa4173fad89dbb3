"""A group's dashboard: the next step first, the public figures, and only what backers agreed to share."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.pledges.rules import Audience
from crowdfund.projects.rules import ProjectState
from crowdfund.web.csv_files import disarmed
from tests.support.factories import make_person, make_pledge, make_project
from tests.support.people import browser_of, make_member, make_named
from tests.support.running import Running, make_running

PAGES = ("dashboard", "backers", "updates/new", "cancel", "history")


@pytest.fixture
def running(app: Flask, clock: FixedClock) -> Running:
    """A launched project with its people."""
    return make_running(app, clock)


def pledge(running: Running, pence: int = 2500, *, name: str = "Rosa Field", **changes: object) -> Person:
    with running.app.app_context():
        person = make_person(running.clock.now(), name=name)
        make_pledge(running.project, running.clock.now(), pence, person=person, **changes)
        return person


def test_it_starts_with_the_next_step_and_shows_the_public_figures(running: Running) -> None:
    pledge(running, 2500)
    page = running.browser(running.owner).get(running.address("dashboard"), max_queries=12)
    assert "Next: Ask 4 more people you know to back it" in page.text
    public = running.app.test_client().get(f"/projects/{running.project.slug}")
    for figure in ("£25", "£900", "£875", "42 days left"):
        assert figure in page.text
        assert figure in public.text


@pytest.mark.parametrize(
    ("backers", "pence", "later", "step"),
    [
        (4, 500, timedelta(), "Ask one more person you know"),
        (5, 500, timedelta(days=1), "Tell your backers how it goes"),
        (5, 500, timedelta(days=36), "The last days"),
        (5, 20_000, timedelta(), "You reached your target"),
        (5, 500, timedelta(days=43), "Your deadline has passed"),
    ],
)
def test_the_next_step_fits(running: Running, backers: int, pence: int, later: timedelta, step: str) -> None:
    for _ in range(backers):
        pledge(running, pence)
    running.clock.forward(later)
    assert f"Next: {step}" in running.browser(running.owner).get(running.address("dashboard")).text


def test_each_place_in_the_group_is_offered_what_it_may_do(running: Running) -> None:
    offers = {}
    for person in (running.owner, running.writer, running.reader):
        text = running.browser(person).get(running.address("dashboard")).text
        offers[person.name] = ("Post an update to" in text, "Cancel the project" in text)
    assert list(offers.values()) == [(True, True), (True, False), (False, False)]
    assert running.browser(running.reader).get(running.address("updates/new")).status_code == 403
    assert running.browser(running.writer).get(running.address("cancel")).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_another_groups_dashboard_is_not_there(running: Running, page: str) -> None:
    with running.app.app_context():
        stranger, other = make_named(running.clock.now()), make_running(running.app, running.clock)
    for person in (stranger, other.owner, running.officer):
        assert running.browser(person).get(running.address(page)).status_code == 404


def test_before_the_launch_there_is_no_dashboard(app: Flask, clock: FixedClock, running: Running) -> None:
    with app.app_context():
        draft = make_project(clock.now(), ProjectState.READY)
        owner = make_member(draft.group_id, MemberRole.OWNER, clock.now())
    browser = browser_of(app, owner)
    assert browser.get(f"/apply/projects/{draft.public_id}/dashboard").location == f"/apply/projects/{draft.public_id}"
    for page in ("backers", "updates/new", "cancel"):
        assert browser.get(f"/apply/projects/{draft.public_id}/{page}").status_code == 404


def test_only_backers_who_agreed_are_listed_and_only_as_they_agreed(running: Running) -> None:
    shared = pledge(running, name="Sam Shared", share_with_group=True)
    coy = pledge(running, 1300, name="Cora Coy", share_with_group=True, amount_audience=Audience.NOBODY)
    hidden = pledge(running, name="Nina Nobody", share_with_group=True, name_audience=Audience.NOBODY)
    silent = pledge(running, name="Sid Silent")
    text = running.browser(running.reader).get(running.address("backers"), max_queries=12).text
    assert "2 of 4 backers" in text
    for person in (shared, coy):
        assert person.name in text
        assert person.email in text
    for person in (hidden, silent):
        assert person.name not in text
        assert person.email not in text
    assert "£13" not in text


def test_messages_keep_the_names_that_were_kept(running: Running) -> None:
    pledge(running, name="Mary Message", message="Well done", name_audience=Audience.GROUP)
    pledge(running, name="Nina Nobody", message="Good luck", name_audience=Audience.NOBODY)
    text = running.browser(running.owner).get(running.address("dashboard")).text
    assert "“Well done” Mary Message" in text
    assert "“Good luck” Anonymous" in text
    assert "Nina" not in text


def test_the_list_can_be_taken_away_and_that_is_recorded(running: Running) -> None:
    person = pledge(running, name="=HYPERLINK(1)", share_with_group=True, amount_audience=Audience.GROUP)
    pledge(running, name="Sid Silent")
    browser = running.browser(running.owner)
    reply = browser.submit(browser.get(running.address("backers")))
    assert reply.mimetype == "text/csv"
    assert "attachment" in reply.headers["Content-Disposition"]
    [row] = csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff")))
    assert list(row.values()) == ["'=HYPERLINK(1)", person.email, "£25", "18 January 2027", "yes", "yes"]
    with running.app.app_context():
        [taken] = db.session.scalars(select(AuditEvent).where(AuditEvent.tag == "project:backers_exported"))
    assert (taken.actor, taken.data) == (f"person:{running.owner.id}", '{"count":1}')
    assert "downloaded the list of backers" in browser.get(running.address("history")).text


@pytest.mark.parametrize(
    "text", ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0@SUM(A1)", "\uff1d1"]
)
def test_a_cell_that_would_run_is_disarmed(text: str) -> None:
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Rosa Field", "£25", "a=b", ""])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert disarmed(text) == text


def test_a_long_list_has_pages(running: Running) -> None:
    for _ in range(51):
        pledge(running, share_with_group=True)
    browser = running.browser(running.owner)
    assert "page=2" in browser.get(running.address("backers"), max_queries=12).text
    assert browser.get(running.address("backers") + "?page=2").status_code == 200
    assert browser.get(running.address("backers") + "?page=3").status_code == 404
