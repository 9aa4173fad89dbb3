"""Somebody at a browser who has an account: what they read, type and press, and how they sign in."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from e2e.mailbox import Mailbox


@dataclass
class Person:
    """A person with an address, at one browser."""

    page: Page
    mailbox: Mailbox
    name: str
    email: str

    def sees(self, heading: str) -> None:
        """The page is headed by these words."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def reads(self, words: str) -> None:
        """The page says these words."""
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def does_not_read(self, words: str) -> None:
        """The page says nothing of the kind."""
        expect(self.page.get_by_role("main")).not_to_contain_text(words)

    def listed(self, key: str) -> str:
        """Return what a list says beside these words."""
        terms = self.page.get_by_role("term").filter(has_text=re.compile(f"^{re.escape(key)}$"))
        return terms.locator("xpath=following-sibling::dd[1]").first.inner_text().strip()

    def follows(self, link: str) -> None:
        """Follow a link of the page itself, by its whole name."""
        self.page.get_by_role("main").get_by_role("link", name=link, exact=True).click()

    def goes_back(self) -> None:
        """Follow the link above the page that leads to where one came from."""
        self.page.locator(".govuk-back-link").click()

    def presses(self, button: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def types(self, **fields: str) -> None:
        """Type into fields: `types(**{"Your name": "Rosa"})`."""
        for label, text in fields.items():
            self.page.get_by_role("textbox", name=label, exact=True).fill(text)

    def question(self, words: str) -> Locator:
        """The choices under a question."""
        return self.page.get_by_role("group", name=words, exact=True)

    def chooses(self, **answers: str) -> None:
        """Choose an answer to each question: `chooses(**{"Who are you?": "A business"})`."""
        for question, answer in answers.items():
            self.question(question).get_by_label(answer, exact=True).check()

    def opens_link(self, template: str) -> None:
        """Open the link of the newest mail of a kind."""
        self.page.goto(self.mailbox.link(self.email, template))

    def signs_in(self, *, is_new: bool = True) -> None:
        """From the page that asks for an address, by the code from the mail; a new person says their name."""
        self.sees("Sign in")
        self.types(**{"Your e-mail address": self.email})
        self.presses("Send me a mail")
        self.sees("Enter the code from your mail")
        self.types(**{"Six-digit code": self.mailbox.code(self.email)})
        self.presses("Sign in")
        if is_new:
            self.sees("What is your name?")
            self.types(**{"What is your name?": self.name})
            self.presses("Continue")

    def sends_again(self) -> None:
        """Send what was kept while one had to sign in."""
        self.sees("We kept what you sent")
        self.presses("Send it again")

    def answers(self, template: str, button: str) -> None:
        """Open the link of a mail, signed in already, and press a button."""
        self.opens_link(template)
        self.presses(button)
        self.sees("Thank you")

    def answers_and_joins(self, template: str, button: str) -> None:
        """Open the link of a mail, press a button, make an account on the way and send the answer."""
        self.opens_link(template)
        self.presses(button)
        self.signs_in()
        self.sends_again()
        self.sees("Thank you")

    def opens_task(self, task: str) -> None:
        """Open a page from a task list."""
        items = self.page.get_by_role("main").get_by_role("listitem")
        items.get_by_role("link", name=task, exact=True).click()

    def sees_status(self, task: str, status: str) -> None:
        """A task list says how far a task is."""
        items = self.page.get_by_role("listitem")
        of_task = items.filter(has=self.page.get_by_text(re.compile(f"^{re.escape(task)}$")))
        expect(of_task).to_contain_text(status)
