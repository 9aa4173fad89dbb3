"""People of a group: they find out whether we can help, set the group up, and write a project together."""

import re
from dataclasses import dataclass

from playwright.sync_api import expect

from e2e.pages.person import Person
from tests.support.images import photo

SIX_ANSWERS = {
    "Who gains from it?": "Anyone in the community, or people who need help most",
    "Who are you?": "Neighbours or friends without written rules",
    "Is there a bank account in the group’s name?": "No",
    "About how much do you need?": "£500 to £5,000",
    "When do you need the money?": "In 3 to 12 months",
}
READINESS = {
    "Does your group have written rules?": "No",
    "Is there a bank account in the group’s name?": "No",
    "Do two people sign for it who are not related?": "No",
    "Do you work with children or adults at risk?": "We do not work with children or adults at risk",
}
WRITER = "Writer: writes answers and news"


@dataclass
class Member(Person):
    """A person of a group."""

    def finds_out(self) -> None:
        """Answer the six questions that need no account, and begin."""
        self.page.goto("/")
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Start a project").click()
        self.sees("Can we help your project?")
        self.types(**{"Where does your project happen?": "TN23 1PL"})
        self.chooses(**SIX_ANSWERS)
        self.presses("See where we stand")
        self.sees("Yes, you can start")
        self.follows("Begin with your group")

    def adds_group(self, name: str) -> None:
        """Say who the group is."""
        self.sees("Your group")
        about = {"What does the group do?": "We look after the hall.", "Town or village": "Ashford"}
        self.types(**{"Name of the group": name, "Postcode": "TN23 1PL"}, **about)
        self.presses("Add your group")
        self.sees(name)

    def says_what_it_has(self) -> None:
        """Answer the four questions about rules, account, signatories and safeguarding."""
        self.opens_task("Rules, bank account, signatories, safeguarding")
        self.chooses(**READINESS)
        self.presses("Save")
        self.sees_status("Rules, bank account, signatories, safeguarding", "Completed")

    def invites(self, name: str, email: str) -> None:
        """Ask somebody into the group as a writer."""
        self.opens_task("People of your group")
        self.follows("Invite somebody")
        self.types(**{"Their name": name, "Their e-mail address": email})
        self.chooses(**{"What may they do?": WRITER})
        self.presses("Send the invitation")
        self.reads(f"{name}, {email}")
        self.goes_back()

    def names_host(self, host: str, contact: str, email: str) -> None:
        """Name the body that is to take the money."""
        self.opens_task("A host to take the money")
        self.follows("Name your host")
        self.chooses(**{"How is the host set up?": "Unincorporated association"})
        self.presses("Continue")
        self.types(**{"Name of the host": host, "Who answers for it?": contact, "Their e-mail address": email})
        self.presses("Ask them")
        self.reads(f"We asked {host}")
        self.goes_back()

    def starts_project(self, title: str) -> None:
        """Begin a draft with three answers."""
        self.follows("Start a project")
        self.types(**{"What is your project called?": title, "The postcode of the place": "TN23 1PL"})
        self.chooses(**{"What is it mostly about?": "Places to meet"})
        self.presses("Start")
        self.sees(title)

    def fills(self, task: str, typed: dict[str, str], chosen: dict[str, str] | None = None) -> None:
        """Fill a section of one page."""
        self.opens_task(task)
        self.types(**typed)
        self.chooses(**(chosen or {}))
        self.presses("Save and continue")
        self.sees_status(task, "Completed")

    def says_where(self, place: str) -> None:
        """Fill the section with lists to choose from."""
        self.opens_task("Where it happens")
        self.types(**{"The name of the place": place})
        self.page.get_by_label("Electoral division in Ashford").select_option(label="I do not know")
        self.presses("Save and continue")
        self.sees_status("Where it happens", "Completed")

    def lists(self, task: str, add: str, typed: dict[str, str], chosen: dict[str, str] | None = None) -> None:
        """Add one line to a list, and come back."""
        self.opens_task(task)
        self.follows(add)
        self.types(**typed)
        self.chooses(**(chosen or {}))
        self.presses("Save")
        self.reads(next(iter(typed.values())))
        self.follows("Back to your project")

    def shows_photo(self, words: str) -> None:
        """Upload a photo that Pillow drew, see it, and come back."""
        self.opens_task("A picture")
        self.follows("Use a photo of your own")
        field = self.page.get_by_label("Your photo", exact=True)
        field.set_input_files({"name": "hall.jpg", "mimeType": "image/jpeg", "buffer": photo()})
        self.types(**{"What does the photo show?": words})
        self.page.get_by_label(re.compile("^Everyone who can be recognised agreed")).check()
        self.presses("Save the photo")
        expect(self.page.get_by_role("img", name=words)).to_be_visible()
        self.follows("Continue")

    def shares_draft(self) -> str:
        """Make the link for the committee; returns it."""
        self.opens_task("See your page as backers will")
        self.presses("Make a link for your committee")
        link = self.page.get_by_role("link", name="committee").inner_text()
        self.goes_back()
        return link

    def submits(self, signatory: str, email: str) -> None:
        """Check the answers, declare for the group and hand the project in."""
        self.opens_task("Check your answers")
        self.follows("Go on to the declaration")
        self.page.get_by_label("I declare this for my group").check()
        self.types(**{"The second signatory’s name": signatory, "The second signatory’s e-mail address": email})
        self.presses("Declare and submit")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Your project is with the council")
        self.follows("Back to your project")

    def answers_council(self, task: str, words: str) -> None:
        """Answer the council's question where it is asked."""
        self.opens_task(task)
        self.reads("The council asks")
        self.types(**{"Your answer to the council": words})
        self.presses("Save and continue")

    def launches(self) -> None:
        """Open the project for pledges; answers at the dashboard."""
        self.follows("Launch your project")
        self.presses("Launch now")
