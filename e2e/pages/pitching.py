"""The owner of a group asks funds for money, answers their offers, and reads how they stand."""

from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import expect

from e2e.pages.finance import Payee

ASKS = "Ask funds to add to what your backers give"
SUBSIDY = "How much public subsidy of this kind has your group had in this financial year and the two before?"


@dataclass
class Pitcher(Payee):
    """An owner at a browser of their own."""

    def comes(self) -> None:
        """Sign in by mail and arrive at the account."""
        self.page.goto("/account")
        self.signs_in(is_new=False)

    def opens_dashboard(self, title: str) -> None:
        """From the account to the dashboard of a project."""
        self.page.goto("/account")
        self.follows(title)
        self.sees(title)

    def pitches(self, title: str, sums: Mapping[str, str], why: str, question: str) -> None:
        """Ask several funds at once: `sums` by the fund's name in pounds; each fund asks the same question."""
        self.opens_dashboard(title)
        self.follows(ASKS)
        self.sees("Money from funds")
        self.follows("Ask funds")
        for fund in sums:
            self.page.get_by_label(fund, exact=True).check()
        self.presses("Continue")
        self.sees("How much do you ask for, and why?")
        self.types(**{f"How much do you ask of {fund}?": pounds for fund, pounds in sums.items()})
        self.types(**{"Why does your project need this money?": why})
        self.presses("Save and continue")
        for fund in sums:
            self.sees(f"Questions of {fund}")
            self.types(**{question: f"For {fund}: everybody who lives here."})
            self.presses("Save and continue")
        self.sees("Check what you ask for")
        self.reads(why)
        for pounds in sums.values():
            self.reads(f"£{pounds}")
        self.presses(f"Send to {len(sums)} funds")
        self.reads("Your requests are sent")

    def accepts_offer(self, fund: str, pounds: str) -> None:
        """By the link in the newest mail of an offer; the group has had no subsidy."""
        self.opens_link("match_offered")
        self.sees(fund)
        self.reads("Offered: the group answers")
        self.follows("Accept the offer")
        self.reads(f"{fund} offers £{pounds}")
        self.types(**{SUBSIDY: "0"})
        self.page.get_by_label("My group agrees to the terms, and what I wrote about subsidies is true").check()
        self.presses("Accept the offer")
        self.reads("Pledged, if the project reaches its target")

    def sees_standing(self, fund: str, pounds: str, words: str) -> None:
        """A row of the requests on the dashboard says how much and where it stands."""
        row = self.page.get_by_role("row").filter(has_text=fund)
        expect(row).to_contain_text(f"£{pounds}")
        expect(row).to_contain_text(words)
