"""The forms for one line of a draft's lists."""

from typing import Any

from wtforms import ValidationError

from crowdfund.projects.fields import DayField, Mark, typed_day, typed_pounds
from crowdfund.projects.lines import LineText
from crowdfund.projects.models import ProjectLine
from crowdfund.projects.rules import LineKind
from crowdfund.web.choices import Radios
from crowdfund.web.forms import Form, MoneyField, TextField

CAPITAL, RUNNING = "capital", "running"
PUBLIC, PRIVATE = "public", "private"
CONFIRMED, HOPED = "confirmed", "hoped"
LABEL_LENGTH = 120


class LineForm(Form):
    """One line, with the fingerprint of what its writer saw."""

    seen = Mark(default="")
    label: TextField

    @classmethod
    def typed(cls, line: ProjectLine) -> dict[str, Any]:
        """Return what stands in the fields before anything is typed."""
        return {
            "label": line.label,
            "amount": typed_pounds(line.amount_pence),
            "kind": CAPITAL if line.is_capital else RUNNING,
            "source": PUBLIC if line.is_public else PRIVATE,
            "certainty": CONFIRMED if line.is_confirmed else HOPED,
            "due": typed_day(line.due),
        }

    def text(self) -> LineText:
        """Return what was typed, once the form is valid."""
        return LineText(
            label=self.label.data or "",
            amount_pence=self["amount"].pence if "amount" in self else None,
            is_capital="kind" in self and self["kind"].data == CAPITAL,
            is_public="source" in self and self["source"].data == PUBLIC,
            is_confirmed="certainty" in self and self["certainty"].data == CONFIRMED,
            due=self["due"].day if "due" in self else None,
        )

    def validate_amount(self, field: MoneyField) -> None:
        """Refuse nothing and no money."""
        if field.data and not field.errors and field.pence == 0:
            raise ValidationError("Enter an amount of more than £0.")


class CostForm(LineForm):
    """What something costs."""

    label = TextField("What is it?", most=LABEL_LENGTH, missing="Enter what it is.")
    amount = MoneyField("What does it cost, in pounds?", missing="Enter what it costs.")
    kind = Radios(
        "What kind of cost is it?",
        choices=[(CAPITAL, "Things to buy or build"), (RUNNING, "Running it")],
        missing="Choose what kind of cost it is.",
    )


class OtherMoneyForm(LineForm):
    """Money from elsewhere."""

    label = TextField("Who is it from?", most=LABEL_LENGTH, missing="Enter who the money is from.")
    amount = MoneyField("How much is it, in pounds?", missing="Enter how much it is.")
    source = Radios(
        "Is it public money?",
        choices=[(PUBLIC, "Yes, from a council, the NHS, the Lottery or another public body"), (PRIVATE, "No")],
        missing="Choose whether it is public money.",
    )
    certainty = Radios(
        "Do you have it for certain?",
        choices=[(CONFIRMED, "Yes, it is promised in writing or in our account"), (HOPED, "Not yet, we hope for it")],
        missing="Choose whether you have it for certain.",
    )


class GiftForm(LineForm):
    """What a gift buys."""

    amount = MoneyField("A gift of, in pounds", missing="Enter an amount.")
    label = TextField("What does it buy?", most=LABEL_LENGTH, missing="Enter what it buys.")


class MilestoneForm(LineForm):
    """A step of the plan."""

    label = TextField("What happens?", most=LABEL_LENGTH, missing="Enter what happens.")
    due = DayField("By when?", missing="Enter a date, such as 27 3 2027.")


class HelpForm(LineForm):
    """Help that is not money."""

    label = TextField("What help do you want?", most=LABEL_LENGTH, missing="Enter what help you want.")


LINE_FORMS: dict[LineKind, type[LineForm]] = {
    LineKind.COST: CostForm,
    LineKind.OTHER_MONEY: OtherMoneyForm,
    LineKind.MONEY_USE: GiftForm,
    LineKind.MILESTONE: MilestoneForm,
    LineKind.HELP_WANTED: HelpForm,
}
