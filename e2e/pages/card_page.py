"""The hosted page where a card is saved or a pledge is paid, and the bank's question."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

GOOD = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
DECLINED_LATER = "4000 0000 0000 0341"
ASKS_BANK = "4000 0025 0000 3155"
ALWAYS_ASKS_BANK = "4000 0027 6000 3184"
FAR_OFF = "12 / 34"


@dataclass
class CardPage:
    """What the payer does there."""

    page: Page

    def saves(self, number: str = GOOD, expiry: str = FAR_OFF) -> None:
        """Type a card and save it."""
        self._types(number, expiry)
        self.page.get_by_role("button", name="Save your card").click()

    def pays(self, amount: str, number: str = GOOD) -> None:
        """Type a card and pay exactly this amount with it."""
        self._types(number, FAR_OFF)
        self.page.get_by_role("button", name=f"Pay {amount}", exact=True).click()

    def _types(self, number: str, expiry: str) -> None:
        for label, value in (("Card number", number), ("Expiry date", expiry), ("Security code", "123")):
            self.page.get_by_role("textbox", name=label).fill(value)
        self.page.get_by_role("textbox", name="Name on card").fill("Rosa Field")

    def answers_the_bank(self, answer: str) -> None:
        """Press Complete or Fail on the bank's page."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
        self.page.get_by_role("button", name=answer).click()

    def says(self, words: str) -> None:
        """The page's error summary says why."""
        expect(self.page.get_by_role("alert")).to_contain_text(re.compile(words))

    def cancels(self) -> None:
        """Go back without saving."""
        self.page.get_by_role("link", name="Cancel and go back").click()
