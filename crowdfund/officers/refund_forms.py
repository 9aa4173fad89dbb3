"""What officers fill in about refunds: how much, why, and how a failed one was made good."""

from crowdfund.payments.refunding import MOST_REASON, NO_REASON
from crowdfund.web.forms import Form, MoneyField, TextField


class PlainForm(Form):
    """A button and nothing else."""


class AskForm(Form):
    """How much of a payment goes back, and why."""

    amount = MoneyField("How much goes back?", missing="Enter how much goes back.")
    reason = TextField("Why?", most=MOST_REASON, missing=NO_REASON, lines=True)


class WhyForm(Form):
    """Why a refund is rejected."""

    reason = TextField("Why?", most=MOST_REASON, missing=NO_REASON, lines=True)


class HowForm(Form):
    """How a backer got the money whose refund had failed."""

    how = TextField(
        "How was it paid?", most=MOST_REASON, missing="Say how it was paid, with the bank’s reference.", lines=True
    )
