"""Somebody who wants to back a project, by what they see: roles and labels, never classes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from e2e.pages.card_page import CardPage


@dataclass
class Resident:
    """A person at a browser on the way to a pledge."""

    page: Page
    title: str
    project_address: str
    read_code: Callable[[], str]

    @property
    def card(self) -> CardPage:
        """The page where card details are entered."""
        return CardPage(self.page)

    def finds_the_project(self) -> None:
        """From the home page by the list to the project, then to the amount."""
        self.page.goto("/")
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Projects").click()
        self.page.get_by_role("link", name=self.title).click()
        self.page.get_by_role("link", name="Back this project").click()

    def chooses(self, amount: str) -> None:
        """Choose one of the four amounts."""
        self.page.get_by_label(amount, exact=True).check()
        self.goes_on()

    def says_who_she_is(self, email: str = "rosa@example.org") -> None:
        """Fill in name and e-mail."""
        self.page.get_by_label("Your name", exact=True).fill("Rosa Field")
        self.page.get_by_label("Your e-mail address").fill(email)
        self.goes_on()

    def types_the_code(self) -> None:
        """Type the six digits from the mail."""
        field = self.page.get_by_label("Six-digit code")
        expect(field).to_be_visible()
        field.fill(self.read_code())
        self.goes_on()

    def agrees(self) -> None:
        """Agree on the check page."""
        self.page.get_by_role("button", name=re.compile("^Agree and pledge £")).click()

    def goes_on(self) -> None:
        """Press Continue."""
        self.page.get_by_role("button", name="Continue").click()

    def reaches_the_check_page(self) -> None:
        """Everything up to the consent."""
        self.finds_the_project()
        self.chooses("£25")
        self.says_who_she_is()
        self.types_the_code()

    def reaches_the_card_page(self) -> None:
        """Everything up to the card."""
        self.reaches_the_check_page()
        self.agrees()

    def is_thanked(self) -> None:
        """The pledge counts, and the page says so."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Thank you. You pledged £25")

    def sees_pledged(self, words: str) -> None:
        """The project's page says how much is pledged."""
        self.page.goto(self.project_address)
        expect(self.page.locator("#progress")).to_contain_text(words)
