"""Sections of a draft: what is missing, how far each is, marks of what was seen, and days as people type them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdfund.accounts.roles import MemberRole
from crowdfund.projects.access import can_edit, can_launch, can_submit, can_take_up, can_withdraw
from crowdfund.projects.drawings import drawing_for
from crowdfund.projects.fields import parse_day, typed_day, typed_pounds
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.rules import LineKind, Objective, ProjectState, Section, Theme
from crowdfund.projects.sections import Draft, Status, fingerprint, gaps, status_of, stored

TODAY = date(2027, 1, 18)
WHOLE: dict[str, Any] = {
    "title": "A ramp",
    "aim": "One door for all.",
    "theme": Theme.SPORT_PLAY,
    "postcode": "TN23 1PL",
    "place": "Mill Green",
    "district_code": "E07000105",
    "story": "Three steps.",
    "if_too_little": "Wood.",
    "if_too_much": "Repairs.",
    "stretch_pence": None,
    "stretch_use": "",
    "risks": "Prices.",
    "permissions": "None.",
    "campaign_days": 42,
    "launch_on": None,
    "target_pence": 90_000,
    "picture_alt": "A drawing of a hall",
    "state": ProjectState.DRAFT,
}


def line(kind: LineKind, pence: int | None = None, **more: Any) -> ProjectLine:
    values = {"label": "Something", "is_capital": False, "is_public": False, "is_confirmed": False, "due": None}
    return ProjectLine(kind=kind, amount_pence=pence, **(values | more))


def draft(*more: ProjectLine, **changes: Any) -> Draft:
    lines: dict[LineKind, list[ProjectLine]] = {kind: [] for kind in LineKind}
    for one in (line(LineKind.COST, 100_000), line(LineKind.MILESTONE, due=TODAY), *more):
        lines[one.kind].append(one)
    return Draft(Project(**(WHOLE | changes)), lines, frozenset({Objective.ISOLATION}), [])


def test_a_whole_draft_misses_nothing() -> None:
    assert {section: gaps(draft(), section, TODAY) for section in Section if gaps(draft(), section, TODAY)} == {}


@pytest.mark.parametrize(
    ("changes", "section"),
    [
        ({"aim": ""}, Section.BASICS),
        ({"place": ""}, Section.PLACE),
        ({"postcode": None}, Section.PLACE),
        ({"story": ""}, Section.STORY),
        ({"if_too_little": ""}, Section.TARGET),
        ({"if_too_much": ""}, Section.TARGET),
        ({"risks": ""}, Section.RISKS),
        ({"permissions": ""}, Section.RISKS),
    ],
)
def test_what_is_empty_is_missing_in_its_section_only(changes: dict[str, Any], section: Section) -> None:
    begun = draft(**changes)
    assert [one for one in Section if gaps(begun, one, TODAY)] == [section]
    assert status_of(begun, section, TODAY) is not Status.COMPLETED


@pytest.mark.parametrize(
    ("changes", "more", "section"),
    [
        ({"stretch_pence": 90_000}, (), Section.TARGET),
        ({"campaign_days": 85}, (), Section.DATES),
        ({"launch_on": date(2027, 1, 17)}, (), Section.DATES),
        ({"launch_on": date(2028, 1, 19)}, (), Section.DATES),
        ({}, (line(LineKind.MONEY_USE, 90_001),), Section.GIFTS),
        ({"target_pence": 0}, (line(LineKind.OTHER_MONEY, 100_000, is_confirmed=True),), Section.OTHER_MONEY),
    ],
)
def test_what_cannot_stay_is_a_problem(
    changes: dict[str, Any], more: tuple[ProjectLine, ...], section: Section
) -> None:
    assert status_of(draft(*more, **changes), section, TODAY) is Status.PROBLEM


def test_optional_lists_may_stay_empty() -> None:
    for section in (Section.OTHER_MONEY, Section.GIFTS, Section.HELP_WANTED):
        assert status_of(draft(), section, TODAY) is Status.NOT_STARTED
        assert gaps(draft(), section, TODAY) == []


def test_hoped_for_money_covers_nothing() -> None:
    assert gaps(draft(line(LineKind.OTHER_MONEY, 200_000)), Section.OTHER_MONEY, TODAY) == []


@pytest.mark.parametrize("section", [s for s in Section if s in {Section.BASICS, Section.STORY, Section.DATES}])
def test_a_mark_moves_with_its_own_section_and_no_other(section: Section) -> None:
    change = {Section.BASICS: {"aim": "x"}, Section.STORY: {"story": "x"}, Section.DATES: {"campaign_days": 7}}
    before, after = draft(), draft(**change[section])
    for one in Section:
        same = fingerprint(stored(before, one)) == fingerprint(stored(after, one))
        assert same is (one is not section)


@pytest.mark.parametrize(
    "text", ["27 3 2027", "27/3/2027", "27.03.2027", "27-3-2027", "2027-03-27", "27 March 2027", " 27 mar 2027 "]
)
def test_a_day_is_read_as_people_type_it(text: str) -> None:
    assert parse_day(text) == date(2027, 3, 27)


@pytest.mark.parametrize(
    "text", ["", "soon", "31 2 2027", "27 3 27", "0 1 2027", "27 Foo 2027", "٢٧ 3 2027", "1 1 1999"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text) is None


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2999, 12, 31)))
def test_a_day_survives_being_shown_and_sent_again(day: date) -> None:
    assert parse_day(typed_day(day)) == day


def test_pounds_are_written_as_people_type_them() -> None:
    assert [typed_pounds(pence) for pence in (None, 150_000, 1250, 5)] == ["", "1500", "12.50", "0.05"]


def test_every_theme_has_a_drawing_that_is_described() -> None:
    for theme in Theme:
        path, shows = drawing_for(theme)
        assert path.endswith(".svg")
        assert shows.startswith("A drawing of")


def test_a_project_is_written_only_in_drafting_states_and_by_writers() -> None:
    for state in ProjectState:
        project = Project(**(WHOLE | {"state": state}))
        drafting = state in {ProjectState.DRAFT, ProjectState.CHANGES_REQUESTED}
        assert bool(can_edit(project, MemberRole.OWNER)) is drafting
        assert bool(can_edit(project, MemberRole.MEMBER)) is drafting
        assert bool(can_submit(project, MemberRole.OWNER)) is drafting
        for may in (can_edit, can_submit, can_withdraw, can_take_up, can_launch):
            refused = may(project, MemberRole.READER)
            assert not refused
            assert refused.reason
