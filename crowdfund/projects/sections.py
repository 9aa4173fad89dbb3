"""A draft by its sections: what each one holds, whether it changed meanwhile, and what is still missing."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from crowdfund.core.money import pounds
from crowdfund.projects.models import Project, ProjectLine, Question
from crowdfund.projects.rules import (
    LONGEST_CAMPAIGN_DAYS,
    SHORTEST_CAMPAIGN_DAYS,
    LineKind,
    Objective,
    Section,
    allowed_length,
)

# What each form section stores; other sections are lists of lines, the picture has pages of its own.
FIELDS: dict[Section, tuple[str, ...]] = {
    Section.BASICS: ("title", "aim", "theme"),
    Section.PLACE: ("postcode", "place", "district_code", "division_code"),
    Section.STORY: ("story",),
    Section.TARGET: ("stretch_pence", "stretch_use", "if_too_little", "if_too_much"),
    Section.DATES: ("campaign_days", "launch_on"),
    Section.RISKS: ("risks", "permissions"),
}
LISTS: dict[Section, LineKind] = {
    Section.COSTS: LineKind.COST,
    Section.OTHER_MONEY: LineKind.OTHER_MONEY,
    Section.GIFTS: LineKind.MONEY_USE,
    Section.MILESTONES: LineKind.MILESTONE,
    Section.HELP_WANTED: LineKind.HELP_WANTED,
}
SECTION_OF: dict[LineKind, Section] = {kind: section for section, kind in LISTS.items()}
OPTIONAL = frozenset({Section.OTHER_MONEY, Section.GIFTS, Section.HELP_WANTED})
_LINE_FIELDS = ("label", "amount_pence", "is_capital", "is_public", "is_confirmed", "due")
YEAR = timedelta(days=365)


class Status(StrEnum):
    """How far a task is, in the words that people read."""

    NOT_STARTED = "Not yet started"
    IN_PROGRESS = "In progress"
    COMPLETED = "Completed"
    PROBLEM = "There is a problem"
    CANNOT = "Cannot start yet"


@dataclass(frozen=True)
class Draft:
    """Everything a group has written so far; `questions` are those of the round that is open."""

    project: Project
    lines: Mapping[LineKind, Sequence[ProjectLine]]
    objectives: frozenset[Objective]
    questions: Sequence[Question]

    def total(self, kind: LineKind, *, confirmed_only: bool = False) -> int:
        """Return the sum of a list in pence."""
        return sum(line.amount_pence or 0 for line in self.lines[kind] if line.is_confirmed or not confirmed_only)

    def asked(self, section: Section) -> list[Question]:
        """Return the council's questions about a section, answered ones too."""
        return [question for question in self.questions if question.section is section]


@dataclass(frozen=True)
class Gap:
    """What a section still needs; `wrong` where something stands there that cannot stay."""

    sentence: str
    wrong: bool = False


def stored(draft: Draft, section: Section) -> dict[str, Any]:
    """Return what the page of a section holds now, with its answers to questions; lines are looked after one by one."""
    values: dict[str, Any] = {name: getattr(draft.project, name) for name in FIELDS.get(section, ())}
    if section is Section.BASICS:
        values["objectives"] = sorted(objective.value for objective in draft.objectives)
    return values | {f"answer_{question.public_id}": question.answer for question in draft.asked(section)}


def line_values(line: ProjectLine) -> dict[str, Any]:
    """Return what one line holds now."""
    return {name: getattr(line, name) for name in _LINE_FIELDS}


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return a short mark of these values: a form carries it, so that nobody overwrites what they did not see."""
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def gaps(draft: Draft, section: Section, today: date) -> list[Gap]:
    """Return what is missing or wrong in a section; `today` is the date in Kent."""
    check = _CHECKS.get(section)
    found = check(draft, today) if check else []
    unanswered = any(not question.answer for question in draft.asked(section))
    return [*found, Gap("Answer the council’s question.")] if unanswered else found


def status_of(draft: Draft, section: Section, today: date) -> Status:
    """Return how far a section is."""
    found = gaps(draft, section, today)
    if any(gap.wrong for gap in found):
        return Status.PROBLEM
    begun = _begun(draft, section)
    if not found:
        return Status.COMPLETED if begun else Status.NOT_STARTED
    return Status.IN_PROGRESS if begun else Status.NOT_STARTED


def _begun(draft: Draft, section: Section) -> bool:
    if section in LISTS:
        return bool(draft.lines[LISTS[section]])
    if section in {Section.PICTURE, Section.DATES, Section.BASICS}:
        return True  # never empty: a drawing, 42 days and a name stand there from the start
    typed = [name for name in FIELDS[section] if name not in {"postcode", "district_code", "division_code"}]
    return any(getattr(draft.project, name) for name in typed)


def _missing(*wanted: tuple[Any, str]) -> list[Gap]:
    return [Gap(sentence) for given, sentence in wanted if not given]


def _basics(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    return _missing(
        (draft.project.aim, "Say in a sentence what you want to do."),
        (draft.objectives, "Choose at least one objective."),
    )


def _place(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    return _missing(
        (draft.project.postcode, "Enter the postcode of the place."), (draft.project.place, "Name the place.")
    )


def _story(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    return _missing((draft.project.story, "Tell your story."))


def _costs(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    return _missing((draft.lines[LineKind.COST], "Add what the project costs."))


def _other_money(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    costs, sure = draft.total(LineKind.COST), draft.total(LineKind.OTHER_MONEY, confirmed_only=True)
    if costs and sure >= costs:
        over = f"Confirmed money ({pounds(sure)}) covers the costs ({pounds(costs)}), so nothing is left to raise."
        return [Gap(over, wrong=True)]
    return []


def _target(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    project = draft.project
    found = _missing(
        (project.if_too_little, "Say what happens if too little is raised."),
        (project.if_too_much, "Say what happens if too much is raised."),
    )
    if project.stretch_pence is not None and project.stretch_pence <= project.target_pence:
        sentence = f"The stretch target must be more than the target of {pounds(project.target_pence)}."
        found.append(Gap(sentence, wrong=True))
    return found


def _gifts(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    target = draft.project.target_pence
    above = [line for line in draft.lines[LineKind.MONEY_USE] if target and (line.amount_pence or 0) > target]
    return [Gap(f"“{line.label}” is more than the target of {pounds(target)}.", wrong=True) for line in above]


def _dates(draft: Draft, today: date) -> list[Gap]:
    project, found = draft.project, []
    if not allowed_length(project.campaign_days):
        sentence = f"People can pledge for {SHORTEST_CAMPAIGN_DAYS} to {LONGEST_CAMPAIGN_DAYS} days."
        found.append(Gap(sentence, wrong=True))
    if project.launch_on is not None and not today <= project.launch_on <= today + YEAR:
        found.append(Gap("The day of the launch must be today or later, within a year.", wrong=True))
    return found


def _milestones(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    return _missing((draft.lines[LineKind.MILESTONE], "Add at least one step of your plan."))


def _risks(draft: Draft, today: date) -> list[Gap]:  # noqa: ARG001 - checks share a shape
    return _missing(
        (draft.project.risks, "Say what could go wrong."),
        (draft.project.permissions, "Say which permissions you need."),
    )


_CHECKS = {
    Section.BASICS: _basics,
    Section.PLACE: _place,
    Section.STORY: _story,
    Section.COSTS: _costs,
    Section.OTHER_MONEY: _other_money,
    Section.TARGET: _target,
    Section.GIFTS: _gifts,
    Section.DATES: _dates,
    Section.MILESTONES: _milestones,
    Section.RISKS: _risks,
}
