"""What officers fill in about a request: findings, a recommendation, a decision, a reason, how the member was told."""

from typing import Any

from wtforms import HiddenField

from crowdfund.funds.models import FundTerms
from crowdfund.matching.assessing import MET_WORDS, MOST_REASON, Advice, Finding
from crowdfund.matching.rules import RECOMMENDATION_WORDS, Recommendation
from crowdfund.matching.telling import MOST_HOW
from crowdfund.matching.verdicts import (
    AUTHORITY_WORDS,
    MOST_CONDITIONS,
    MOST_REFERENCE,
    NO_REASON,
    Authority,
    Verdict,
    criteria_of,
)
from crowdfund.projects.fields import DayField, offer
from crowdfund.web.choices import Radios, Select
from crowdfund.web.forms import EmailField, Form, MoneyField, TextField, VersionForm

MOST_NOTE = 1000
_OUTCOMES = [(one.value, words) for one, words in RECOMMENDATION_WORDS.items()]


class TakeForm(Form):
    """Who had the request when it was shown, and the list that asks."""

    seen = HiddenField(default="")
    view = HiddenField(default="")

    @property
    def seen_id(self) -> int | None:
        """The officer who had it; None for nobody."""
        text = str(self.seen.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


class AssessForm(VersionForm):
    """A finding with a note for each criterion, and what is recommended."""

    criteria: tuple[str, ...] = ()
    recommendation = Radios("What do you recommend?", choices=_OUTCOMES, missing="Choose what you recommend.")
    pence = MoneyField("Up to how much? (only for another amount)")
    reason = TextField("Why?", most=MOST_REASON, missing="Give the reason for what you recommend.", lines=True)

    @property
    def findings(self) -> dict[str, Finding]:
        """What was found, by criterion."""
        return {
            key: Finding(str(self[f"met_{key}"].data or ""), self[f"note_{key}"].data or "") for key in self.criteria
        }

    @property
    def advice(self) -> Advice:
        """What is recommended; ask after validation."""
        return Advice(Recommendation(str(self.recommendation.data)), self.pence.pence, self.reason.data or "")


class DecideForm(VersionForm):
    """What is decided, what it rests on, and under which authority."""

    outcome = Radios("What do you decide?", choices=_OUTCOMES, missing="Choose what you decide.")
    pence = MoneyField("Up to how much? (only for another amount)")
    criterion = Select("Which criterion does it rest on? (not needed for all that was asked)")
    reason = TextField("Why? The group reads it.", most=MOST_REASON, missing=NO_REASON, lines=True)
    conditions = TextField("Conditions of the offer, if any", most=MOST_CONDITIONS, lines=True)
    exceeds_because = TextField("Why may it be above the fund’s limits? (only then)", most=MOST_REASON, lines=True)
    authority = Radios(
        "Who decided it?",
        choices=[(one.value, words) for one, words in AUTHORITY_WORDS.items()],
        missing="Choose who decided it.",
        default=Authority.DELEGATED.value,
    )
    reference = TextField("Reference of that decision (only for a panel or Cabinet Member)", most=MOST_REFERENCE)

    def take_criteria(self, terms: FundTerms) -> None:
        """Offer the criteria of these terms."""
        self.criterion.choices = offer("Choose a criterion", criteria_of(terms).items())

    @property
    def verdict(self) -> Verdict:
        """What is decided; ask after validation."""
        return Verdict(
            Recommendation(str(self.outcome.data)),
            self.criterion.data or "",
            self.reason.data or "",
            self.pence.pence,
            Authority(str(self.authority.data)),
            self.reference.data or "",
            self.conditions.data or "",
            self.exceeds_because.data or "",
        )


class ReasonForm(VersionForm):
    """Why; the group reads it."""

    reason = TextField("Why? The group reads it.", most=MOST_REASON, missing=NO_REASON, lines=True)


class MemberForm(Form):
    """How the local member is told."""

    email = EmailField("The member’s e-mail address, if we should write to them now", missing=None)
    how = TextField("Or how they were told, such as by phone", most=MOST_HOW)
    on = DayField("And when, such as 27 3 2027")


def assess_form(terms: FundTerms) -> AssessForm:
    """Return a form with a finding and a note for each criterion of these terms."""
    fields: dict[str, Any] = {"criteria": tuple(criterion["key"] for criterion in terms.criteria)}
    for criterion in terms.criteria:
        key, words = criterion["key"], criterion["words"]
        missing = f"Choose whether this is met: {words}"
        fields[f"met_{key}"] = Radios(words, choices=MET_WORDS.items(), missing=missing)
        note = f"Write what you found: {words}"
        fields[f"note_{key}"] = TextField("What did you find?", most=MOST_NOTE, missing=note, lines=True)
    kind: type[AssessForm] = type("AssessForm", (AssessForm,), fields)
    return kind()
