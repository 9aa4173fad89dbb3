"""A page in a state: how to get there, and whose browser may see it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import pyotp
from playwright.sync_api import Page

Step = Callable[[Page], object]


class Who(StrEnum):
    """Whose browser looks at a page."""

    HOLDER = "a visitor who was handed pledges"
    BACKER = "a signed-in backer"
    OWNER = "the owner of a group"
    READER = "somebody who reads along in a group"
    CHECKER = "an officer who gave a second factor"
    NEW_OFFICER = "an officer without an authenticator app"
    STARTING_OFFICER = "an officer who sets an authenticator app up"
    FINANCE = "a finance officer who gave a second factor"
    APPROVER = "an approver of the programme who gave a second factor"
    ASKER = "the owner of a group that asks funds"
    ASSESSOR = "an officer who assesses for a funder"
    DECIDER = "an officer who decides for a funder"
    FUND_EDITOR = "an officer who writes a fund's terms"
    FUND_PAYER = "an officer who pays for a funder"
    PAYEE = "the owner of a group that is paid, with a second factor"
    LATE_OFFICER = "an officer whose second factor was given in another session"


@dataclass(frozen=True)
class Scene:
    """A page in a state. `address` may name a place of the town; `steps` are what `who` does there.

    `fieldless`: what is wrong lies in no one field, so the summary links to none.
    """

    address: str
    steps: tuple[Step, ...] = ()
    wrong: bool = False
    refused: bool = False
    who: Who = Who.HOLDER
    elsewhere: bool = False
    fieldless: bool = False

    def reach(self, page: Page, addresses: dict[str, str]) -> None:
        """Bring the page there; `addresses` are the places of the town by name."""
        page.goto(re.sub(r"\{(.+?)\}", lambda found: addresses[found[1]], self.address))
        for step in self.steps:
            step(page)
            page.wait_for_load_state()


def press(name: str) -> Step:
    """Press a button."""
    return lambda page: page.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).first.click()


def type_in(label: str, text: str) -> Step:
    """Type into a field."""
    return lambda page: page.get_by_role("textbox", name=label).fill(text)


def choose(label: str) -> Step:
    """Choose the first answer with this label."""
    return lambda page: page.get_by_label(label, exact=True).first.check()


def pick(label: str, option: str) -> Step:
    """Pick an option of a list."""
    return lambda page: page.get_by_label(label).select_option(label=option)


def type_app_code(page: Page) -> None:
    """Type what an authenticator app shows for the key on the page."""
    key = page.get_by_text("Key:").locator("strong").inner_text()
    page.get_by_role("textbox", name="Six-digit code").fill(pyotp.TOTP(key.replace(" ", "")).now())


def somebody_else(*steps: Step) -> Step:
    """Have somebody else do these steps on the same page meanwhile."""

    def meanwhile(page: Page) -> None:
        other = page.context.new_page()
        other.goto(page.url)
        for step in steps:
            step(other)
        other.close()

    return meanwhile


def wrong(address: str, button: str, *typing: Step, who: Who = Who.HOLDER) -> Scene:
    """Return the scene of a form that comes back with what is wrong in it."""
    return Scene(address, (*typing, press(button)), wrong=True, who=who)
