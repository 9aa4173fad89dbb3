"""The forms for one tier, one criterion and one question of a round, and what a plan keeps of each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from wtforms import ValidationError
from wtforms.fields.choices import SelectChoice

from crowdfund.core.ids import slugify
from crowdfund.grants.plans import (
    AT_RISK,
    KIND_WORDS,
    NEED_WORDS,
    Condition,
    Criterion,
    Need,
    Plan,
    Question,
    QuestionKind,
    Tier,
)
from crowdfund.officers.fund_fields import AnyBoxes, LinesField, NumberField, typed
from crowdfund.projects.fields import typed_pounds
from crowdfund.web.choices import Radios, Select, YesNo
from crowdfund.web.forms import MoneyField, TextField, VersionForm

ALWAYS = "Always"
MOST_WORDS = 2000


class PartForm(VersionForm):
    """One part of a plan."""

    NAME: ClassVar[str] = ""
    names_it: ClassVar[str] = ""  # the field a new key is made of

    def offer(self, plan: Plan, key: str) -> None:
        """Let the form choose among what the plan has; `key` is of the part itself, empty for a new one."""

    def fill_in(self, part: Any) -> None:
        """Show what the plan holds."""
        raise NotImplementedError

    def part(self, key: str) -> Any:
        """Return the part as a plan holds it; ask after validation."""
        raise NotImplementedError

    def new_key(self, taken: Sequence[str]) -> str:
        """Return a key that no other part has."""
        words = re.sub(r"[^a-z0-9]+", "_", slugify(str(self[self.names_it].data)).replace("-", "_")).strip("_")
        base = (words if words[:1].isalpha() else f"part_{words}")[:26].rstrip("_")
        number, key = 1, base
        while key in taken or key in {AT_RISK, "new"}:
            number += 1
            key = f"{base}_{number}"
        return key


class TierForm(PartForm):
    """How much is asked of whom."""

    NAME: ClassVar[str] = "tier"
    names_it: ClassVar[str] = "title"
    title = TextField("What is the tier called?", most=60, missing="Give the tier a name, such as “Up to £500”.")
    most = MoneyField("Up to which sum?", missing="Enter the most that this tier takes.")
    income = MoneyField("For groups with up to which income a year? (empty: any)")
    risk = YesNo(
        "Does it also take work with children or adults at risk?",
        missing="Choose whether it takes work with children or adults at risk.",
        no="No, such work falls in a later tier",
    )
    needs = AnyBoxes(
        "What does a group need?",
        choices=[(need.value, words) for need, words in NEED_WORDS.items()],
        missing="Choose only from the list.",
    )
    assessors = Radios(
        "How many people assess it, each on their own?",
        choices=[("1", "One, and another one decides"), ("2", "Two"), ("3", "Three")],
        missing="Choose how many people assess it.",
    )
    second = YesNo("Does a second person of the group sign?", missing="Choose whether a second person signs.")

    def fill_in(self, part: Tier) -> None:
        """Show what the plan holds."""
        self.title.data, self.most.data = part.title, typed_pounds(part.most_pence)
        self.income.data, self.assessors.data = typed_pounds(part.most_income_pence), str(part.assessors)
        self.risk.process_data(part.takes_risk)
        self.second.process_data(part.second_signature)
        self.needs.data = [need.value for need in part.needs]

    def part(self, key: str) -> Tier:
        """Return the tier; ask after validation."""
        return Tier(
            key,
            self.title.data or "",
            self.most.pence or 0,
            self.income.pence,
            takes_risk=bool(self.risk.answer),
            needs=tuple(Need(need) for need in self.needs.data or ()),
            assessors=int(str(self.assessors.data)),
            second_signature=bool(self.second.answer),
        )


class CriterionForm(PartForm):
    """What applications are scored against."""

    NAME: ClassVar[str] = "criterion"
    names_it: ClassVar[str] = "words"
    words = TextField("What is scored?", most=200, missing="Say what is scored, as a sentence that can be true.")
    weight = NumberField("How much does it count?", least=1, largest=20, missing="Enter how much it counts, such as 1.")

    def fill_in(self, part: Criterion) -> None:
        """Show what the plan holds."""
        self.words.data, self.weight.data = part.words, typed(part.weight)

    def part(self, key: str) -> Criterion:
        """Return the criterion; ask after validation."""
        return Criterion(key, self.words.data or "", self.weight.number or 1)


class QuestionForm(PartForm):
    """One question of the form."""

    NAME: ClassVar[str] = "question"
    names_it: ClassVar[str] = "label"
    label = TextField("The question", most=200, missing="Write the question.")
    section = TextField("In which section does it stand?", most=60, missing="Name the section, such as Your plan.")
    kind = Radios(
        "What kind of answer?",
        choices=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        missing="Choose what kind of answer it takes.",
    )
    most_words = NumberField("Up to how many words? (only for text with a limit)", least=1, largest=MOST_WORDS)
    options = LinesField("The answers to choose from, one a line (only for one of several)")
    hint = TextField("A hint, if one helps", most=300)
    needed = YesNo("Does it have to be answered?", missing="Choose whether it has to be answered.", no="No, optional")
    shown_if = Select("When is it asked?")
    tiers = AnyBoxes("In which tiers? (tick none for all)", choices=(), missing="Choose only from the list.")

    def offer(self, plan: Plan, key: str) -> None:
        """Let it depend on answers that are given before it."""
        self.tiers.choices = [SelectChoice(tier.key, tier.title) for tier in plan.tiers]
        offered = [SelectChoice("", ALWAYS)]
        risk = "When they work with people at risk: "
        offered += [SelectChoice(f"{AT_RISK}={value}", risk + value) for value in ("yes", "no")]
        for one in plan.questions:
            if one.key == key:
                break
            values = ("yes", "no") if one.kind is QuestionKind.YES_NO else one.options
            offered += [SelectChoice(f"{one.key}={value}", f"When “{one.label}” is: {value}") for value in values]
        self.shown_if.choices = offered

    def validate_most_words(self, field: NumberField) -> None:
        """Ask for the limit that a long text needs."""
        if self.kind.data == QuestionKind.LONG.value and not field.data:
            raise ValidationError(f"Enter a limit of words, from 1 to {MOST_WORDS}.")

    def validate_options(self, field: LinesField) -> None:
        """Ask for something to choose from."""
        if self.kind.data == QuestionKind.CHOICE.value and len(field.rows) < 2:
            raise ValidationError("Enter at least two answers, one a line.")

    def fill_in(self, part: Question) -> None:
        """Show what the plan holds."""
        for name in ("label", "section", "hint"):
            self[name].data = getattr(part, name)
        self.kind.data, self.most_words.data = part.kind.value, typed(part.most_words or None)
        self.options.data, self.tiers.data = "\n".join(part.options), list(part.tiers)
        self.needed.process_data(part.needed)
        self.shown_if.data = f"{part.shown_if.key}={part.shown_if.value}" if part.shown_if else ""

    def part(self, key: str) -> Question:
        """Return the question; ask after validation."""
        kind = QuestionKind(str(self.kind.data))
        before, _, value = str(self.shown_if.data or "").partition("=")
        return Question(
            key,
            self.section.data or "",
            self.label.data or "",
            kind,
            hint=self.hint.data or "",
            most_words=(self.most_words.number or 0) if kind is QuestionKind.LONG else 0,
            options=tuple(self.options.rows) if kind is QuestionKind.CHOICE else (),
            needed=bool(self.needed.answer),
            shown_if=Condition(before, value) if before else None,
            tiers=tuple(self.tiers.data or ()),
        )


PARTS: dict[str, type[PartForm]] = {"tiers": TierForm, "criteria": CriterionForm, "questions": QuestionForm}


def with_part(draft: Mapping[str, Any], name: str, part: Any) -> dict[str, Any]:
    """Return what changes in a plan when a part is put into its list, in its place or at the end."""
    stored, kept = asdict(part), list(draft.get(name, ()))
    places = [place for place, one in enumerate(kept) if one["key"] == stored["key"]]
    if places:
        kept[places[0]] = stored
    else:
        kept.append(stored)
    return {name: kept}


def arranged(draft: Mapping[str, Any], name: str, key: str, way: str) -> dict[str, Any]:
    """Return what changes in a plan when a part goes a place up or down, or out; nothing where it cannot."""
    kept = list(draft.get(name, ()))
    place = next((number for number, one in enumerate(kept) if one["key"] == key), None)
    if place is None:
        return {}
    moved = kept.pop(place)
    if way != "out":
        kept.insert(max(0, place + (-1 if way == "up" else 1)), moved)
    return {name: kept}
