"""A resident pledges in a real browser: with and without JavaScript, on a phone and on a wide screen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.pages import Resident

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scripts", ["with", "without"])
def test_a_resident_pledges(
    request: pytest.FixtureRequest, resident: Callable[[Page], Resident], size: str, scripts: str
) -> None:
    page: Page = request.getfixturevalue("page" if scripts == "with" else "plain_page")
    page.set_viewport_size(SIZES[size])
    rosa = resident(page)
    rosa.finds_the_project()
    rosa.chooses("£25")
    rosa.says_who_she_is()
    rosa.types_the_code()
    rosa.agrees()
    rosa.saves_card("4242 4242 4242 4242")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    page.goto(rosa.project_address)
    expect(page.locator("#progress")).to_contain_text("£25")


def test_a_card_that_asks_for_confirmation(page: Page, resident: Callable[[Page], Resident]) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.saves_card("4000 0025 0000 3155")
    page.get_by_role("button", name=re.compile("Complete")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_a_confirmation_that_fails_and_another_card(page: Page, resident: Callable[[Page], Resident]) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.saves_card("4000 0025 0000 3155")
    page.get_by_role("button", name=re.compile("Fail")).click()
    rosa.saves_card("4242 4242 4242 4242")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_a_declined_card_then_leaving_and_coming_back(page: Page, resident: Callable[[Page], Resident]) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.saves_card("4000 0000 0000 0002")
    expect(page.locator("body")).to_contain_text("declined")
    page.get_by_role("link", name=re.compile("Cancel|Back")).first.click()
    expect(page.locator("main")).to_contain_text("Your card was not saved")
    rosa.agrees()
    rosa.saves_card("4242 4242 4242 4242")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def test_a_second_page_sees_the_total_move_and_says_it_once(
    page: Page, resident: Callable[[Page], Resident], watcher: Page
) -> None:
    rosa = resident(page)
    watcher.goto(rosa.project_address)
    live = watcher.locator("#live")
    before = live.element_handle()
    watcher.evaluate(
        """() => { window.said = []; new MutationObserver(() => {
            const text = document.getElementById('live').textContent.trim(); if (text) window.said.push(text); })
            .observe(document.getElementById('live'), {childList: true, characterData: true, subtree: true}); }"""
    )
    rosa.reaches_the_card_page()
    rosa.saves_card("4242 4242 4242 4242")
    expect(watcher.locator("#progress")).to_contain_text("£25", timeout=20_000)
    expect(live).to_contain_text("£25 pledged")
    watcher.wait_for_function("() => window.said.length > 0")
    assert len(set(watcher.evaluate("window.said"))) == 1
    assert watcher.evaluate("node => node.isConnected", before)
