"""What officers fill in about an application: interests, marks with reasons, a question to the group, a decision."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, HiddenField, ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.grants.assessing import MOST_TEXT, Advice, Mark
from crowdfund.grants.deciding import NO_REASON, GrantVerdict, criteria_of
from crowdfund.grants.panels import NO_MINUTES
from crowdfund.grants.plans import Plan
from crowdfund.grants.rules import OUTCOME_WORDS, SCORE_WORDS, Outcome
from crowdfund.officers.fund_fields import AnyBoxes
from crowdfund.projects.fields import offer
from crowdfund.web.choices import Radios, Select, YesNo
from crowdfund.web.forms import Form, MoneyField, TextField, VersionForm

MOST_NOTE = 1000
NO_FINDING = "Write what you found. The group reads it."
MOST_REFERENCE = 40
NOT_APPLICABLE = "none"
_OUTCOMES = [(one.value, words) for one, words in OUTCOME_WORDS.items()]
_MARKS = [(str(score), f"{score}: {words}") for score, words in enumerate(SCORE_WORDS)]


class AskForm(Form):
    """A question to the group."""

    words = TextField("Your question", most=MOST_NOTE, missing="Write your question.", lines=True)


class ReviewForm(Form):
    """What came of a review."""

    upheld = YesNo(
        "Is it decided anew?",
        missing="Choose whether it is decided anew.",
        yes="Yes, something was overlooked or wrong",
        no="No, the decision stays",
    )
    answer = TextField("What did you find? The group reads it.", most=MOST_TEXT, missing=NO_FINDING, lines=True)


class AssessForm(Form):
    """A mark with a reason for each criterion, and what is recommended."""

    criteria: tuple[str, ...] = ()
    recommendation = Radios("What do you recommend?", choices=_OUTCOMES, missing="Choose what you recommend.")
    pence = MoneyField("How much? (only for a part)")
    reason = TextField("Why?", most=MOST_TEXT, missing="Give the reason for what you recommend.", lines=True)

    @property
    def marks(self) -> dict[str, Mark]:
        """What was given, by criterion; ask after validation."""
        return {key: Mark(_score(self[f"score_{key}"].data), self[f"reason_{key}"].data or "") for key in self.criteria}

    @property
    def advice(self) -> Advice:
        """What is recommended; ask after validation."""
        return Advice(Outcome(str(self.recommendation.data)), self.pence.pence, self.reason.data or "")


class DecideForm(VersionForm):
    """What is decided, what it rests on, and under whose authority."""

    outcome = Radios("What do you decide?", choices=_OUTCOMES, missing="Choose what you decide.")
    pence = MoneyField("How much? (only for a part)")
    criterion = Select("Which criterion does it rest on? (not needed for all that was asked)")
    reason = TextField("Why? The group reads it.", most=MOST_TEXT, missing=NO_REASON, lines=True)
    conditions = TextField("Conditions of the award, if any", most=MOST_TEXT, lines=True)
    reference = TextField("Reference of a panel’s or Cabinet Member’s decision, if it is theirs", most=MOST_REFERENCE)

    def take_criteria(self, plan: Plan) -> None:
        """Offer the criteria of this plan."""
        self.criterion.choices = offer("Choose a criterion", criteria_of(plan).items())

    @property
    def verdict(self) -> GrantVerdict:
        """What is decided; ask after validation."""
        return GrantVerdict(
            Outcome(str(self.outcome.data)),
            self.criterion.data or "",
            self.reason.data or "",
            self.pence.pence,
            self.reference.data or "",
            self.conditions.data or "",
        )


def assess_form(plan: Plan) -> AssessForm:
    """Return a form with a mark and a reason for each criterion of this plan."""
    fields: dict[str, Any] = {"criteria": tuple(one.key for one in plan.criteria)}
    for one in plan.criteria:
        choices = [*_MARKS, (NOT_APPLICABLE, "Does not apply")]
        fields[f"score_{one.key}"] = Radios(one.words, choices=choices, missing=f"Choose a score: {one.words}")
        missing = f"Write why: {one.words}"
        fields[f"reason_{one.key}"] = TextField("Why?", most=MOST_NOTE, missing=missing, lines=True)
    kind: type[AssessForm] = type("AssessForm", (AssessForm,), fields)
    return kind()


def _score(chosen: Any) -> int | None:
    return int(chosen) if str(chosen).isdigit() else None


class InterestsForm(Form):
    """In which of many applications an officer has an interest."""

    applications = AnyBoxes("In which of these do you have an interest?", choices=(), missing="Choose from the list.")
    statement = TextField("What is your interest? (only if you have one)", most=MOST_NOTE, lines=True)
    declares = BooleanField("I have no interest in any other of them")

    def validate_declares(self, field: BooleanField) -> None:
        """Ask for the tick: sending a form empty is no declaration."""
        if not field.data:
            raise ValidationError("Tick the box if you have no interest in the others.")

    def offer(self, applications: Sequence[tuple[str, str]]) -> None:
        """Let the form choose among these: public id and words."""
        self.applications.choices = [SelectChoice(key, words) for key, words in applications]


class PlaceForm(Form):
    """Where an application lies on the board; from the board one click, or with a sum and words on its own page."""

    outcome = Radios("Where does it lie?", choices=[*_OUTCOMES, ("", "Nowhere yet")], missing="Choose where it lies.")
    pence = MoneyField("How much? (only for a part)")
    criterion = Select("Which criterion does it rest on? (not needed for all that was asked)")
    reason = TextField("Why? The group reads it.", most=MOST_TEXT, lines=True)
    quick = HiddenField(default="")

    def take_criteria(self, plan: Plan) -> None:
        """Offer the criteria of this plan."""
        self.criterion.choices = offer("Choose a criterion", criteria_of(plan).items())

    @property
    def is_quick(self) -> bool:
        """Whether it was one click on the board."""
        return bool(self.quick.data)

    @property
    def placing(self) -> GrantVerdict | None:
        """Where it lies; None for nowhere. Ask after validation."""
        if not self.outcome.data:
            return None
        said = (self.criterion.data or "", self.reason.data or "", self.pence.pence)
        return GrantVerdict(Outcome(str(self.outcome.data)), *said)


class PanelForm(Form):
    """The minutes of a panel, and the reference of its own record."""

    reference = TextField("Reference of the panel’s decision, if it has one", most=MOST_REFERENCE)
    minutes = TextField("Minutes: who was there, and what was talked about", most=4000, missing=NO_MINUTES, lines=True)
