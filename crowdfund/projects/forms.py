"""The forms of a draft's sections: syntax and labels; what is allowed and what is missing is for the rules."""

from typing import Any

from wtforms import ValidationError

from crowdfund.core.clock import LONDON, now
from crowdfund.places.rules import tidy_postcode
from crowdfund.projects.fields import Boxes, DayField, DaysField, typed_day, typed_pounds
from crowdfund.projects.models import Question
from crowdfund.projects.rules import (
    LONGEST_CAMPAIGN_DAYS,
    OBJECTIVE_WORDS,
    SHORTEST_CAMPAIGN_DAYS,
    THEME_WORDS,
    Section,
    Theme,
    allowed_length,
)
from crowdfund.projects.section_form import AnswersForm, SectionForm
from crowdfund.projects.sections import YEAR, Draft
from crowdfund.web.choices import Radios, Select
from crowdfund.web.forms import Form, MoneyField, TextField

UNKNOWN = "unknown"
BUTTON, DAY = "button", "day"
STORY_LENGTH, TEXT_LENGTH, AIM_LENGTH, TITLE_LENGTH = 8000, 2000, 200, 80
_POSTCODE = "Enter a UK postcode, such as CT1 2AA."
_DISTRICT = "The district, if we do not know your postcode (optional)"


class PlainForm(Form):
    """A button and nothing else."""


class _PlaceForm(Form):
    postcode = TextField(
        "The postcode of the place", most=10, missing="Enter the postcode of the place.", long=_POSTCODE
    )
    district_code = Select(_DISTRICT)

    def validate_postcode(self, field: TextField) -> None:
        """Refuse what is not shaped like a postcode."""
        if field.data and len(field.data) <= field.most and tidy_postcode(field.data) is None:
            raise ValidationError(_POSTCODE)


class StartForm(_PlaceForm):
    """What starts a draft."""

    title = TextField("What is your project called?", most=TITLE_LENGTH, missing="Enter a name for your project.")
    theme = Radios(
        "What is it mostly about?", choices=THEME_WORDS.items(), missing="Choose what your project is mostly about."
    )


class BasicsForm(SectionForm):
    """Name, aim, theme and objectives."""

    section = Section.BASICS
    title = TextField("What is your project called?", most=TITLE_LENGTH, missing="Enter a name for your project.")
    aim = TextField("What do you want to do, in one sentence?", most=AIM_LENGTH)
    theme = Radios(
        "What is it mostly about?", choices=THEME_WORDS.items(), missing="Choose what your project is mostly about."
    )
    objectives = Boxes(
        "What does it do for people?",
        choices=OBJECTIVE_WORDS.items(),
        missing="Choose at least one. A project that serves none of them cannot be accepted here.",
    )

    @classmethod
    def typed(cls, draft: Draft) -> dict[str, Any]:
        """Return the stored answers."""
        project, objectives = draft.project, [objective.value for objective in draft.objectives]
        return {"title": project.title, "aim": project.aim, "theme": project.theme.value, "objectives": objectives}

    def stored(self) -> dict[str, Any]:
        """Return the answers as stored."""
        values = {"title": self.title.data, "aim": self.aim.data, "theme": Theme(self.theme.data or "")}
        return values | {"objectives": sorted(self.objectives.data or ())} | self.answers()


class PlaceForm(SectionForm, _PlaceForm):
    """Where it happens."""

    section = Section.PLACE
    place = TextField("The name of the place", most=80, missing="Enter the name of the place.")
    division = Select("Electoral division", missing="Choose the division, or “I do not know”.")

    @classmethod
    def typed(cls, draft: Draft) -> dict[str, Any]:
        """Return the stored answers."""
        project = draft.project
        known = project.division_code or (UNKNOWN if project.place else "")
        values = {"postcode": project.postcode or "", "district_code": project.district_code}
        return values | {"place": project.place, "division": known}

    def stored(self) -> dict[str, Any]:
        """Return the answers as stored."""
        division = None if self.division.data == UNKNOWN else self.division.data
        values = {"postcode": self.postcode.data, "place": self.place.data}
        return values | {"district_code": self.district_code.data, "division_code": division} | self.answers()


class StoryForm(SectionForm):
    """The story."""

    section = Section.STORY
    story = TextField("Tell your story", most=STORY_LENGTH, lines=True)


