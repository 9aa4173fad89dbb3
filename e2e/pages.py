"""People at the browser, by what they see: roles and labels, never classes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass
class Resident:
    """Somebody who wants to back a project."""

    page: Page
    title: str
    project_address: str
    read_code: Callable[[], str]

    def finds_the_project(self) -> None:
        """From the home page by the list to the project, then to the amount."""
        self.page.goto("/projects")
        self.page.get_by_role("link", name=self.title).first.click()
        self.page.get_by_role("link", name="Back this project").or_(
            self.page.get_by_role("button", name="Back this project")
        ).first.click()

    def chooses(self, amount: str) -> None:
        """Choose one of the four amounts."""
        self.page.get_by_label(amount, exact=True).check()
        self.page.get_by_role("button", name="Continue").click()

    def says_who_she_is(self, email: str = "rosa@example.org") -> None:
        """Fill in name and e-mail."""
        self.page.get_by_label("Your name").fill("Rosa Field")
        self.page.get_by_label("Your e-mail address").fill(email)
        self.page.get_by_role("button", name="Continue").click()

    def types_the_code(self) -> None:
        """Type the six digits from the mail."""
        self.page.get_by_label("Six-digit code").fill(self.read_code())
        self.page.get_by_role("button", name="Continue").click()

    def agrees(self) -> None:
        """Agree on the check page."""
        self.page.get_by_role("button", name=re.compile("Agree and pledge")).click()

    def reaches_the_card_page(self) -> None:
        """Everything up to the card."""
        self.finds_the_project()
        self.chooses("£25")
        self.says_who_she_is()
        self.types_the_code()
        self.agrees()

    def saves_card(self, number: str) -> None:
        """Type a card into the hosted page."""
        self.page.get_by_label("Card number").fill(number)
        self.page.get_by_label(re.compile("Expir")).fill("12 / 34")
        self.page.get_by_label(re.compile("CVC|Security code")).fill("123")
        self.page.get_by_label(re.compile("Name on card|Cardholder")).fill("Rosa Field")
        self.page.get_by_role("button", name=re.compile("Save")).click()
