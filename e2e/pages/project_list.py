"""The list of projects, by what a visitor sees."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass
class ProjectList:
    """A visitor who looks for projects."""

    page: Page

    def opens(self, query: str = "") -> None:
        """Go to the list, narrowed by what stands in the address."""
        self.page.goto(f"/projects{query}")

    @property
    def word(self) -> Locator:
        """The search field."""
        return self.page.get_by_label("Word, place or postcode")

    def narrows(self, label: str, choice: str) -> None:
        """Choose in one of the lists above."""
        field = self.page.get_by_label(label, exact=True)
        field.focus()
        field.select_option(label=choice)

    def applies(self) -> None:
        """Press the button that works without JavaScript too."""
        self.page.get_by_role("button", name="Apply").click()

    def takes_away(self, words: str) -> None:
        """Remove an active filter."""
        filters = self.page.get_by_role("list", name="Active filters")
        filters.get_by_role("link", name=re.compile(f"^{re.escape(words)} ?: remove this filter$")).click()

    def counts(self, words: str) -> None:
        """The heading above the results says how many there are."""
        expect(self.page.get_by_role("heading", level=2, name="found")).to_have_text(f"{words} found")

    @property
    def titles(self) -> list[str]:
        """The projects on the page, in order."""
        return self.page.locator("#results").get_by_role("heading", level=3).all_inner_texts()
