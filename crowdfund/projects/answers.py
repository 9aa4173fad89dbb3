"""A draft as answers under their questions: for checking before it is sent, for the signatory and for officers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from crowdfund.core.money import pounds
from crowdfund.projects.models import ProjectLine
from crowdfund.projects.rules import OBJECTIVE_WORDS, SECTION_WORDS, THEME_WORDS, LineKind, Objective, Section
from crowdfund.projects.sections import LISTS, Draft
from crowdfund.web.templating import day, plural

NOTHING = "Nothing yet"


@dataclass(frozen=True)
class Row:
    """One answer; its lines are as the group made them."""

    key: str
    value: str


@dataclass(frozen=True)
class Answers:
    """The answers of one section, and what the council asked about it with the group's reply."""

    section: Section
    title: str
    rows: list[Row]
    asked: list[tuple[str, str]] = field(default_factory=list)


def answers_of(draft: Draft, division: str | None, quotes: Mapping[int, int] | None = None) -> list[Answers]:
    """Return every section with its answers; `quotes` counts the files of lines by id, where that is of interest."""
    rows: dict[Section, Callable[[], Iterator[Row]]] = {
        Section.BASICS: lambda: _basics(draft),
        Section.PLACE: lambda: _place(draft, division),
        Section.STORY: lambda: iter([Row("Your story", draft.project.story or NOTHING)]),
        Section.PICTURE: lambda: iter([Row("What the picture shows", draft.project.picture_alt)]),
        Section.TARGET: lambda: _target(draft),
        Section.DATES: lambda: _dates(draft),
        Section.RISKS: lambda: _risks(draft),
    }
    found = []
    for section in Section:
        shown = list(_lines(draft, LISTS[section], quotes or {}) if section in LISTS else rows[section]())
        asked = [(question.body, question.answer) for question in draft.asked(section)]
        found.append(Answers(section, SECTION_WORDS[section], shown, asked))
    return found


def _basics(draft: Draft) -> Iterator[Row]:
    project = draft.project
    yield Row("Name", project.title)
    yield Row("Aim", project.aim or NOTHING)
    yield Row("Theme", THEME_WORDS[project.theme])
    chosen = [OBJECTIVE_WORDS[objective] for objective in Objective if objective in draft.objectives]
    yield Row("Objectives", "\n".join(chosen) or NOTHING)


def _place(draft: Draft, division: str | None) -> Iterator[Row]:
    project = draft.project
    yield Row("Postcode", project.postcode or NOTHING)
    yield Row("Place", project.place or NOTHING)
    yield Row("District", project.district.name)
    yield Row("Electoral division", division or "Not known")


def _lines(draft: Draft, kind: LineKind, quotes: Mapping[int, int]) -> Iterator[Row]:
    lines = draft.lines[kind]
    for line in lines:
        extra = plural(quotes[line.id], "file", "files") if quotes.get(line.id) else ""
        yield Row(line.label, ", ".join(part for part in (*_about(line), extra) if part) or "Yes")
    if not lines:
        yield Row(SECTION_WORDS[next(s for s, k in LISTS.items() if k is kind)], NOTHING)
    if kind in {LineKind.COST, LineKind.OTHER_MONEY} and lines:
        yield Row("In all", pounds(draft.total(kind)))


def _about(line: ProjectLine) -> Iterator[str]:
    if line.amount_pence is not None:
        yield pounds(line.amount_pence)
    if line.kind is LineKind.COST:
        yield "to buy or build something" if line.is_capital else "to run it"
    if line.kind is LineKind.OTHER_MONEY:
        yield "public money" if line.is_public else "other money"
        yield "confirmed" if line.is_confirmed else "hoped for"
    if line.due is not None:
        yield day(line.due)


def _target(draft: Draft) -> Iterator[Row]:
    project = draft.project
    yield Row("Target", pounds(project.target_pence) if project.target_pence else "Nothing to raise yet")
    yield Row("If too little is raised", project.if_too_little or NOTHING)
    yield Row("If too much is raised", project.if_too_much or NOTHING)
    if project.stretch_pence:
        yield Row("Stretch target", pounds(project.stretch_pence))
        yield Row("What the extra money would do", project.stretch_use or NOTHING)


def _dates(draft: Draft) -> Iterator[Row]:
    project = draft.project
    yield Row("Open for pledges", f"{project.campaign_days} days")
    start = f"{day(project.launch_on)} at 9am" if project.launch_on else "When you press the button"
    yield Row("Launch", start)


def _risks(draft: Draft) -> Iterator[Row]:
    yield Row("What could go wrong", draft.project.risks or NOTHING)
    yield Row("Permissions", draft.project.permissions or NOTHING)
