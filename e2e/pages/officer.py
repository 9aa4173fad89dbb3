"""An officer at the desk: signs in with a second factor, checks a project and decides about it."""

from dataclasses import dataclass

import pyotp
from playwright.sync_api import expect

from e2e.pages.person import Person


@dataclass
class Officer(Person):
    """A checker of the council."""

    def comes_to_the_desk(self) -> None:
        """Sign in by mail, set an authenticator app up with the key on the page, and arrive at the desk."""
        self.page.goto("/officers/")
        self.signs_in(is_new=False)
        self.sets_app_up()
        self.sees("The officers’ desk")

    def sets_app_up(self) -> None:
        """Set an authenticator app up with the key on the page, and go on to where one wanted to go."""
        self.sees("Set up an authenticator app")
        self.presses("Continue")
        self.sees("Add this service to your app")
        key = self.page.get_by_text("Key: ").locator("strong").inner_text()
        self.types(**{"Six-digit code": pyotp.TOTP(key).now()})
        self.presses("Continue")
        self.sees("Your recovery codes")
        self.follows("I have kept them")

    def takes(self, title: str) -> None:
        """Take the check over from the list, and open the project."""
        row = self.page.get_by_role("row", name=title)
        row.get_by_role("button", name="Assign to me").click()
        expect(row.get_by_role("button", name="Give back")).to_be_visible()
        self.follows(title)

    def stands_apart(self) -> None:
        """Say that nothing ties one to the project."""
        self.chooses(**{"Do you have an interest in this project?": "No, I have none"})
        self.presses("Declare")

    def declares_no_interest(self) -> None:
        """Say so on the way to the project's page."""
        self.stands_apart()
        self.reads("Facts checked automatically")

    def turns_to(self, tab: str) -> None:
        """Turn to one of the pages of a project."""
        self.page.get_by_role("navigation", name="This project").get_by_role("link", name=tab, exact=True).click()

    def asks(self, section: str, question: str) -> None:
        """Ask the group, after a look at what it will see."""
        self.turns_to("Questions")
        self.page.get_by_label("What is question 1 about?").select_option(label=section)
        self.types(**{"Question 1": question})
        self.presses("See what the group will see")
        self.sees("What the group will see")
        self.reads(question)
        self.presses("Send to the group")
        self.reads("Not answered yet")

    def ticks_everything(self) -> None:
        """Answer every point of the checklist with Yes."""
        self.turns_to("Checklist")
        points = self.page.get_by_role("radio", name="Yes", exact=True)
        assert points.count()
        for point in points.all():
            point.check()
        self.presses("Save the checklist")
        self.reads("The checklist is saved")

    def accepts(self, reason: str) -> None:
        """Accept the project."""
        self.turns_to("Project")
        self.follows("Decide")
        self.chooses(**{"What do you decide?": "Accepted"})
        self.types(**{"Why?": reason})
        self.presses("Record the decision")
        self.reads(reason)
