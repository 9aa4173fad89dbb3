"""What finance fills in: amounts, reasons, notes of calls, bank references and the bank's answer."""

from wtforms import HiddenField

from crowdfund.payouts.answers import MOST_BANK_REFERENCE
from crowdfund.payouts.details import MOST_REASON
from crowdfund.web.forms import Form, MoneyField, TextField
from crowdfund.web.uploads import UploadField


class PlainForm(Form):
    """A button and nothing else."""


class AmountForm(Form):
    """How much is paid out."""

    amount = MoneyField("How much is paid out?", missing="Enter how much is paid out.")


class WhyForm(Form):
    """Why something is done or what happened."""

    reason = TextField("Why?", most=MOST_REASON, missing="Say why in a sentence or two.", lines=True)


class NoteForm(Form):
    """What was found out about the bank details that the page showed."""

    seen = HiddenField()
    note = TextField("What did you find?", most=MOST_REASON, missing="Write it down in a sentence or two.", lines=True)


class BankReferenceForm(Form):
    """Under which reference the bank paid."""

    bank_reference = TextField(
        "The bank’s reference of the payment", most=MOST_BANK_REFERENCE, missing="Enter the bank’s reference."
    )


class AnswerForm(Form):
    """The bank's answer as a file."""

    answer = UploadField("The bank’s answer", missing="Choose the file that the bank gave you.")
