"""A resident pledges in a real browser: with and without JavaScript, on a phone and on a wide screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from crowdfund.sandbox.stripe import StandIn
from e2e.checks import breaches, lost_when_narrow
from e2e.pages.card_page import ASKS_BANK, DECLINED, GOOD
from e2e.pages.resident import Resident

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
Arrive = Callable[[Page], Resident]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("browser_kind", ["page", "plain_page"], ids=["with scripts", "without"])
def test_a_resident_pledges(request: pytest.FixtureRequest, resident: Arrive, size: str, browser_kind: str) -> None:
    page: Page = request.getfixturevalue(browser_kind)
    page.set_viewport_size(SIZES[size])
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.card.saves(GOOD)
    rosa.is_thanked()
    rosa.sees_pledged("£25 pledged of £900")


def test_a_card_that_asks_the_bank(page: Page, resident: Arrive) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.card.saves(ASKS_BANK)
    rosa.card.answers_the_bank("Complete")
    rosa.is_thanked()


def test_a_bank_that_says_no_then_another_card(page: Page, resident: Arrive) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.card.saves(ASKS_BANK)
    rosa.card.answers_the_bank("Fail")
    rosa.card.says("unable to authenticate")
    rosa.card.saves(GOOD)
    rosa.is_thanked()


def test_a_declined_card_then_leaving_and_coming_back(page: Page, resident: Arrive) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.card.saves(DECLINED)
    rosa.card.says("declined")
    rosa.card.cancels()
    expect(page.get_by_role("region", name="Your card was not saved")).to_contain_text("Nothing was charged")
    rosa.agrees()
    rosa.card.saves(GOOD)
    rosa.is_thanked()


def test_a_page_left_open_counts_for_nothing_until_it_is_finished(page: Page, resident: Arrive, watcher: Page) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    resident(watcher).sees_pledged("£0 pledged")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your pledge")
    rosa.agrees()
    rosa.card.saves(GOOD)
    rosa.is_thanked()
    page.reload()
    rosa.is_thanked()
    resident(watcher).sees_pledged("£25 pledged")


def test_a_provider_that_does_not_answer_loses_nothing(page: Page, resident: Arrive, stripe: StandIn) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    stripe.set_mode("down", method="GET")
    rosa.card.saves(GOOD)
    expect(page.get_by_role("heading", level=1)).to_have_text("We are confirming your card")
    assert breaches(page) == ""
    assert lost_when_narrow(page, spaced=True) == []
    stripe.clear_modes()
    page.get_by_role("link", name="Look again").click()
    rosa.is_thanked()


def test_going_back_after_thanks_pledges_nothing_more(page: Page, resident: Arrive) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.card.saves(GOOD)
    rosa.is_thanked()
    page.go_back()
    page.go_back()
    rosa.sees_pledged("£25 pledged of £900")


def test_a_double_click_pledges_once(page: Page, resident: Arrive) -> None:
    rosa = resident(page)
    rosa.reaches_the_check_page()
    page.get_by_role("button", name="Agree and pledge £25").dblclick()
    rosa.card.saves(GOOD)
    rosa.is_thanked()
    rosa.sees_pledged("£25 pledged of £900")


def test_who_typed_the_code_may_see_all_pledges_and_leave(page: Page, resident: Arrive) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.card.saves(GOOD)
    page.get_by_role("button", name="See all my pledges").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    expect(page.get_by_role("listitem").filter(has_text=rosa.title)).to_contain_text("£25")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_another_browser_sees_nothing_of_a_pledge(page: Page, resident: Arrive, watcher: Page) -> None:
    rosa = resident(page)
    rosa.reaches_the_card_page()
    rosa.card.saves(GOOD)
    rosa.is_thanked()
    answer = watcher.goto(page.url)
    assert answer is not None
    assert answer.status == 404
