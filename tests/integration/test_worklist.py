"""The officers' worklist: counts, filters, search, sorting, pages, the file, and one row at a time."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MemberRole, OfficerRole, Right
from crowdfund.checking.actions import assign_check, open_check
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.officers.desk_view import COLUMNS
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.acting import By
from tests.support.desk import Desk, make_desk
from tests.support.factories import TESTER, make_project
from tests.support.people import browser_of, make_member, make_officer
from tests.support.running import declare


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    """A project that is being checked."""
    return make_desk(app, clock, title="A bench at the green", group={"name": "Green Friends"})


def add(desk: Desk, state: ProjectState = ProjectState.SUBMITTED, **changes: object) -> Project:
    with desk.app.app_context():
        project = make_project(desk.clock.now(), state, **changes)
        with unit_of_work() as session:
            session.execute(update(Project).where(Project.id == project.id).values(submitted_at=desk.clock.now()))
            open_check(session, project.id, actor=TESTER, now=desk.clock.now())
        return project


def give(desk: Desk, project: Project, to: Person) -> None:
    with desk.app.app_context(), unit_of_work() as session:
        assign_check(session, project.id, to.id, None, actor=By(desk.officer, *Right), now=desk.clock.now())


def found(desk: Desk, query: str) -> set[str]:
    text = desk.browser().get(f"/officers/worklist.csv?{query}").get_data(as_text=True).removeprefix("\ufeff")
    return {row["Project"] for row in csv.DictReader(io.StringIO(text))}


def test_my_work_is_counted_and_every_count_is_a_link(desk: Desk) -> None:
    waiting = add(desk, ProjectState.CHANGES_REQUESTED, title="Waiting")
    mine = add(desk, title="Mine")
    give(desk, mine, desk.officer)
    desk.clock.forward(timedelta(days=30))
    add(desk, title="New")
    page = desk.browser().get("/officers/", max_queries=4).text
    for show, count in {"mine": 1, "unassigned": 3, "waiting": 1, "overdue": 2, "unsigned": 3}.items():
        assert f"show={show}" in page
        assert page.partition(f'href="/officers/?show={show}">')[2].partition("<strong>")[2].startswith(f"{count}<")
    assert found(desk, "show=mine") == {"Mine"}
    assert found(desk, "show=waiting") == {waiting.title}
    assert found(desk, "show=overdue") == {"Mine", "A bench at the green"}
    assert found(desk, "show=unassigned") == {"Waiting", "New", "A bench at the green"}
    assert page.count("Overdue</strong>") == 2


def test_what_is_not_on_the_desk_is_found_among_everything_but_drafts_never(desk: Desk) -> None:
    add(desk, ProjectState.LIVE, title="Running")
    with desk.app.app_context():
        make_project(desk.clock.now(), ProjectState.DRAFT, title="Secret draft")
    assert found(desk, "") == {"A bench at the green"}
    assert found(desk, "show=all") == {"A bench at the green", "Running"}
    reply = desk.browser().get("/officers/?q=Running")
    assert "Nothing fits all of that" in reply.text
    assert "show=all" in reply.text


def test_one_box_finds_by_reference_name_group_address_and_postcode(desk: Desk) -> None:
    add(desk, title="Another thing")
    desk.set(postcode="TN24 8AA")
    only = {"A bench at the green"}
    with desk.app.app_context():
        reference = db.session.get_one(Project, desk.project.id).reference
        member = make_member(desk.project.group_id, MemberRole.READER, desk.clock.now(), email="lena@example.org")
    assert member.email
    for words in (reference, reference.lower(), "BENCH", "green fri", "tn248aa", "TN24 8AA", "lena@example.org"):
        assert found(desk, f"q={words}") == only, words
    for words in ("lena", "lena@example.or", "TN24", "100%25", "_ench", "nothing like it"):
        assert found(desk, f"q={words}") == set(), words
    assert desk.browser().get("/officers/?q=%F0%9F%8C%B3'%22%3Cb%3E").status_code == 200


@pytest.mark.parametrize("sort", list(COLUMNS))
def test_every_column_sorts_both_ways(desk: Desk, sort: str) -> None:
    add(desk, title="An early one")
    add(desk, title="A zoo for toads")
    browser = desk.browser()
    upwards = browser.get(f"/officers/?sort={sort}").text
    assert 'aria-sort="ascending"' in upwards if sort != "due" else True
    downwards = browser.get(f"/officers/?sort=-{sort}", max_queries=4).text
    assert 'aria-sort="descending"' in downwards
    if sort == "title":
        titles = ["A bench at the green", "A zoo for toads", "An early one"]
        places = [downwards.index(f">{title}</a>") for title in titles]
        assert places == sorted(places, reverse=True)


def test_odd_addresses_show_the_usual_list(desk: Desk) -> None:
    for query in ("show=nonsense&sort=bobby&size=7&district=atlantis&page=x", "size=-1", "sort=--due", "page=0"):
        assert "A bench at the green" in desk.browser().get(f"/officers/?{query}").text
    assert desk.browser().get("/officers/?page=2").status_code == 404


def test_the_file_holds_what_is_shown_and_no_formula(desk: Desk) -> None:
    for start in "=+-@":
        add(desk, title=f"{start}HYPERLINK(1)")
    reply = desk.browser().get("/officers/worklist.csv?sort=title")
    rows = list(csv.reader(io.StringIO(reply.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0] == ["Reference", *COLUMNS.values()]
    assert reply.mimetype == "text/csv"
    assert len(rows) == 6
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert {row[1] for row in rows} >= {"'=HYPERLINK(1)", "'@HYPERLINK(1)"}


def test_a_row_is_assigned_as_a_page_and_leads_back_to_the_same_list(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get("/officers/?sort=-title&size=50")
    reply = browser.submit(page, form=desk.address("assign"))
    assert reply.status_code == 303
    assert set(reply.location.partition("?")[2].split("&")) == {"sort=-title", "size=50"}
    assert desk.check().officer_id == desk.officer.id
    assert "Give back" in browser.follow(reply).text


def test_with_htmx_one_row_answers_and_says_so_politely(desk: Desk) -> None:
    browser = desk.browser()
    page = browser.get("/officers/")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    data = {"csrf_token": token, "officer": str(desk.officer.id), "seen": "", "view": "show=desk"}
    reply = browser.post(desk.address("assign"), data=data, headers={"HX-Request": "true"})
    assert reply.status_code == 200
    assert f'<div id="officer-{desk.project.public_id}">' in reply.text
    assert '<div id="live" hx-swap-oob="innerHTML">A bench at the green: you check it now</div>' in reply.text
    assert "<table" not in reply.text
    # Somebody who still sees an empty row takes nothing away.
    theirs = desk.browser(desk.other)
    page = theirs.get("/officers/?show=all")
    late = {**data, "officer": str(desk.other.id)}
    late["csrf_token"] = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    reply = theirs.post(desk.address("assign"), data=late, headers={"HX-Request": "true"})
    assert reply.status_code == 422
    assert "Morag Ellis took this project just now." in reply.text
    assert "Take over" in reply.text
    assert desk.check().officer_id == desk.officer.id


def test_an_officer_with_an_interest_gets_the_reason_and_no_button(desk: Desk) -> None:
    with desk.app.app_context():
        declare(desk.officer, desk.project, desk.clock, has_interest=True)
    page = desk.browser().get("/officers/").text
    assert "You declared an interest in this project" in page
    assert "Assign to me" not in page
    assert "Assign to me" in desk.browser(desk.other).get("/officers/").text


def test_officers_of_funders_see_the_list_without_links_and_buttons(desk: Desk) -> None:
    with desk.app.app_context():
        approver = make_officer(OfficerRole.PROGRAMME_APPROVER, desk.clock.now())
    page = browser_of(desk.app, approver, strong=True).get("/officers/").text
    assert "A bench at the green" in page
    assert "Assign to me" not in page


def test_visitors_members_and_officers_without_a_second_factor_stay_outside(desk: Desk) -> None:
    assert desk.app.test_client().get("/officers/").status_code in {302, 303}
    assert browser_of(desk.app, desk.owner).get("/officers/").status_code == 403
    assert browser_of(desk.app, desk.officer).get("/officers/").status_code in {302, 303}
