"""What a group fills in about funds: which it asks, how much and why, their questions, its answer to an offer."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.matching.choosing import Choice
from crowdfund.matching.drafting import MOST_WHY, NO_FUND, NO_SUM, NO_WHY, fault_of
from crowdfund.projects.fields import Boxes
from crowdfund.web.forms import MoneyField, TextField, VersionForm

MOST_ANSWER = 6000
MOST_REASON = 1000


class FundsForm(VersionForm):
    """Which funds are asked."""

    funds = Boxes("Which funds do you want to ask?", choices=(), missing=NO_FUND)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Let the form choose among the funds that can be asked now."""
        self.funds.choices = [SelectChoice(one.key, one.fund.name) for one in choices if not one.bar]


class SumsForm(VersionForm):
    """How much each fund is asked for, and why."""

    keys: tuple[str, ...] = ()
    why = TextField("Why does your project need this money?", most=MOST_WHY, missing=NO_WHY, lines=True)

    @property
    def sums(self) -> dict[str, int]:
        """What each fund is asked for, in pence; ask after validation."""
        return {key: self[f"sum_{key}"].pence or 0 for key in self.keys}


class QuestionsForm(VersionForm):
    """A fund's own questions."""

    keys: tuple[str, ...] = ()

    @property
    def answers(self) -> dict[str, str]:
        """The answers by the key of the question."""
        return {key: self[f"q_{key}"].data or "" for key in self.keys}


class AcceptForm(VersionForm):
    """What a group confirms when it accepts an offer."""

    subsidy = MoneyField(
        "How much public subsidy of this kind has your group had in this financial year and the two before?",
        missing="Enter the sum, 0 if there was none.",
    )
    agreed = BooleanField("My group agrees to the terms, and what I wrote about subsidies is true")

    def validate_agreed(self, field: BooleanField) -> None:
        """Ask for the tick."""
        if not field.data:
            raise ValidationError("Tick the box if your group agrees.")


class ReasonForm(VersionForm):
    """Why, where somebody wants to say it."""

    reason = TextField("Why? (if you want to say it)", most=MOST_REASON, lines=True)


class _Answer(TextField):
    """An answer of bounded length in words."""

    def __init__(self, label: str, question: Any = None, **kw: Any) -> None:
        super().__init__(label, most=MOST_ANSWER, lines=True, **kw)
        self.question = question

    def pre_validate(self, form: Any) -> None:
        """Refuse what is missing or has too many words."""
        super().pre_validate(form)
        if fault := fault_of(self.question, self.data or ""):
            raise ValidationError(fault)


def sums_form(choices: Sequence[Choice], **data: Any) -> SumsForm:
    """Return a form that asks how much each of these funds is asked for."""
    fields: dict[str, Any] = {"keys": tuple(one.key for one in choices)}
    for one in choices:
        fields[f"sum_{one.key}"] = MoneyField(f"How much do you ask of {one.fund.name}?", missing=NO_SUM)
    kind: type[SumsForm] = type("SumsForm", (SumsForm,), fields)
    return kind(data=data)


def questions_form(choice: Choice, **data: Any) -> QuestionsForm:
    """Return a form with a fund's own questions."""
    fields: dict[str, Any] = {"keys": tuple(question["key"] for question in choice.terms.questions)}
    for question in choice.terms.questions:
        fields[f"q_{question['key']}"] = _Answer(str(question["label"]), question)
    kind: type[QuestionsForm] = type("QuestionsForm", (QuestionsForm,), fields)
    return kind(data=data)
