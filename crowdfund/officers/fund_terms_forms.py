"""The pages on which officers write the next version of a fund's terms, one idea each."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from wtforms import HiddenField, ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.funds.budgets import MOST_PENCE
from crowdfund.funds.rules import BASE_WORDS, KIND_WORDS, MatchKind
from crowdfund.funds.sections import TermsSection
from crowdfund.funds.words import Names
from crowdfund.officers.fund_fields import AnyBoxes, NumberField, SectionForm, typed
from crowdfund.officers.fund_words_forms import (
    AgreementForm,
    ConfidenceForm,
    CriteriaForm,
    ExclusionsForm,
    QuestionsForm,
)
from crowdfund.projects.fields import DayField, typed_day, typed_pounds
from crowdfund.web.choices import Radios, YesNo
from crowdfund.web.forms import Form, MoneyField, TextField


class HowForm(SectionForm):
    """How the fund adds to what the crowd gives."""

    kind = Radios("How does it add?", choices=KIND_WORDS.items(), missing="Choose how the fund adds.")
    per_backer = MoneyField("The most that is added for one backer (only if it adds to each pledge)")
    crowd_percent = NumberField(
        "Per cent of the target that the crowd gives first (only if it completes)", least=1, largest=99
    )

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        self.kind.data, self.crowd_percent.data = fields["kind"], typed(fields["crowd_percent"])
        self.per_backer.data = typed_pounds(fields["per_backer_pence"])

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return the kind, with what belongs to it alone."""
        kind = MatchKind(str(self.kind.data))
        per_backer = self.per_backer.pence if kind is MatchKind.PER_PLEDGE else None
        share = self.crowd_percent.number if kind is MatchKind.TOP_UP else None
        return {"kind": kind.value, "per_backer_pence": per_backer, "crowd_percent": share}


class LimitsForm(SectionForm):
    """The most that the fund gives."""

    most = MoneyField("The most for one project", missing="Enter the most that one project can get.")
    percent = NumberField("The most in per cent (leave empty for no such limit)", least=1, largest=100)
    base = Radios("Per cent of what?", choices=BASE_WORDS.items(), missing="Choose what the per cent are of.")
    joint = NumberField(
        "The most for all public money together, in per cent of the target (leave empty for no such limit)",
        least=1,
        largest=100,
    )
    may_exceed = TextField("When may officers go above these limits? (leave empty for never)", most=500, lines=True)

    def validate_most(self, field: MoneyField) -> None:
        """Refuse nothing, and more than any fund has."""
        if field.pence is not None and not 0 < field.pence <= MOST_PENCE:
            raise ValidationError("Enter an amount above £0 that a fund can have.")

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        self.most.data, self.percent.data = typed_pounds(fields["most_pence"]), typed(fields["percent"])
        self.base.data, self.joint.data = fields["base"], typed(fields["joint_percent"])
        self.may_exceed.data = fields["may_exceed"]

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return the limits."""
        return {
            "most_pence": self.most.pence,
            "percent": self.percent.number,
            "base": self.base.data,
            "joint_percent": self.joint.number,
            "may_exceed": self.may_exceed.data or "",
        }


class CrowdForm(SectionForm):
    """What the crowd has to show."""

    show_backers = NumberField("Qualifying backers until the offer is shown", least=0, largest=10_000)
    show_percent = NumberField("Or per cent of the target until the offer is shown", least=0, largest=100)
    pay_backers = NumberField("Qualifying backers for it to be paid", least=0, largest=10_000)
    pay_percent = NumberField("Or per cent of the target for it to be paid", least=0, largest=100)
    several_gifts = NumberField("From how many backers the per cent must come", least=1, largest=1_000)

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        for name in ("show_backers", "show_percent", "pay_backers", "pay_percent", "several_gifts"):
            self[name].data = typed(fields[name])

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return the tests; what was left empty is not asked for."""
        names = ("show_backers", "show_percent", "pay_backers", "pay_percent")
        return {name: self[name].number or 0 for name in names} | {"several_gifts": self.several_gifts.number or 2}


class WhoForm(SectionForm):
    """Which projects and groups it is for."""

    _MISSING: ClassVar[str] = "Choose only from the list."
    districts = AnyBoxes("Which districts? (tick none for all)", choices=(), missing=_MISSING)
    objectives = AnyBoxes("Which objectives, at least one of them? (tick none for any)", choices=(), missing=_MISSING)
    legal_forms = AnyBoxes("Which kinds of group? (tick none for all)", choices=(), missing=_MISSING)
    allows_capital = YesNo("Does it pay for capital items?", missing="Choose whether it pays for capital items.")
    repeat_months = NumberField("Months until a group that it matched can ask again", least=0, largest=120)

    def offer(self, names: Names) -> None:
        """Let the form choose among what can be named."""
        for field, known in (
            (self.districts, names.districts),
            (self.objectives, names.objectives),
            (self.legal_forms, names.legal_forms),
        ):
            field.choices = [SelectChoice(code, words) for code, words in known.items()]

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        for name in ("districts", "objectives", "legal_forms"):
            self[name].data = list(fields[name])
        self.allows_capital.process_data(fields["allows_capital"])
        self.repeat_months.data = typed(fields["repeat_months"])

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return whom it is for."""
        lists = {name: list(self[name].data or []) for name in ("districts", "objectives", "legal_forms")}
        months = self.repeat_months.number or 0
        return {**lists, "allows_capital": self.allows_capital.answer, "repeat_months": months}


class OffersForm(SectionForm):
    """How long an offer stands, and when a decision takes effect."""

    offer_days = NumberField(
        "Days to accept an offer", least=1, largest=365, missing="Enter how many days a group has to accept."
    )
    call_in_days = NumberField("Working days until a decision takes effect", least=0, largest=60)

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        self.offer_days.data, self.call_in_days.data = typed(fields["offer_days"]), typed(fields["call_in_days"])

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return the days."""
        return {"offer_days": self.offer_days.number, "call_in_days": self.call_in_days.number or 0}


class DatesForm(SectionForm):
    """When it takes requests and decides."""

    opens_on = DayField("It opens on", missing="Enter the day on which it opens.")
    closes_on = DayField("It closes on", missing="Enter the last day for requests.")
    decides_on = DayField("It decides by", missing="Enter the day by which it decides.")

    def fill_in(self, fields: Mapping[str, Any]) -> None:
        """Show what the draft holds."""
        for name in ("opens_on", "closes_on", "decides_on"):
            self[name].data = typed_day(date.fromisoformat(fields[name]) if fields[name] else None)

    def values(self, fields: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - pages share a shape
        """Return the days."""
        return {name: self[name].day for name in ("opens_on", "closes_on", "decides_on")}


class PublishForm(Form):
    """From when a new version holds, with the version of the draft that was previewed."""

    from_on = DayField("From which day does it hold? (leave empty for from now on)")
    seen = HiddenField(default="")

    @property
    def seen_version(self) -> int:
        """The version that was previewed; -1 where the form has none."""
        text = self.seen.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


_S = TermsSection
FORMS: dict[TermsSection, type[SectionForm]] = {
    _S.HOW: HowForm,
    _S.LIMITS: LimitsForm,
    _S.CROWD: CrowdForm,
    _S.WHO: WhoForm,
    _S.EXCLUSIONS: ExclusionsForm,
    _S.CRITERIA: CriteriaForm,
    _S.QUESTIONS: QuestionsForm,
    _S.AGREEMENT: AgreementForm,
    _S.OFFERS: OffersForm,
    _S.DATES: DatesForm,
    _S.CONFIDENCE: ConfidenceForm,
}
