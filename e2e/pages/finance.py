"""The money after a campaign: an owner says where it goes; two finance officers refund and pay out."""

from dataclasses import dataclass
from pathlib import Path

from e2e.pages.officer import Officer

SORT_CODE, ACCOUNT = "20-04-15", "38290008"


@dataclass
class Payee(Officer):
    """The owner of a group."""

    def gives_bank_details(self, group: str) -> None:
        """By the link in the mail that says that the project is funded, and with an authenticator app set up."""
        self.opens_link("settlement_funded")
        if self.page.get_by_role("heading", level=1, name="Sign in", exact=True).is_visible():
            self.signs_in(is_new=False)
        self.follows("Open the bank details")
        self.follows("Give the bank details")
        self.sets_app_up()
        self.sees(f"Bank details of {group}")
        self.types(**{"Name of the account": group, "Sort code": SORT_CODE, "Account number": ACCOUNT})
        self.chooses(**{"Whose account is it?": "The organisation’s"})
        self.presses("Save the bank details")
        self.reads("We have the bank details")
        self.reads("0008")

    def opens_statement(self, title: str) -> None:
        """From the account to the statement of a project."""
        self.page.goto("/account")
        self.follows(title)
        self.follows("Statement: collected, given back, paid out")
        self.sees(f"Statement for {title}")


@dataclass
class FinanceOfficer(Officer):
    """One of the two."""

    def goes_to(self, *links: str) -> None:
        """From the desk along these links."""
        self.page.goto("/officers/")
        for link in links:
            self.follows(link)

    def asks_for_refund(self, reference: str, amount: str, reason: str) -> None:
        """Find a payment by its pledge and ask for a part of it."""
        self.goes_to("Refunds", "Find a payment to give back")
        self.page.get_by_role("searchbox").fill(reference)
        self.presses("Find")
        self.follows(reference)
        self.follows("Ask for a refund")
        self.types(**{"How much goes back?": amount, "Why?": reason})
        self.presses("Ask for the refund")

    def approves_refund(self, reference: str) -> None:
        """Approve what a colleague asked for, after the question whether one has an interest."""
        self.goes_to("Refunds", reference, "Approve")
        self.stands_apart()
        self.presses("Approve the refund")
        self.sees(f"Refund for pledge {reference}")

    def records_a_call(self, title: str) -> None:
        """Ring the payee back."""
        self.goes_to("Payouts", "Projects with money to pay out", title, "Record a call")
        self.types(**{"What did you find?": "Rang Ann on the number of the group’s form: she read 0008 out."})
        self.presses("Record the call")
        self.reads("Rang Ann")

    def prepares_payout(self, title: str, amount: str) -> None:
        """Prepare a payout of all that is left."""
        self.goes_to("Payouts", "Projects with money to pay out", title)
        assert self.listed("Can be paid out now") == f"£{amount}"
        self.follows("Prepare a payout")
        self.stands_apart()
        self.types(**{"How much is paid out?": amount})
        self.presses("Prepare the payout")
        self.reads("Prepared")

    def approves_payout(self, title: str, *, declares: bool = False) -> None:
        """Look at the full numbers and approve what a colleague prepared; `declares` no interest first."""
        self._opens_payout(title)
        self.follows("Approve")
        if declares:
            self.stands_apart()
        self.presses("Show the full numbers")
        assert self.listed("Account number") == ACCOUNT
        self.presses("Approve the payout")
        self.reads("Approved")

    def makes_the_file(self, folder: Path) -> str:
        """Make the payment file and download it; return what is in it."""
        self.goes_to("Payouts", "Payment files", "Make a payment file")
        self.presses("Make the file")
        with self.page.expect_download() as coming:
            self.presses("Download the file")
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path.read_text(encoding="utf-8-sig")

    def confirms_payout(self, title: str, bank_reference: str) -> None:
        """Record that the bank paid."""
        self._opens_payout(title)
        self.follows("It arrived")
        self.types(**{"The bank’s reference of the payment": bank_reference})
        self.presses("Confirm that it arrived")
        assert self.listed("Bank’s reference") == bank_reference

    def asks_for_a_comparison(self) -> None:
        """Have the books compared with the provider's."""
        self.goes_to("Cash book", "Compare them now")
        self.presses("Compare now")

    def sees_the_books_agree(self) -> None:
        """What the provider holds is what the cash book says, to the penny."""
        self.goes_to("Cash book")
        self.reads("They agreed to the penny")
        self.page.goto("/officers/money/reconciliation")
        self.reads("They agree, to the penny")
        assert self.listed("The provider holds") == self.listed("The cash book says")

    def _opens_payout(self, title: str) -> None:
        self.goes_to("Payouts")
        row = self.page.get_by_role("row").filter(has_text=title)
        row.get_by_role("link").first.click()
