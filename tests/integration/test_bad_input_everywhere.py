"""Whatever is typed into any field of a group or an officer: a sentence beside it, nothing lost, never a defect."""

from itertools import product

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from crowdfund.accounts.roles import Right
from crowdfund.core.clock import FixedClock
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.callers import CALLERS
from tests.support.desk import Desk, make_desk
from tests.support.drafting import Drafting, make_drafting
from tests.support.estate import MONEY_STATES, make_estate
from tests.support.odd_input import ODD, check_it_speaks
from tests.support.open_forms import Filler, control, make_filler, names_on, send_form
from tests.support.people import browser_of
from tests.support.sampling import sample

GROUP = ("signed in", "members")
OFFICER = ("officers",)
WHO = {
    "visitor": ("anyone",),
    "own_owner": GROUP,
    "programme_checker": OFFICER,
    "programme_finance": OFFICER,
    "programme_approver": OFFICER,
    "funder_administrator": OFFICER,
    "funder_finance": OFFICER,
    "checker_without_factor": ("signed in",),
}
# How many pages with a field each of them can open at least.
LEAST = {"own_owner": 17, "programme_checker": 8, "programme_finance": 8, "programme_approver": 7, "funder_finance": 4}
# What a control cannot show as it was sent, or must not show again: codes.
UNSHOWN = frozenset({"nul", "surrogate", "line_breaks", "spaces", "empty"})
SECRET = frozenset({"code"})
# Turns the direction of everything after it, so it is taken out.
TURNED = "\u202e"


@pytest.fixture(params=WHO)
def filler(request: pytest.FixtureRequest, app: Flask, clock: FixedClock) -> Filler:
    """Somebody of a group, an officer at the desk, or one who has still to give a second factor."""
    caller = next(caller for caller in CALLERS if caller.name == request.param)
    with app.app_context():
        estate = make_estate(app, clock)
        for state in MONEY_STATES if caller.may(Right.SEE_MONEY) else ():
            estate.add_site(state)
    return make_filler(caller, estate)


@pytest.mark.walk
def test_odd_input_in_every_field(filler: Filler) -> None:
    number = 0
    for form in filler.forms(*WHO[filler.caller.name]):
        page = filler.page(form)
        for name in form.names:
            number += 1
            for odd in sample(list(ODD), number):
                reply = filler.send(page, {name: [ODD[odd]]})
                if is_answered(reply, name, odd, str(form)):
                    filler.renew(form.state)
                    page = filler.page(form)


def is_answered(reply: TestResponse, name: str, odd: str, where: str) -> bool:
    """Say whether something odd was taken; where it was not, the page says why and still holds it."""
    assert reply.status_code in {200, 303, 422}, f"{where}: {name}={odd}: {reply.status_code}"
    if reply.status_code == 422:
        check_it_speaks(reply)
        assert odd in UNSHOWN or name in SECRET or is_kept(reply, name, ODD[odd]), f"{where}: {name}={odd}"
    return reply.status_code != 422


def is_kept(reply: TestResponse, name: str, typed: str) -> bool:
    """Say whether what was typed stands in its field again; a choice that is not on offer has nowhere to stand."""
    found = control(reply, name)
    if not found or found[0].tag == "select" or found[0].get("type") in {"radio", "checkbox"}:
        return True
    shown = "".join(found[0].itertext()) if found[0].tag == "textarea" else found[0].get("value", "")
    return shown.strip() == typed.replace(TURNED, "").strip()


def test_missing_and_extra_fields(filler: Filler) -> None:
    extra = {"state": "live", "amount_pence": "1", "person_id": "1", "role": "owner", "project_id": "1"}
    for form in filler.forms(*WHO[filler.caller.name]):
        for changes in ({}, {name: value for name, value in extra.items() if name not in form.names}):
            reply = filler.send(filler.page(form), changes, without=form.names)
            if is_answered(reply, "", "empty", str(form)):
                filler.renew(form.state)


def test_a_form_without_its_token_changes_nothing(filler: Filler) -> None:
    for form in filler.forms(*WHO[filler.caller.name]):
        reply = filler.send(filler.page(form), {}, without=("csrf_token",))
        assert reply.status_code == 303, f"{form}: {reply.status_code}"
        headings = BeautifulSoup(filler.browser.follow(reply).text, "html5lib").select("h1")
        assert [heading.get_text() for heading in headings] == ["We kept what you sent"], str(form)


def test_every_page_with_a_field_is_among_them(filler: Filler) -> None:
    found = {form.rule.endpoint for form in filler.forms(*WHO[filler.caller.name])}
    assert len(found) >= LEAST.get(filler.caller.name, 2), sorted(found)


@pytest.fixture
def whole(app: Flask, clock: FixedClock) -> Drafting:
    """A draft that nothing is missing from."""
    made = make_drafting(app, clock)
    made.start()
    made.fill()
    return made


def test_odd_input_in_the_declaration(whole: Drafting) -> None:
    browser, page = whole.browser(whole.owner), whole.get("declaration")
    for name, odd in product(("name", "email", "agreed"), ODD):
        if is_answered(send_form(browser, page, {name: [ODD[odd]]}), name, odd, "declaration"):
            with whole.app.app_context(), unit_of_work() as session:
                session.execute(update(Project).values(state=ProjectState.DRAFT))


@pytest.fixture
def desk(app: Flask, clock: FixedClock) -> Desk:
    """A project that is being checked."""
    return make_desk(app, clock)


def test_odd_answers_to_the_council(desk: Desk) -> None:
    asked = {"section_1": "risks", "body_1": "Who mends it?", "due_on": "1 2 2027"}
    browser = desk.browser()
    page = browser.submit(browser.get(desk.address("questions")), button="preview", **asked)
    assert browser.submit(page, button="send").status_code == 303
    owners = browser_of(desk.app, desk.owner)
    for odd in ODD:
        page = owners.get(f"/apply/projects/{desk.project.public_id}/risks")
        name = next(one for one in names_on(page) if one.startswith("answer_"))
        is_answered(send_form(owners, page, {name: [ODD[odd]]}), name, odd, "answer")
