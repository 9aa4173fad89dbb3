"""What a group fills in: which group applies, basics, one answer, an answer to an officer, its reply to an award."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.grants.answers import MOST_TEXT
from crowdfund.grants.plans import Question, QuestionKind
from crowdfund.grants.reviewing import NO_WORDS
from crowdfund.places.queries import DistrictName
from crowdfund.projects.fields import offer
from crowdfund.web.choices import NO, YES, Radios, Select, YesNo
from crowdfund.web.forms import Form, MoneyField, TextField, VersionForm
from crowdfund.web.uploads import UploadField

MOST_TITLE = 80
MOST_REASON = 1000
MOST_WORDS = 4000
NO_FILE = "Choose a file."


class GroupForm(Form):
    """Which of somebody's groups applies."""

    group = Radios("Which group applies?", choices=(), missing="Choose a group.")

    def offer(self, groups: Sequence[tuple[str, str]]) -> None:
        """Let the form choose among these groups: public id and name."""
        self.group.choices = [SelectChoice(key, name) for key, name in groups]


class BasicsForm(VersionForm):
    """What the tier rests on."""

    title = TextField("What is your plan called?", most=MOST_TITLE, missing="Give your plan a name.")
    asked = MoneyField("How much do you ask for?", missing="Enter how much you ask for.")
    income = MoneyField(
        "How much money did your group take in last year?", missing="Enter the sum, 0 if your group is new."
    )
    at_risk = YesNo(
        "Do you work with children or adults at risk in this plan?", missing="Choose yes or no.", no="No, we do not"
    )
    district = Select("Where does it happen?", missing="Choose a district.")

    def offer(self, districts: Sequence[DistrictName]) -> None:
        """Let the form choose among the districts of the county."""
        self.district.choices = offer("Choose a district", [(one.code, one.name) for one in districts])


class AnswerForm(VersionForm):
    """The answer to one question; the field fits its kind."""

    @property
    def typed(self) -> str:
        """What was typed or chosen."""
        return str(self["answer"].data or "")


class DeclareForm(VersionForm):
    """A declaration for the group."""

    agreed = BooleanField("Everything in this application is true as far as I know")

    def validate_agreed(self, field: BooleanField) -> None:
        """Ask for the tick."""
        if not field.data:
            raise ValidationError("Tick the box if everything is true.")


class ReasonForm(VersionForm):
    """Why, where somebody wants to say it."""

    reason = TextField("Why? (if you want to say it)", most=MOST_REASON, lines=True)


class ReplyForm(VersionForm):
    """The answer to an officer's question."""

    answer = TextField("Your answer", most=MOST_WORDS, missing="Write your answer.", lines=True)


class WordsForm(VersionForm):
    """What a group says against a decision."""

    words = TextField("What was overlooked or wrong?", most=MOST_WORDS, missing=NO_WORDS, lines=True)


class SignForm(VersionForm):
    """What a group confirms when it accepts an award."""

    subsidy = MoneyField(
        "How much public subsidy of this kind has your group had in this financial year and the two before?",
        missing="Enter the sum, 0 if there was none.",
    )
    agreed = BooleanField("My group agrees to the terms, and what I wrote about subsidies is true")

    def validate_agreed(self, field: BooleanField) -> None:
        """Ask for the tick."""
        if not field.data:
            raise ValidationError("Tick the box if your group agrees.")


def answer_form(question: Question, **data: Any) -> AnswerForm:
    """Return a form for the answer to a question of this kind; whatever it takes is kept, sound or not."""
    kind: type[AnswerForm] = type("AnswerForm", (AnswerForm,), {"answer": answer_field(question)})
    return kind(data=data)


def answer_field(question: Question) -> Any:
    """Return an unbound field that takes an answer of the question's kind."""
    if question.kind is QuestionKind.FILE:
        return UploadField(question.label, missing=NO_FILE)
    if question.kind is QuestionKind.YES_NO:
        return Radios(question.label, choices=[(YES, "Yes"), (NO, "No")], missing="Choose yes or no.")
    if question.kind is QuestionKind.CHOICE:
        offered = [(option, option) for option in question.options]
        return Radios(question.label, choices=offered, missing="Choose one of the answers.")
    lines = question.kind in {QuestionKind.LONG, QuestionKind.COSTS}
    return TextField(question.label, most=MOST_TEXT, lines=lines)
