"""The checklist as a form that two officers can fill in at once without losing anything."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from crowdfund.checking.checklist import Point
from crowdfund.checking.points import Stale, Typed, is_edited, mark_of
from crowdfund.checking.queries import Answered
from crowdfund.checking.rules import ANSWER_WORDS, MOST_NOTE, ItemAnswer
from crowdfund.web.forms import Form, TextField


class _OptionalRadios(RadioField):  # type: ignore[misc]
    """Radios that may stay unanswered; what is not on offer counts as no answer."""

    def __init__(self, label: str, **kw: Any) -> None:
        offered = [SelectChoice(answer.value, words) for answer, words in ANSWER_WORDS.items()]
        super().__init__(label, choices=offered, validate_choice=False, **kw)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was chosen."""
        chosen = str(valuelist[0]) if valuelist else None
        self.data = chosen if chosen in {answer.value for answer in ItemAnswer} else None

    @property
    def answer(self) -> ItemAnswer | None:
        """The chosen answer."""
        return ItemAnswer(self.data) if self.data else None


class PointsForm(Form):
    """The whole checklist: for each point an answer, a note, and the mark of what was shown."""

    points: ClassVar[Sequence[Point]] = ()

    def validate(self, *args: Any, **kw: Any) -> bool:
        """Ask for an answer wherever a note was written."""
        sound = bool(super().validate(*args, **kw))
        for point in self.points:
            answer = self[f"answer_{point.key}"]
            if self[f"note_{point.key}"].data and answer.data is None:
                answer.errors = [*answer.errors, "Choose an answer to go with your note."]
                sound = False
        return sound

    @property
    def typed(self) -> dict[str, Typed]:
        """What was typed for each point."""
        return {
            point.key: Typed(
                self[f"answer_{point.key}"].answer,
                self[f"note_{point.key}"].data or "",
                str(self[f"seen_{point.key}"].data or ""),
            )
            for point in self.points
        }

    def show(self, answers: Mapping[str, Answered], only: Sequence[str] | None = None) -> None:
        """Fill in what is stored, for all points or only some."""
        for point in self.points:
            if only is None or point.key in only:
                given = answers.get(point.key)
                self[f"answer_{point.key}"].data = given.answer.value if given else None
                self[f"note_{point.key}"].data = given.note if given else ""
                self[f"seen_{point.key}"].data = mark_of(given)

    def land(self, stale: Stale, answers: Mapping[str, Answered]) -> None:
        """Say beside each point that changed meanwhile what it holds now; what was typed stays, to be sent again."""
        untouched = [key for key, entry in self.typed.items() if not is_edited(entry)]
        for key, sentence in stale.changed.items():
            note = self[f"note_{key}"]
            note.errors = [*note.errors, sentence]
            self[f"seen_{key}"].data = mark_of(answers.get(key))
        self.show(answers, untouched)


def points_form(points: Sequence[Point]) -> PointsForm:
    """Return a form for these points."""
    fields: dict[str, Any] = {"points": tuple(points)}
    for point in points:
        fields[f"answer_{point.key}"] = _OptionalRadios(point.question)
        fields[f"note_{point.key}"] = TextField(f"Note on “{point.question}”", most=MOST_NOTE, lines=True)
        fields[f"seen_{point.key}"] = HiddenField(default=mark_of(None))
    form: PointsForm = type("ThesePoints", (PointsForm,), fields)()
    return form
