"""A backer: pledges, comes back by the links of their mails, and reads what became of the money."""

import re
from dataclasses import dataclass

from playwright.sync_api import expect

from e2e.pages.card_page import FAR_OFF, CardPage
from e2e.pages.person import Person


@dataclass
class Backer(Person):
    """Somebody without an account who backs one project."""

    title: str
    project_address: str
    pledge_address: str = ""

    @property
    def card(self) -> CardPage:
        """The page where card details are entered."""
        return CardPage(self.page)

    def pledges(self, amount: str, card: str, expiry: str = FAR_OFF) -> None:
        """From the project's page to a pledge that counts."""
        self.reaches_check(amount)
        self.agrees(card, expiry)
        self.sees(f"Thank you. You pledged {amount}")
        self.pledge_address = self.page.url

    def reaches_check(self, amount: str) -> None:
        """From the project's page to the page that says what one agrees to."""
        self.page.goto(self.project_address)
        self.page.get_by_role("link", name="Back this project").click()
        self.page.get_by_label(amount, exact=True).check()
        self.presses("Continue")
        self.types(**{"Your name": self.name})
        self.page.get_by_label("Your e-mail address").fill(self.email)
        self.presses("Continue")
        expect(self.page.get_by_label("Six-digit code")).to_be_visible()
        code = self.mailbox.newest(self.email, "pledge_code").subject.split()[0]
        self.page.get_by_label("Six-digit code").fill(code)
        self.presses("Continue")
        self.sees("Check your pledge")

    def agrees(self, card: str, expiry: str = FAR_OFF) -> None:
        """Agree to what the page says and save a card."""
        self.page.get_by_role("button", name=re.compile("^Agree and pledge £")).click()
        self.card.saves(card, expiry)

    def sees_row(self, giver: str, amount: str) -> None:
        """The project's page says how much one giver adds."""
        rows = self.page.locator("#progress .progress__rows > div").filter(has_text=giver)
        expect(rows.get_by_role("definition")).to_have_text(amount)

    def opens_pledge(self, template: str) -> None:
        """Open the pledge by the link in the newest mail of a kind; a browser that does not know it yet asks first."""
        self.opens_link(template)
        if not self.pledge_address:
            self.presses("Open my pledge")
        expect(self.page.get_by_role("term").filter(has_text="Where it stands")).to_be_visible()
        self.pledge_address = self.page.url

    def sees_progress(self, words: str) -> None:
        """The project's page says how it stands."""
        self.page.goto(self.project_address)
        expect(self.page.locator("#progress")).to_contain_text(words)
