"""The lists of a draft without JavaScript: add, change, remove; the target is costs less confirmed money."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.lines import LineText, add_line, change_line, list_mark, remove_line
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.queries import list_lines
from crowdfund.projects.rules import LineKind, ProjectState
from crowdfund.projects.sections import fingerprint, line_values
from tests.support.drafting import COST, MONEY, STEP, Drafting, make_drafting
from tests.support.factories import TESTER, make_project

GIFT = {"label": "Two bags of cement", "amount": "12.50"}
HELP = {"label": "Six people who dig"}
LISTS: dict[str, dict[str, Any]] = {
    "costs": COST,
    "other-money": MONEY,
    "gifts": GIFT,
    "milestones": STEP,
    "help-wanted": HELP,
}


@pytest.fixture
def drafting(app: Flask, clock: FixedClock) -> Drafting:
    """A group's draft that is only begun."""
    drafting = make_drafting(app, clock)
    assert drafting.start().status_code == 303
    return drafting


def lines(drafting: Drafting, kind: LineKind) -> list[ProjectLine]:
    with drafting.app.app_context():
        return list(drafting.draft().lines[kind])


def target(drafting: Drafting) -> int:
    with drafting.app.app_context():
        return drafting.project().target_pence


@pytest.mark.parametrize("section", LISTS)
def test_a_line_is_added_changed_and_removed(drafting: Drafting, section: str) -> None:
    browser = drafting.browser(drafting.writer)
    reply = drafting.send(f"{section}/add", drafting.writer, **LISTS[section])
    shown = browser.follow(reply)
    assert LISTS[section]["label"] in shown.text
    line_id = shown.text.split("/lines/")[1].split('"')[0]
    changed = drafting.send(f"lines/{line_id}", drafting.writer, label="Something else")
    assert "Something else" in browser.follow(changed).text
    page = drafting.get(f"lines/{line_id}/remove", drafting.writer)
    assert "Something else" in page.text
    assert "Nothing here yet." in browser.follow(browser.submit(page)).text


@pytest.mark.parametrize(
    ("section", "typed", "told"),
    [
        ("costs", {"label": ""}, "Enter what it is."),
        ("costs", {"label": "x" * 121}, "120 characters or fewer"),
        ("costs", {"amount": ""}, "Enter what it costs."),
        ("costs", {"amount": "a lot"}, "Enter an amount in pounds"),
        ("costs", {"amount": "0"}, "more than £0"),
        ("costs", {"amount": "99999999"}, "£10,000,000"),
        ("costs", {"kind": None}, "Choose what kind of cost it is."),
        ("other-money", {"source": None}, "Choose whether it is public money."),
        ("other-money", {"certainty": None}, "Choose whether you have it for certain."),
        ("milestones", {"due": "soon"}, "a date that exists"),
        ("milestones", {"due": ""}, "Enter a date"),
        ("gifts", {"amount": "-5"}, "Enter an amount in pounds"),
        ("help-wanted", {"label": " "}, "Enter what help you want."),
    ],
)
def test_bad_lines_are_told_and_nothing_typed_is_lost(
    drafting: Drafting, section: str, typed: dict[str, str], told: str
) -> None:
    wanted = LISTS[section] | typed
    reply = drafting.send(f"{section}/add", **wanted)
    assert reply.status_code == 422
    assert told in reply.text
    for text in wanted.values():
        assert (text or "").strip() in reply.text
    with drafting.app.app_context():
        assert not any(drafting.draft().lines.values())


def test_the_sum_and_the_target_are_worked_out_by_the_server(drafting: Drafting) -> None:
    drafting.send("costs/add", **COST)
    drafting.send("costs/add", label="Insurance", amount="120.50", kind="running")
    drafting.send("other-money/add", **MONEY)
    drafting.send("other-money/add", **(MONEY | {"label": "Lottery", "certainty": "hoped", "source": "public"}))
    assert target(drafting) == 400_000 + 12_050 - 50_000
    page = drafting.get("costs").text
    assert "£4,120.50" in page
    assert "target <strong>£3,620.50</strong>" in page


