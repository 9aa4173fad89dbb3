"""What an approver fills in about a settlement: a choice, its reason, and what the choice rests on."""

from crowdfund.projects.fields import DayField
from crowdfund.projects.running import LONG_REASON, MOST_REASON, NO_REASON
from crowdfund.settlement.deciding import MOST_CONSENT, MOST_NAME, NO_BANK_REFERENCE, NO_FUNDER, NO_TEXT, NO_WHO
from crowdfund.settlement.ring_fence import MOST_WAITS_FOR, NO_WAITS_FOR
from crowdfund.settlement.rules import SHORTFALL_WORDS
from crowdfund.web.choices import Radios
from crowdfund.web.forms import Form, TextField


def _reason() -> TextField:
    # Made anew in each form, so that it comes last there as on the page.
    return TextField("Why?", most=MOST_REASON, missing=NO_REASON, long=LONG_REASON, lines=True)


class ChoiceForm(Form):
    """What becomes of a project for which too little could be collected."""

    choice = Radios(
        "What happens now?",
        choices=[(choice.value, words) for choice, words in SHORTFALL_WORDS.items()],
        missing="Choose what happens now.",
    )


class ReasonForm(Form):
    """Why; the group reads it."""

    reason = _reason()


class TopUpForm(Form):
    """Who paid what was missing."""

    funder = TextField("Which funder paid?", most=MOST_NAME, missing=NO_FUNDER)
    bank_reference = TextField("The payment’s reference on our bank statement", most=60, missing=NO_BANK_REFERENCE)
    reason = _reason()


class AcceptForm(Form):
    """The group's consent: who gave it, when, in which words."""

    who = TextField("Who gave it?", most=MOST_NAME, missing=NO_WHO)
    on = DayField("When?", missing="Enter the day on which the group wrote it.")
    text = TextField("What did the group write?", most=MOST_CONSENT, missing=NO_TEXT, lines=True)
    reason = _reason()


class HoldForm(Form):
    """What the money waits for and until when."""

    waits_for = TextField("What does the money wait for?", most=MOST_WAITS_FOR, missing=NO_WAITS_FOR)
    review_on = DayField("Until when?", missing="Enter the day on which everyone is refunded without it.")
    reason = _reason()


class PaidBackForm(Form):
    """Under which reference finance paid a top-up back."""

    bank_reference = TextField("The payment’s reference on our bank statement", most=60, missing=NO_BANK_REFERENCE)
