"""A page that is left open follows the project, without a word more than needed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect

from crowdfund.core.movable_clock import set_business_time
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.projects.models import Project
from e2e.pages.resident import Resident

WITHIN_MS = 20_000
LISTEN = """() => {
  window.said = [];
  const live = document.getElementById('live');
  new MutationObserver(() => { const text = live.textContent.trim(); if (text) window.said.push(text); })
    .observe(live, { childList: true, characterData: true, subtree: true });
}"""


@pytest.fixture
def polls() -> Callable[[Page], list[str]]:
    """`polls(page)` fills with the page's questions about the project's progress."""

    def note(page: Page) -> list[str]:
        asked: list[str] = []

        def on_request(request: Request) -> None:
            if "/progress" in request.url:
                asked.append(request.url)

        page.on("request", on_request)
        return asked

    return note


def test_another_page_sees_the_total_move_and_says_it_once(
    page: Page, resident: Callable[[Page], Resident], watcher: Page
) -> None:
    rosa = resident(page)
    watcher.goto(rosa.project_address)
    button = watcher.get_by_role("link", name="Back this project")
    button.focus()
    live = watcher.locator("#live").element_handle()
    watcher.evaluate(LISTEN)
    rosa.reaches_the_card_page()
    rosa.card.saves()
    rosa.is_thanked()
    expect(watcher.locator("#progress")).to_contain_text("£25 pledged of £900", timeout=WITHIN_MS)
    expect(watcher.locator("#live")).to_have_text("£25 pledged of £900 by 1 backer")
    assert watcher.evaluate("window.said") == ["£25 pledged of £900 by 1 backer"]
    assert watcher.evaluate("node => node.isConnected && node.id === 'live'", live)
    expect(button).to_be_focused()


def test_an_open_page_closes_with_the_project(page: Page, app: Flask, project: Project) -> None:
    page.clock.install()
    page.goto(f"/projects/{project.slug}")
    button = page.get_by_role("link", name="Back this project")
    expect(button).to_be_visible()
    with app.app_context(), unit_of_work() as session:
        set_business_time(session, project.deadline + timedelta(minutes=1))
    page.clock.fast_forward(15_000)
    expect(page.locator("#progress")).to_contain_text("Closed for pledges")
    expect(button).to_have_count(0)


def test_nothing_is_said_while_nothing_moves(
    page: Page, resident: Callable[[Page], Resident], polls: Callable[[Page], list[str]]
) -> None:
    asked = polls(page)
    page.clock.install()
    page.goto(resident(page).project_address)
    panel = page.locator("#progress").element_handle()
    page.evaluate(LISTEN)
    for _ in range(2):
        with page.expect_response(lambda response: "/progress" in response.url) as answer:
            page.clock.fast_forward(15_000)
        assert answer.value.status == 204
    assert len(asked) == 2
    assert page.evaluate("window.said") == []
    assert page.evaluate("node => node.isConnected", panel)


def test_a_page_that_nobody_looks_at_does_not_ask(
    page: Page, resident: Callable[[Page], Resident], polls: Callable[[Page], list[str]]
) -> None:
    asked = polls(page)
    page.clock.install()
    page.goto(resident(page).project_address)
    page.evaluate("() => Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.clock.fast_forward(60_000)
    page.evaluate("() => Object.defineProperty(document, 'hidden', { value: false })")
    with page.expect_response(lambda response: "/progress" in response.url):
        page.clock.fast_forward(15_000)
    assert len(asked) == 1
