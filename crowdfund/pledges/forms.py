"""The forms of the pledge journey: syntax and labels; whether an amount is allowed is for the rules."""

from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.core.ids import public_id
from crowdfund.core.money import pounds
from crowdfund.places.rules import tidy_postcode
from crowdfund.pledges.rules import AMOUNT_AUDIENCE_WORDS, NAME_AUDIENCE_WORDS, SUGGESTED_PENCE, Audience
from crowdfund.web.forms import EmailField, Form, MoneyField, TextField

_OTHER = "other"


class Choice(RadioField):  # type: ignore[misc]
    """Radios whose only complaint is our own sentence."""

    def __init__(self, label: str, *, choices: list[tuple[str, str]], missing: str, **kw: Any) -> None:
        offered = [SelectChoice(value, words) for value, words in choices]
        super().__init__(label, choices=offered, validate_choice=False, **kw)
        self._missing = missing

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was chosen; a choice that is missing from the form is no choice, not the default."""
        self.data = str(valuelist[0]) if valuelist else None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - WTForms passes it
        """Refuse anything but one of the choices."""
        if self.data not in {offered.value for offered in self.choices}:
            raise ValidationError(self._missing)


class AmountForm(Form):
    """Four amounts or one's own; nothing is chosen beforehand."""

    choice = Choice(
        "How much would you like to pledge?",
        choices=[(str(p), pounds(p)) for p in SUGGESTED_PENCE] + [(_OTHER, "Another amount")],
        missing="Choose an amount, or choose “Another amount” and enter it.",
    )
    amount = MoneyField("Another amount, in pounds")
    token = HiddenField(default=public_id)

    def validate_amount(self, field: MoneyField) -> None:
        """Ask for the amount where none of the four was chosen."""
        if self.choice.data == _OTHER and not field.data:
            raise ValidationError("Enter the amount you would like to pledge.")

    def validate_token(self, field: HiddenField) -> None:
        """Give a form without a sound token a fresh one."""
        if not (isinstance(field.data, str) and field.data.isalnum() and len(field.data) == 26):
            field.data = public_id()

    def validate(self, *args: Any, **kw: Any) -> bool:
        """An amount typed without choosing “Another amount” is what the person meant."""
        if not self.choice.data and self.amount.data:
            self.choice.data = _OTHER
        return bool(super().validate(*args, **kw))

    @property
    def pence(self) -> int:
        """The chosen amount in pence, once the form is valid."""
        if self.choice.data != _OTHER:
            return int(self.choice.data or 0)
        assert self.amount.pence is not None
        return self.amount.pence


def _audience(label: str, words: dict[Audience, str], missing: str) -> Choice:
    return Choice(label, choices=[(a.value, words[a]) for a in Audience], missing=missing, default="everyone")


class AudienceForm(Form):
    """Who may see the name and the amount, and who may write."""

    @property
    def audiences(self) -> tuple[Audience, Audience]:
        """The chosen audiences of name and amount, once the form is valid."""
        return Audience(self.name_audience.data or ""), Audience(self.amount_audience.data or "")

    name_audience = _audience("Who may see your name?", NAME_AUDIENCE_WORDS, "Choose who may see your name.")
    amount_audience = _audience("Who may see the amount?", AMOUNT_AUDIENCE_WORDS, "Choose who may see the amount.")
    share_with_group = BooleanField("The group may see my name and e-mail address and write to me about this project")
    wants_news = BooleanField("E-mail me news about other projects")

    def validate_share_with_group(self, field: BooleanField) -> None:
        """Refuse what contradicts itself."""
        if field.data and self.name_audience.data == Audience.NOBODY:
            raise ValidationError("You chose that nobody sees your name, so the group cannot write to you.")


class BackerForm(AudienceForm):
    """Who the backer is; only name and e-mail are needed."""

    name = TextField("Your name", most=100, missing="Enter your name.")
    email = EmailField("Your e-mail address", missing="Enter your e-mail address.")
    postcode = TextField("Your postcode (optional)", most=10, long="Enter a UK postcode, such as CT1 2AA.")
    message = TextField("A message to show with your pledge (optional)", most=300, lines=True)

    def validate_postcode(self, field: TextField) -> None:
        """Refuse what is not shaped like a postcode."""
        if field.data and len(field.data) <= field.most and tidy_postcode(field.data) is None:
            raise ValidationError("Enter a UK postcode, such as CT1 2AA.")


class CodeForm(Form):
    """The six-digit code from the mail; spaces between digits are fine."""

    code = TextField(
        "Six-digit code", most=20, missing="Enter the six digits from our mail.", long="The code has six digits."
    )

    def validate_code(self, field: TextField) -> None:
        """Refuse what cannot be a code, without using up a try."""
        digits = "".join((field.data or "").split())
        if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
            raise ValidationError("The code has six digits, such as 123456.")
        field.data = digits


class AgreeForm(Form):
    """The check page's button, with the version of the wording and the match (pence) that were shown."""

    version = HiddenField()
    quoted = HiddenField()


class PlainForm(Form):
    """A button and nothing else."""
