"""The forms before there is a group: six questions, and how it is set up; both are sent in the address."""

from typing import Any

from wtforms import ValidationError

from crowdfund.groups.eligibility import (
    ACCOUNT_WORDS,
    AMOUNT_WORDS,
    BENEFIT_WORDS,
    SET_UP_WORDS,
    WHEN_WORDS,
    Account,
    Amount,
    Benefit,
    SetUp,
    When,
)
from crowdfund.groups.rules import FORM_WORDS, LegalForm
from crowdfund.places.rules import tidy_postcode
from crowdfund.web.choices import Radios
from crowdfund.web.forms import Form, TextField

POSTCODE = "Enter a UK postcode, such as CT1 2AA."


class _InAddress(Form):
    """A form that is sent by GET: its answers stand in the address, so it needs no token."""

    class Meta:
        """Nothing is changed by it."""

        csrf = False


class StartForm(_InAddress):
    """Six questions before anybody signs in; nothing personal."""

    postcode = TextField("Where does your project happen?", most=10, missing="Enter a postcode.", long=POSTCODE)
    benefit = Radios("Who gains from it?", choices=BENEFIT_WORDS.items(), missing="Choose who gains from it.")
    set_up = Radios("Who are you?", choices=SET_UP_WORDS.items(), missing="Choose what comes closest to your group.")
    account = Radios(
        "Is there a bank account in the group’s name?",
        choices=ACCOUNT_WORDS.items(),
        missing="Choose whether there is a bank account in the group’s name.",
    )
    amount = Radios("About how much do you need?", choices=AMOUNT_WORDS.items(), missing="Choose about how much.")
    when = Radios("When do you need the money?", choices=WHEN_WORDS.items(), missing="Choose when you need it.")

    def validate_postcode(self, field: TextField) -> None:
        """Refuse what is not shaped like a postcode."""
        refuse_odd_postcode(field)

    @property
    def choices(self) -> dict[str, Any]:
        """The five choices, once the form is valid."""
        kinds = {"benefit": Benefit, "set_up": SetUp, "account": Account, "amount": Amount, "when": When}
        return {name: kind(self[name].data) for name, kind in kinds.items()}


class SetUpForm(_InAddress):
    """How a group, or a host, is set up; the next page asks for the numbers that go with it."""

    legal_form = Radios("How is your group set up?", choices=FORM_WORDS.items(), missing="Choose how it is set up.")

    def leave_out_informal(self) -> None:
        """A host is always constituted."""
        self.legal_form.choices = [one for one in self.legal_form.choices if one.value != LegalForm.INFORMAL]


def refuse_odd_postcode(field: TextField) -> None:
    """Raise ValidationError for what is not shaped like a postcode."""
    if field.data and len(field.data) <= field.most and tidy_postcode(field.data) is None:
        raise ValidationError(POSTCODE)
