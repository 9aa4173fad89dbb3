"""Looking for a project: the list narrows as one types, and works the same without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.pages.project_list import ProjectList
from e2e.stage import Stage

QUERIES = (
    "",
    "?page=2",
    "?q=choir",
    "?q=street&sort=ending",
    "?district=canterbury",
    "?theme=arts_heritage&status=all",
    "?status=open&sort=nearly",
    "?sort=push",
    "?q=zebra",
    "?q=CT1+2JQ",
    "?q=ME4+4TR",
)


@pytest.fixture(autouse=True)
def town(stage: Stage) -> None:
    """Something to look through."""
    stage.build()


@pytest.fixture
def projects(page: Page) -> ProjectList:
    """The list in a browser."""
    return ProjectList(page)


@pytest.fixture
def plain_projects(plain_page: Page) -> ProjectList:
    """The list in a browser without JavaScript."""
    return ProjectList(plain_page)


def test_typing_narrows_the_list_and_keeps_one_s_place(projects: ProjectList) -> None:
    page = projects.page
    projects.opens()
    projects.counts("19 projects")
    projects.word.click()
    page.keyboard.type("chir")
    projects.counts("0 projects")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("o")
    projects.counts("1 project")
    expect(projects.word).to_be_focused()
    expect(projects.word).to_have_value("choir")
    assert page.evaluate("document.activeElement.selectionStart") == 3
    expect(page).to_have_url(re.compile(r"/projects\?q=choir(&|$)"))
    expect(page.get_by_role("status")).to_have_text("1 project found")
    assert projects.titles == ["A choir for all"]


def test_choosing_narrows_the_list_at_once(projects: ProjectList) -> None:
    projects.opens()
    projects.narrows("District", "Canterbury")
    projects.counts("1 project")
    expect(projects.page.get_by_label("District", exact=True)).to_be_focused()
    expect(projects.page).to_have_url(re.compile(r"district=canterbury"))
    projects.page.reload()
    projects.counts("1 project")
    expect(projects.page.get_by_label("District", exact=True)).to_have_value("canterbury")


def test_back_shows_what_was_there_before(projects: ProjectList) -> None:
    page = projects.page
    projects.opens()
    projects.narrows("District", "Canterbury")
    projects.counts("1 project")
    projects.narrows("District", "Dover")
    projects.counts("0 projects")
    page.go_back()
    projects.counts("1 project")
    expect(page.get_by_label("District", exact=True)).to_have_value("canterbury")
    page.go_back()
    projects.counts("19 projects")
    expect(page.get_by_label("District", exact=True)).to_have_value("")
    page.go_forward()
    projects.counts("1 project")


@pytest.mark.parametrize("browser_kind", ["projects", "plain_projects"], ids=["with scripts", "without"])
def test_filters_are_named_and_can_be_taken_away(request: pytest.FixtureRequest, browser_kind: str) -> None:
    projects: ProjectList = request.getfixturevalue(browser_kind)
    projects.opens()
    projects.word.fill("choir")
    projects.narrows("District", "Canterbury")
    projects.narrows("Theme", "Arts and heritage")
    projects.applies()
    projects.counts("1 project")
    expect(projects.page.get_by_role("list", name="Active filters").get_by_role("link")).to_have_count(3)
    projects.takes_away("“choir”")
    expect(projects.word).to_have_value("")
    projects.takes_away("Canterbury")
    projects.counts("1 project")
    projects.takes_away("Arts and heritage")
    projects.counts("19 projects")
    expect(projects.page.get_by_role("list", name="Active filters")).to_have_count(0)


def test_the_same_is_found_without_scripts(projects: ProjectList, plain_projects: ProjectList) -> None:
    for query in QUERIES:
        projects.opens(query)
        plain_projects.opens(query)
        assert projects.titles == plain_projects.titles, query


def test_typing_and_pressing_a_button_find_the_same(projects: ProjectList, plain_projects: ProjectList) -> None:
    for word, found in (("street four", "1 project"), ("TREE street", "9 projects"), ("boathouse", "1 project")):
        for one in (projects, plain_projects):
            one.opens()
            one.word.fill(word)
            if one is plain_projects:
                one.applies()
            one.counts(found)
        assert projects.titles == plain_projects.titles


def test_a_postcode_leads_to_its_district(projects: ProjectList, plain_projects: ProjectList) -> None:
    for one in (projects, plain_projects):
        one.opens()
        one.word.fill("CT1 2JQ")
        one.applies()
        expect(one.page.get_by_role("link", name=re.compile("^Canterbury ?: remove"))).to_be_visible()
        one.counts("1 project")


def test_the_search_on_the_home_page_leads_to_the_list(plain_page: Page) -> None:
    plain_page.goto("/")
    plain_page.get_by_role("searchbox").fill("choir")
    plain_page.get_by_role("button", name="Search").click()
    ProjectList(plain_page).counts("1 project")