def test_more_confirmed_money_than_costs_is_a_problem_not_a_defect(drafting: Drafting) -> None:
    drafting.send("costs/add", **COST)
    drafting.send("other-money/add", **(MONEY | {"amount": "4500"}))
    assert target(drafting) == 0
    assert "There is a problem" in drafting.get().text
    assert "£500 more than the costs" in drafting.get("other-money").text
    assert "nothing is left to raise" in drafting.get("check-answers").text


def test_a_gift_is_not_more_than_the_target(drafting: Drafting) -> None:
    drafting.send("costs/add", **COST)
    reply = drafting.send("gifts/add", label="All of it", amount="4,000.01")
    assert reply.status_code == 422
    assert "A gift cannot be more than the target of £4,000." in reply.text


def test_quotes_are_wanted_for_a_large_cost(drafting: Drafting) -> None:
    drafting.send("costs/add", **(COST | {"amount": "5000"}))
    assert "quotes wanted" not in drafting.get("costs").text
    drafting.send("costs/add", **(COST | {"amount": "5000.01"}))
    assert "quotes wanted" in drafting.get("costs").text


def test_a_double_click_adds_one_line_and_two_equal_lines_can_be_meant(drafting: Drafting) -> None:
    browser, page = drafting.browser(drafting.owner), drafting.get("costs/add")
    assert browser.submit(page, **COST).status_code == 303
    assert browser.submit(page, **COST).status_code == 303
    assert len(lines(drafting, LineKind.COST)) == 1
    drafting.send("costs/add", **COST)
    assert len(lines(drafting, LineKind.COST)) == 2


def test_a_list_ends_at_thirty_lines(drafting: Drafting) -> None:
    for number in range(30):
        drafting.send("help-wanted/add", label=f"Hand {number}")
    reply = drafting.send("help-wanted/add", label="One more hand")
    assert reply.status_code == 422
    assert "at most 30 lines" in reply.text
    assert "One more hand" in reply.text


def test_a_line_of_another_project_is_not_found(drafting: Drafting, clock: FixedClock) -> None:
    with drafting.app.app_context():
        other = make_project(clock.now(), ProjectState.DRAFT)
        line = next(iter(list_lines(db.session(), other.id)[LineKind.COST]))
        line_id = line.id
    assert drafting.get(f"lines/{line_id}").status_code == 404
    assert drafting.get(f"lines/{line_id}/remove").status_code == 303


AMOUNTS = st.lists(
    st.tuples(
        st.sampled_from(["cost", "sure", "hoped", "change", "remove"]), st.integers(min_value=1, max_value=1_000_000)
    ),
    max_size=12,
)


@given(steps=AMOUNTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_target_is_always_costs_less_confirmed_money(app: Flask, clock: FixedClock, steps: list[Any]) -> None:
    """Whatever is added, changed and removed in whatever order."""
    with app.app_context():
        project_id = make_project(clock.now(), ProjectState.DRAFT).id
        for what, pence in steps:
            with unit_of_work() as session:
                _step(session, project_id, what, pence, clock)
        with unit_of_work() as session:
            held = list_lines(session, project_id)
            costs = sum(line.amount_pence or 0 for line in held[LineKind.COST])
            sure = sum(line.amount_pence or 0 for line in held[LineKind.OTHER_MONEY] if line.is_confirmed)
            project = session.get_one(Project, project_id)
            if steps:
                assert project.target_pence == max(0, costs - sure)


def _step(session: Any, project_id: int, what: str, pence: int, clock: FixedClock) -> None:
    by: dict[str, Any] = {"actor": TESTER, "now": clock.now()}
    costs = list_lines(session, project_id)[LineKind.COST]
    if what == "change" and costs:
        text = LineText("Changed", pence)
        change_line(session, project_id, costs[0].id, text, fingerprint(line_values(costs[0])), **by)
    elif what == "remove" and costs:
        remove_line(session, project_id, costs[-1].id, fingerprint(line_values(costs[-1])), **by)
    else:
        kind = LineKind.COST if what == "cost" else LineKind.OTHER_MONEY
        text = LineText(f"{what} {pence}", pence, is_confirmed=what == "sure")
        add_line(session, project_id, kind, text, list_mark(list_lines(session, project_id)[kind]), **by)