class TargetForm(SectionForm):
    """What happens around the target."""

    section = Section.TARGET
    if_too_little = TextField("If too little is raised, what do you do?", most=TEXT_LENGTH, lines=True)
    if_too_much = TextField("If a little too much is raised, what do you do?", most=TEXT_LENGTH, lines=True)
    stretch = MoneyField("A stretch target (optional)")
    stretch_use = TextField("What would the extra money do? (optional)", most=TEXT_LENGTH, lines=True)

    @classmethod
    def typed(cls, draft: Draft) -> dict[str, Any]:
        """Return the stored answers."""
        project = draft.project
        values = {"if_too_little": project.if_too_little, "if_too_much": project.if_too_much}
        return values | {"stretch": typed_pounds(project.stretch_pence), "stretch_use": project.stretch_use}

    def validate_stretch_use(self, field: TextField) -> None:
        """Ask what extra money does, and for the target that it belongs to."""
        if self.stretch.data and not field.data:
            raise ValidationError("Say what the extra money would do, or leave the stretch target empty.")
        if field.data and not self.stretch.data:
            raise ValidationError("Enter a stretch target, or leave this empty.")

    def stored(self) -> dict[str, Any]:
        """Return the answers as stored."""
        values: dict[str, Any] = {"if_too_little": self.if_too_little.data, "if_too_much": self.if_too_much.data}
        values |= {"stretch_pence": self.stretch.pence, "stretch_use": self.stretch_use.data}
        return values | self.answers()


class DatesForm(SectionForm):
    """How long people can pledge, and from when."""

    section = Section.DATES
    campaign_days = DaysField(
        "How many days can people pledge?", most=10, long="Enter a whole number of days, such as 42."
    )
    launch = Radios(
        "When does it start, once it is checked?",
        choices=[(BUTTON, "When we press a button"), (DAY, "On a day that we choose now, at 9am")],
        missing="Choose when it starts.",
    )
    launch_on = DayField("The day, if you chose one")

    @classmethod
    def typed(cls, draft: Draft) -> dict[str, Any]:
        """Return the stored answers."""
        project = draft.project
        launch = DAY if project.launch_on else BUTTON
        days = str(project.campaign_days)
        return {"campaign_days": days, "launch": launch, "launch_on": typed_day(project.launch_on)}

    def validate_campaign_days(self, field: DaysField) -> None:
        """Refuse what is too short or too long."""
        if not field.errors and not allowed_length(field.days):
            shortest, longest = SHORTEST_CAMPAIGN_DAYS, LONGEST_CAMPAIGN_DAYS
            raise ValidationError(f"Enter a number of days from {shortest} to {longest}.")

    def validate_launch_on(self, field: DayField) -> None:
        """Ask for the day where one was chosen; it is not over and within a year."""
        if self.launch.data != DAY or field.errors:
            return
        if field.day is None:
            raise ValidationError("Enter the day of the launch, or choose “When we press a button”.")
        today = now().astimezone(LONDON).date()
        if not today <= field.day <= today + YEAR:
            raise ValidationError("The day must be today or later, and within a year.")

    def stored(self) -> dict[str, Any]:
        """Return the answers as stored."""
        day = self.launch_on.day if self.launch.data == DAY else None
        return {"campaign_days": self.campaign_days.days, "launch_on": day} | self.answers()


class RisksForm(SectionForm):
    """What could go wrong, and what has to be allowed."""

    section = Section.RISKS
    risks = TextField("What could go wrong, and what would you do then?", most=TEXT_LENGTH, lines=True)
    permissions = TextField("Which permissions do you need, and do you have them?", most=TEXT_LENGTH, lines=True)


FORMS: dict[Section, type[SectionForm]] = {
    form.section: form for form in (BasicsForm, PlaceForm, StoryForm, TargetForm, DatesForm, RisksForm)
}


def form_for(section: Section, questions: list[Question]) -> type[SectionForm]:
    """Return the form of a section with a field for the answer to each of the council's questions about it."""
    base = FORMS.get(section, AnswersForm)
    answers = {
        f"answer_{question.public_id}": TextField(
            "Your answer to the council" if number == 1 else f"Your answer to question {number}",
            most=TEXT_LENGTH,
            lines=True,
        )
        for number, question in enumerate(questions, start=1)
    }
    return type(base.__name__, (base,), {"section": section, **answers}) if questions else base
