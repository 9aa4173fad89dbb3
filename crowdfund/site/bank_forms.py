"""The form for bank details: shapes and labels only."""

from typing import Any

from wtforms import ValidationError

from crowdfund.payouts.details import MOST_NAME, Account
from crowdfund.payouts.numbers import for_the_bank, tidy_account_number, tidy_sort_code
from crowdfund.web.choices import Radios
from crowdfund.web.forms import Form, TextField

ORGANISATION, PERSONAL = "organisation", "personal"


class PlainForm(Form):
    """A button and nothing else."""


class _NameField(TextField):
    """A name that a bank can print."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is missing, too long, or has nothing a bank can print."""
        super().pre_validate(form)
        if not for_the_bank(self.data or ""):
            raise ValidationError("Write the name as it stands on a bank statement, in letters from A to Z.")


class _SortCodeField(TextField):
    """Six digits."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is missing or has another shape."""
        super().pre_validate(form)
        if tidy_sort_code(self.data or "") is None:
            raise ValidationError("A sort code has 6 digits, such as 20-00-00.")


class _AccountNumberField(TextField):
    """Eight digits."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is missing or has another shape."""
        super().pre_validate(form)
        if tidy_account_number(self.data or "") is None:
            raise ValidationError("An account number has 8 digits. Put zeros in front of a shorter one.")


class BankForm(Form):
    """Where to pay."""

    account_name = _NameField("Name of the account", most=MOST_NAME, missing="Enter the name of the account.")
    sort_code = _SortCodeField("Sort code", most=20, missing="Enter the sort code.")
    account_number = _AccountNumberField("Account number", most=20, missing="Enter the account number.")
    kind = Radios(
        "Whose account is it?",
        choices=[(ORGANISATION, "The organisation’s"), (PERSONAL, "Somebody’s personal account")],
        missing="Choose whose account it is.",
    )

    @property
    def account(self) -> Account:
        """What was typed, tidied; ask after validation."""
        sort_code, number = (
            tidy_sort_code(self.sort_code.data or ""),
            tidy_account_number(self.account_number.data or ""),
        )
        return Account(str(self.account_name.data), sort_code or "", number or "", self.kind.data == PERSONAL)
