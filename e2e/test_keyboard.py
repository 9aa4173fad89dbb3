"""Everything can be done with keys alone, and the focus is always seen: it is marked, and nothing covers it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.checks import NARROW, WIDE
from e2e.pages.card_page import GOOD
from e2e.pages.keyboard import Keyboard
from e2e.pages.resident import Resident
from e2e.scenes import SCENES, Visit

# Each layout once; the rest are made of the same parts.
WALKED = ("home", "list: page 2", "project: many backers, news", "you: empty", "check", "pledge: active", "card page")
# Where an error's link leads, and whether the field says the same words to a screen reader.
LINKS = """() => [...document.querySelectorAll('.govuk-error-summary a')].map(link => {
  const field = document.getElementById(link.hash.slice(1));
  const owner = field?.closest('fieldset[aria-describedby]') || field;
  const said = (owner?.getAttribute('aria-describedby') || '').split(' ').map(id => document.getElementById(id));
  return { words: link.innerText, field: Boolean(field?.matches('input, select, textarea')),
    said: said.some(one => one?.innerText.includes(link.innerText)) };
})"""


def test_a_pledge_by_keys_alone(page: Page, resident: Callable[[Page], Resident]) -> None:
    rosa, keys = resident(page), Keyboard(page)
    page.goto(rosa.project_address)
    keys.presses("Back this project")
    page.wait_for_url("**/pledge")
    keys.presses("£5", "Space")
    keys.presses("Continue")
    page.wait_for_url("**/you")
    keys.types("Your name", "Rosa Field")
    keys.types("Your e-mail address", "rosa@example.org")
    keys.presses("The group may see my name and e-mail address and write to me about this project", "Space")
    keys.presses("Continue")
    page.wait_for_url("**/code")
    keys.types("Six-digit code", rosa.read_code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    keys.presses("Agree and pledge £5")
    page.wait_for_url("**/pay/**")
    for label, text in (("Card number", GOOD), ("Expiry date", "12/34"), ("Security code", "123")):
        keys.types(label, text)
    keys.types("Name on card", "Rosa Field")
    keys.presses("Save your card")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. You pledged £5")


def test_the_first_key_offers_to_skip_to_the_content(page: Page, resident: Callable[[Page], Resident]) -> None:
    keys = Keyboard(page)
    page.goto(resident(page).project_address)
    page.keyboard.press("Tab")
    stop = keys.focused()
    assert stop is not None
    assert (stop["name"], stop["seen"], stop["free"]) == ("Skip to main content", True, True)
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert keys.focused()["name"] not in {"Projects", "How it works", "Demo tools"}


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["320", "1280"])
@pytest.mark.parametrize("visit", WALKED, indirect=True)
def test_the_focus_is_always_seen(visit: Visit, size: dict[str, int]) -> None:
    page = visit.page
    page.set_viewport_size(size)
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); getSelection().removeAllRanges(); }")
    stops = Keyboard(page).stops()
    assert len(stops) > 5
    assert [stop for stop in stops if not (stop["seen"] and stop["free"])] == []


@pytest.mark.parametrize(
    "visit", [name for name, one in SCENES.items() if one.wrong and not one.elsewhere], indirect=True
)
def test_errors_are_found_at_once(visit: Visit) -> None:
    page = visit.page
    expect(page).to_have_title(re.compile("^Error: "))
    assert visit.focused == "govuk-error-summary"
    summary = page.locator(".govuk-error-summary")
    links = page.evaluate(LINKS)
    assert links or visit.scene.fieldless
    assert [link for link in links if not (link["field"] and link["said"])] == []
    for number in range(len(links)):
        link = summary.get_by_role("link").nth(number)
        target = page.locator(link.get_attribute("href") or "")
        link.press("Enter")
        expect(target).to_be_focused()
        expect(target).to_be_in_viewport()
