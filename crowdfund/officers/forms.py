"""What officers fill in while they check: interests, who checks, notes, questions, decisions."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wtforms import HiddenField, ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.checking.deciding import MOST_REASON
from crowdfund.checking.queries import Colleague
from crowdfund.checking.rules import (
    CRITERION_WORDS,
    DECLINING,
    MOST_NOTE,
    OUTCOMES,
    Criterion,
    Outcome,
)
from crowdfund.projects.fields import DayField
from crowdfund.projects.rules import SECTION_WORDS, Section
from crowdfund.web.choices import Radios, Select, YesNo
from crowdfund.web.forms import Form, TextField

MOST_QUESTIONS = 8
MOST_QUESTION = 1000


def _listed(first: str, choices: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice("", first), *(SelectChoice(value, words) for value, words in choices)]


class PlainForm(Form):
    """A button and nothing else."""


class InterestForm(Form):
    """Whether an officer has an interest in a project."""

    has_interest = YesNo(
        "Do you have an interest in this project?",
        missing="Choose whether you have an interest in this project.",
        yes="Yes, I have an interest",
        no="No, I have none",
    )
    statement = TextField("What is your interest? (only if you have one)", most=1000, lines=True)


class AssignForm(Form):
    """Who checks the project, with who had it when the page was shown."""

    officer = Select("Who checks it?")
    seen = HiddenField(default="")
    view = HiddenField(default="")

    def offer(self, colleagues: Sequence[Colleague]) -> None:
        """Let the form choose among these officers, or nobody."""
        self.officer.choices = _listed("Nobody yet", [(str(one.id), one.name) for one in colleagues])

    @property
    def officer_id(self) -> int | None:
        """The officer chosen; None for nobody."""
        return _number(self.officer.data)

    @property
    def seen_id(self) -> int | None:
        """The officer who had it when the page was shown; None where nobody had."""
        return _number(self.seen.data)


class NoteForm(Form):
    """A note among officers."""

    body = TextField("Your note", most=MOST_NOTE, missing="Write a note.", lines=True)


class QuestionsForm(Form):
    """Up to eight questions to the group, each about a section, and the day to answer by."""

    count = HiddenField(default="1")
    due_on = DayField("Answer by", missing="Enter the day to answer by.")

    @property
    def shown(self) -> int:
        """How many questions the page has room for."""
        return min(max(_number(self.count.data) or 1, 1), MOST_QUESTIONS)

    @property
    def asked(self) -> list[tuple[Section, str]]:
        """The questions that are complete."""
        pairs = [(self[f"section_{n}"].data, self[f"body_{n}"].data) for n in range(1, self.shown + 1)]
        return [(Section(section), body) for section, body in pairs if section and body]

    @property
    def due_day(self) -> date:
        """The day to answer by, once the form is valid."""
        assert self.due_on.day is not None
        return self.due_on.day

    def validate(self, *args: Any, **kw: Any) -> bool:
        """Ask for the missing half of a question, and for at least one."""
        sound = bool(super().validate(*args, **kw))
        for n in range(1, self.shown + 1):
            section, body = self[f"section_{n}"], self[f"body_{n}"]
            if body.data and not section.data:
                section.errors, sound = [*section.errors, f"Choose what question {n} is about."], False
            if not body.data and (section.data or (n == 1 and not self.asked)):
                body.errors, sound = [*body.errors, f"Write question {n}."], False
        return sound


_PARTS = [(section.value, words) for section, words in SECTION_WORDS.items()]
for _n in range(1, MOST_QUESTIONS + 1):
    _parts = _listed("Choose a part of the project", _PARTS)
    setattr(QuestionsForm, f"section_{_n}", Select(f"What is question {_n} about?", choices=_parts))
    setattr(QuestionsForm, f"body_{_n}", TextField(f"Question {_n}", most=MOST_QUESTION, lines=True))


class DecisionForm(Form):
    """Accept or decline, on which rule, and why; with the version of the check that was shown."""

    outcome = Radios("What do you decide?", choices=OUTCOMES.items(), missing="Choose whether to accept the project.")
    criterion = Select(
        "Which rule does it not meet? (only if you decline)",
        choices=_listed("Choose a rule", [(rule.value, CRITERION_WORDS[rule]) for rule in DECLINING]),
    )
    reason = TextField("Why?", most=MOST_REASON, missing="Give the reason. The group reads it.", lines=True)
    version = HiddenField(default="")

    def validate_criterion(self, field: Select) -> None:
        """Ask for the rule that a refusal rests on."""
        if self.outcome.data == Outcome.DECLINED.value and not field.data:
            raise ValidationError("Choose the rule that the project does not meet.")

    @property
    def seen_version(self) -> int:
        """The version of the check that was shown; -1 where the form has none."""
        number = _number(self.version.data)
        return -1 if number is None else number

    @property
    def rests_on(self) -> Criterion | None:
        """The rule chosen, if any."""
        return Criterion(self.criterion.data) if self.criterion.data else None


def _number(raw: Any) -> int | None:
    text = str(raw or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
