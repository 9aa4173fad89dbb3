"""What officers fill in about funds and their money; the pages of the terms are in fund_terms_forms."""

from collections.abc import Sequence
from datetime import date

from wtforms import HiddenField, ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.funds.actions import MOST_ABOUT, MOST_NAME, NO_ABOUT, NO_NAME
from crowdfund.funds.budgets import MOST_REFERENCE, MOST_SOURCE, years_from
from crowdfund.funds.models import BudgetLine, Funder
from crowdfund.matching.carrying import MOST_REASON, NO_REASON
from crowdfund.web.choices import Radios, Select, YesNo
from crowdfund.web.forms import Form, MoneyField, TextField

RAISE, LOWER = "raise", "lower"
NO_AMOUNT = "Enter an amount in pounds, such as 25000."


class PlainForm(Form):
    """A button and nothing else."""


class FundForm(Form):
    """What a fund is called and for."""

    name = TextField("Name of the fund", most=MOST_NAME, missing=NO_NAME)
    about = TextField("What is it for?", most=MOST_ABOUT, missing=NO_ABOUT, lines=True)


class NewFundForm(FundForm):
    """A new fund: whose it is, and how its money reaches groups."""

    funder = Select("Whose fund is it?", missing="Choose whose fund it is.")
    pays_direct = YesNo(
        "How does its money reach groups?",
        missing="Choose how its money reaches groups.",
        yes="The funder pays groups itself",
        no="The funder pays in, and the programme passes it on",
    )

    def offer(self, funders: Sequence[Funder]) -> None:
        """Let the form choose among these funders."""
        self.funder.choices = [
            SelectChoice("", "Choose a funder"),
            *(SelectChoice(one.public_id, one.name) for one in funders),
        ]


class MoveForm(Form):
    """Which fund goes one place up or down."""

    fund = HiddenField(default="")
    way = HiddenField(default="")


class LineForm(Form):
    """A new budget line."""

    source = TextField("Where does the money come from?", most=MOST_SOURCE, missing="Enter where the money comes from.")
    year = Select("For which financial year?", missing="Choose a financial year.")
    amount = MoneyField("How much is it?", missing=NO_AMOUNT)

    def offer(self, today: date) -> None:
        """Let the form choose among the years around a day."""
        self.year.choices = [SelectChoice("", "Choose a year"), *(SelectChoice(one, one) for one in years_from(today))]


class ChangeForm(Form):
    """How a budget line changes."""

    way = Radios(
        "What changes?",
        choices=[(RAISE, "It is raised"), (LOWER, "It is lowered")],
        missing="Choose whether the line is raised or lowered.",
    )
    amount = MoneyField("By how much?", missing=NO_AMOUNT)
    once = HiddenField(default="")

    @property
    def pence(self) -> int:
        """The change in pence, negative where the line is lowered."""
        pence = self.amount.pence or 0
        return -pence if self.way.data == LOWER else pence


class ReceiptForm(Form):
    """Money that arrived in the programme's bank."""

    line = Select("For which budget line?", missing="Choose the budget line that the money is for.")
    amount = MoneyField("How much arrived?", missing=NO_AMOUNT)
    reference = TextField("The bank’s reference", most=MOST_REFERENCE, missing="Enter the bank’s reference.")

    def offer(self, lines: Sequence[BudgetLine]) -> None:
        """Let the form choose among these lines."""
        self.line.choices = [
            SelectChoice("", "Choose a budget line"),
            *(SelectChoice(one.public_id, f"{one.source}, {one.year}") for one in lines),
        ]

    def validate_reference(self, field: TextField) -> None:
        """Refuse what would not tell one payment from another."""
        if field.data and not any(letter.isalnum() for letter in field.data):
            raise ValidationError("Enter the bank’s reference as it stands on the statement.")


class CarryForm(Form):
    """Why what is left of a year goes into the next one."""

    reason = TextField("Why is it carried forward?", most=MOST_REASON, missing=NO_REASON, lines=True)
    reference = TextField("Reference of the decision, if it has one elsewhere", most=40)
