"""A group takes a project from the first question to its first ten pledges, with and without JavaScript."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from crowdfund.accounts.roles import OfficerRole
from crowdfund.core import clock
from crowdfund.core.db import db
from crowdfund.projects.models import Project
from e2e.conftest import serious
from e2e.mailbox import Mailbox
from e2e.pages.card_page import GOOD
from e2e.pages.group import Member
from e2e.pages.officer import Officer
from e2e.pages.person import Person
from e2e.pages.resident import Resident
from e2e.stage import Stage
from tests.support.complaints import watch
from tests.support.factories import make_pledge
from tests.support.people import make_officer

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
GROUP, TITLE, HOST = "Friends of Mill Green", "A ramp for the village hall", "Mill Green Hall Trust"
QUESTION = "Who looks after the ramp once it is built?"
ANSWER = "The hall’s committee, which looks after the steps today."
PHOTO = "Neighbours in front of the hall’s three steps"
OpenBrowser = Callable[[dict[str, int]], Page]


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def open_browser(
    request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext], stage: Stage
) -> Iterator[OpenBrowser]:
    """`open_browser(size)` is a page of one more person's browser; its complaints fail the test."""
    heard: list[list[str]] = []

    def open_one(size: dict[str, int]) -> Page:
        context = new_context(java_script_enabled=request.param, viewport=size)
        context.set_default_timeout(10_000)
        heard.append(watch(context, stage.address))
        return context.new_page()

    yield open_one
    assert [serious(complaints) for complaints in heard if serious(complaints)] == []


@dataclass
class People:
    """Everybody who has a part in it, each at a browser of their own."""

    grace: Member
    sam: Member
    hal: Person
    morag: Officer
    rosa: Page


@pytest.fixture
def people(app: Flask, open_browser: OpenBrowser) -> People:
    """Two people of a group, one of them on a phone, a host, a checker and a resident."""
    mailbox = Mailbox(app)
    with app.app_context():
        morag = make_officer(OfficerRole.PROGRAMME_CHECKER, clock.now(), email="morag@example.org")
        db.session.remove()
    return People(
        Member(open_browser(PHONE), mailbox, "Grace Adeyemi", "grace@example.org"),
        Member(open_browser(DESK), mailbox, "Sam Reed", "sam@example.org"),
        Person(open_browser(PHONE), mailbox, "Hal Hart", "hal@example.org"),
        Officer(open_browser(DESK), mailbox, morag.name, "morag@example.org"),
        open_browser(PHONE),
    )


def test_a_project_from_the_first_question_to_ten_pledges(people: People, app: Flask, base_url: str) -> None:
    _a_group_forms(people)
    _the_project_is_written(people)
    _it_is_checked(people)
    people.grace.launches()
    people.grace.reads("£0")
    rosa = _resident(people.rosa, app, base_url)
    _ten_pledge(rosa, app)
    rosa.sees_pledged("£250 pledged of £3,500")
    expect(people.rosa.get_by_role("definition").first).to_have_text("10")
    people.grace.page.reload()
    people.grace.reads("£250")


def _a_group_forms(people: People) -> None:
    grace, sam, hal = people.grace, people.sam, people.hal
    grace.finds_out()
    grace.signs_in()
    grace.adds_group(GROUP)
    grace.says_what_it_has()
    grace.invites(sam.name, sam.email)
    sam.answers_and_joins("member_invited", f"Join {GROUP}")
    grace.names_host(HOST, hal.name, hal.email)
    hal.answers_and_joins("host_asked", "Yes, we will be the host")
    grace.page.reload()
    grace.sees_status("People of your group", "2 people")
    grace.sees_status("A host to take the money", f"{HOST} agreed")


def _the_project_is_written(people: People) -> None:
    grace, sam = people.grace, people.sam
    grace.starts_project(TITLE)
    grace.fills(
        "Name, aim and objectives",
        {"What do you want to do, in one sentence?": "Everybody comes in by the same door."},
        {"What does it do for people?": "It helps people to stay well"},
    )
    grace.says_where("Mill Green")
    sam.page.goto("/account")
    sam.follows(TITLE)
    sam.fills("Your story", {"Tell your story": "Our hall has three steps.\n\nWe want to build a ramp."})
    due = clock.now() + timedelta(days=200)
    sam.lists(
        "What happens when",
        "Add a step",
        {"What happens?": "The ramp is open", "By when?": f"{due.day} {due.month} {due.year}"},
    )
    cost = {"What is it?": "Concrete and handrail", "What does it cost, in pounds?": "4,000"}
    sam.lists("What it costs", "Add a cost", cost, {"What kind of cost is it?": "Things to buy or build"})
    grace.page.reload()
    money = {"Who is it from?": "Jumble sale", "How much is it, in pounds?": "500"}
    sure = "Yes, it is promised in writing or in our account"
    kinds = {"Is it public money?": "No", "Do you have it for certain?": sure}
    grace.lists("Money you have or hope for (optional)", "Add money", money, kinds)
    grace.fills(
        "Target, and if it is missed or passed",
        {
            "If too little is raised, what do you do?": "We build a wooden one.",
            "If a little too much is raised, what do you do?": "We keep it for repairs.",
        },
    )
    grace.fills("How long people can pledge", {"How many days can people pledge?": "42"})
    worries = {"What could go wrong, and what would you do then?": "Prices may rise; then we ask again."}
    allowed = {"Which permissions do you need, and do you have them?": "The parish council agreed."}
    grace.fills("Risks and permissions", worries | allowed)
    grace.shows_photo(PHOTO)
    link = grace.shares_draft()
    people.rosa.goto(link)
    expect(people.rosa.get_by_role("main")).to_contain_text(f"{GROUP} is writing this page")
    expect(people.rosa.get_by_role("img", name=PHOTO)).to_be_visible()
    grace.submits(sam.name, sam.email)
    sam.answers("project_signatory_asked", "I confirm the declaration")


def _it_is_checked(people: People) -> None:
    grace, sam, morag = people.grace, people.sam, people.morag
    morag.comes_to_the_desk()
    morag.takes(TITLE)
    morag.declares_no_interest()
    morag.asks("Risks and permissions", QUESTION)
    grace.opens_link("project_changes_requested")
    grace.answers_council(f"Risks and permissions: {QUESTION}", ANSWER)
    grace.submits(sam.name, sam.email)
    sam.answers("project_signatory_asked", "I confirm the declaration")
    morag.turns_to("Questions")
    morag.reads(ANSWER)
    morag.ticks_everything()
    morag.accepts("It is real and wanted.")
    grace.opens_link("project_ready")


def _resident(page: Page, app: Flask, base_url: str) -> Resident:
    with app.app_context():
        slug = db.session.scalars(select(Project.slug)).one()
        db.session.remove()

    def read_code() -> str:
        return Mailbox(app).newest("rosa@example.org", "pledge_code").subject.split()[0]

    return Resident(page, TITLE, f"{base_url}/projects/{slug}", read_code)


def _ten_pledge(rosa: Resident, app: Flask) -> None:
    rosa.reaches_the_card_page()
    rosa.card.saves(GOOD)
    rosa.is_thanked()
    with app.app_context():
        project = db.session.scalars(select(Project)).one()
        for _ in range(9):
            make_pledge(project, clock.now(), 2_500)
        db.session.remove()
