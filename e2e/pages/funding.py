"""Officers of a funder: one assesses a request, another decides, finance posts what came in and pays what is due."""

from dataclasses import dataclass

from playwright.sync_api import expect

from e2e.pages.officer import Officer

FULL = "Offer what was asked for"
DELEGATED = "I decide it within my own limit"
CABINET_MEMBER = "The Cabinet Member decided it"


@dataclass
class FundOfficer(Officer):
    """An officer of one funder."""

    def opens_request(self, title: str) -> None:
        """From the list of requests to one of them; who never declared does so on the way."""
        self.page.goto("/officers/matches")
        self.sees("Requests to funds")
        self.follows(title)
        self.stands_apart()

    def shows_fund(self, words: str, pounds: str) -> None:
        """The fund's money on this page says so much."""
        expect(self.page.locator(".headroom")).to_be_visible()
        assert self.listed(words) == f"£{pounds}"


@dataclass
class Assessor(FundOfficer):
    """Takes requests and assesses them; never decides."""

    def assesses(self, title: str, criterion: str, reason: str) -> None:
        """Declare no interest, take the request, and recommend all that was asked for."""
        self.opens_request(title)
        self.presses("Take the assessment")
        self.reads("Being assessed")
        self.follows("Assess it")
        self.chooses(**{criterion: "Met", "What do you recommend?": FULL})
        self.types(**{"What did you find?": "We asked around.", "Why?": reason})
        self.presses("Record the assessment")
        self.reads(reason)


@dataclass
class Approver(FundOfficer):
    """Decides about what a colleague assessed."""

    def opens_decision(self, title: str) -> None:
        """Declare no interest and come to the decision."""
        self.opens_request(title)
        self.follows("Decide")
        self.sees(f"Decide about {title}")

    def decides(self, reason: str, authority: str = DELEGATED, reference: str = "") -> None:
        """Offer what was asked for, under this authority."""
        self.chooses(**{"What do you decide?": FULL, "Who decided it?": authority})
        self.types(**{"Why? The group reads it.": reason})
        self.types(**{"Reference of that decision (only for a panel or Cabinet Member)": reference})
        self.presses("Record the decision")


@dataclass
class FundFinance(FundOfficer):
    """Promises the funder's money, posts what came in, and pays what is due."""

    def opens_fund(self, fund: str) -> None:
        """From the list of funds to one of them."""
        self.page.goto("/officers/funds")
        self.follows(fund)
        self.sees(fund)

    def promises(self, fund: str, source: str, year: str, pounds: str) -> None:
        """Add a budget line."""
        self.opens_fund(fund)
        self.follows("Add a budget line")
        self.types(**{"Where does the money come from?": source, "How much is it?": pounds})
        self.page.get_by_label("For which financial year?").select_option(label=year)
        self.page.get_by_role("main").get_by_role("button").last.click()
        self.sees(fund)
        self.shows_fund("Budget", pounds)

    def posts(self, fund: str, line: str, pounds: str, reference: str) -> None:
        """Post what arrived in the programme's bank."""
        self.opens_fund(fund)
        self.follows("Post money that came in")
        self.page.get_by_label("For which budget line?").select_option(label=line)
        self.types(**{"How much arrived?": pounds, "The bank’s reference": reference})
        self.presses("Post it")
        self.reads(reference)

    def opens_due(self, title: str, pounds: str) -> None:
        """From the list of what is due to one offer, after the declaration."""
        self.page.goto("/officers/match-due")
        expect(self.page.get_by_role("row").filter(has_text=title)).to_contain_text(f"£{pounds}")
        self.follows(title)
        self.stands_apart()
        assert self.listed("Due") == f"£{pounds}"

    def tries_to_pass_on(self, title: str, pounds: str) -> None:
        """Ask for what cannot be paid yet, and read why."""
        self.follows("Pass it on")
        self.sees(f"Pass £{pounds} on to {title}")
        self.presses("Pass it on")
        self.reads("The funder has not paid in enough for this yet.")

    def passes_on(self, title: str, pounds: str) -> None:
        """Pass what is due on to the project."""
        self.page.goto("/officers/match-due")
        self.follows(title)
        self.follows("Pass it on")
        self.presses("Pass it on")
        self.reads("Paid on")
        self.shows_fund("Confirmed, to be paid", "0")
        assert self.listed("Paid") == f"£{pounds}"

    def records(self, evidence: str, pounds: str) -> None:
        """Record that the funder paid the group itself."""
        self.follows("Record that the funder paid the group")
        self.types(**{"What shows the payment?": evidence})
        self.presses("Record the payment")
        self.reads(evidence)
        assert self.listed("Paid") == f"£{pounds}"

    def sees_nothing_due(self) -> None:
        """Nothing is left to pay."""
        self.page.goto("/officers/match-due")
        self.reads("Nothing is to be paid just now.")
