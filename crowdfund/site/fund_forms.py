"""What somebody says who looks for money for a project; every answer may be left out."""

from datetime import date
from typing import Any

from wtforms import ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.funds.fitting import Capital, Wish
from crowdfund.funds.words import Names
from crowdfund.projects.fields import Boxes
from crowdfund.web.choices import Select
from crowdfund.web.forms import Form, MoneyField

NOT_SURE = "Not sure yet"
LARGEST_PENCE = 100_000_000_00
CAPITAL_WORDS: dict[Capital, str] = {
    Capital.NONE: "None of it",
    Capital.SOME: "Some of it",
    Capital.ALL: "All of it",
}


class _Boxes(Boxes):
    """Checkboxes of which none may be ticked."""

    def pre_validate(self, form: Any) -> None:
        """Refuse only what is not on offer."""
        if self.data:
            super().pre_validate(form)


class FindForm(Form):
    """A project in a few words, as terms of funds ask about it."""

    class Meta:
        """It is asked in the address and changes nothing."""

        csrf = False

    district = Select("Where does it happen?")
    objectives = _Boxes("What does it do? Tick all that fit", choices=(), missing="Choose only from the list.")
    legal_form = Select("How is your group set up?")
    capital = Select("How much of the money is for things that last, such as buildings and equipment?")
    target = MoneyField("How much do you want to raise?")

    def offer(self, names: Names) -> None:
        """Let the form choose among what can be named."""
        self.district.choices = _offered(names.districts)
        self.legal_form.choices = _offered(names.legal_forms)
        self.capital.choices = _offered({of.value: words for of, words in CAPITAL_WORDS.items()})
        self.objectives.choices = [SelectChoice(code, words) for code, words in names.objectives.items()]

    def validate_target(self, field: MoneyField) -> None:
        """Refuse nothing at all, and more than any project costs."""
        if field.pence is not None and not 0 < field.pence <= LARGEST_PENCE:
            raise ValidationError("Enter an amount above £0 that a project can cost.")

    def wish(self, today: date) -> Wish:
        """Return what was said as the terms of funds see it."""
        return Wish(
            today=today,
            target_pence=self.target.pence,
            district=self.district.data or None,
            objectives=frozenset(self.objectives.data) if self.objectives.data else None,
            legal_form=self.legal_form.data or None,
            capital=Capital(self.capital.data) if self.capital.data else None,
        )


def _offered(words: dict[str, str] | Any) -> list[SelectChoice]:
    return [SelectChoice("", NOT_SURE), *(SelectChoice(code, text) for code, text in words.items())]
