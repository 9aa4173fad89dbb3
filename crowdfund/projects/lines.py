"""The lists of a draft, line by line: add, change, remove. The target follows from costs and confirmed money."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds
from crowdfund.files.actions import delete_files_of
from crowdfund.projects.drafting import MOST_PENCE, Overtaken, lock_draft, refuse_overtaken
from crowdfund.projects.models import Project, ProjectLine
from crowdfund.projects.queries import find_last_edit, list_lines
from crowdfund.projects.rules import LineKind, minimum_target
from crowdfund.projects.sections import LISTS, SECTION_OF, fingerprint, line_values

MOST_LINES = 30


@dataclass(frozen=True)
class LineText:
    """What somebody typed for one line; amounts in pence."""

    label: str
    amount_pence: int | None = None
    is_capital: bool = False
    is_public: bool = False
    is_confirmed: bool = False
    due: date | None = None


def add_line(
    session: Session, project_id: int, kind: LineKind, text: LineText, seen: str, *, actor: Actor, now: datetime
) -> int:
    """Add a line at the end of a list and return its id.

    `seen` is the fingerprint of the list as the writer saw it: the same line sent twice from one page is added once.
    Raises Refused for an amount that cannot be, or beyond 30 lines.
    """
    project = lock_draft(session, project_id, actor)
    _refuse_odd(project, kind, text)
    lines = list_lines(session, project_id)[kind]
    twin = next((line for line in lines if line_values(line) == vars(text)), None)
    if twin is not None and seen != list_mark(lines):
        return twin.id
    if len(lines) >= MOST_LINES:
        raise Refused("too_many_lines", f"A list has at most {MOST_LINES} lines. Join some of them.")
    highest = select(func.coalesce(func.max(ProjectLine.position), -1)).where(ProjectLine.project_id == project_id)
    position = (session.scalar(highest) or 0) + 1
    line = ProjectLine(project_id=project_id, kind=kind, position=position, **vars(text))
    session.add(line)
    _settle(session, project, kind, actor, now)
    return line.id


def change_line(
    session: Session, project_id: int, line_id: int, text: LineText, seen: str, *, actor: Actor, now: datetime
) -> None:
    """Change a line. Raises Overtaken when somebody else changed or removed it meanwhile."""
    project = lock_draft(session, project_id, actor)
    line = _standing(session, project_id, line_id)
    _refuse_odd(project, line.kind, text)
    before = line_values(line)
    if before == vars(text):
        return
    refuse_overtaken(session, project_id, SECTION_OF[line.kind], seen, before)
    for name, value in vars(text).items():
        setattr(line, name, value)
    _settle(session, project, line.kind, actor, now)


def remove_line(session: Session, project_id: int, line_id: int, seen: str, *, actor: Actor, now: datetime) -> None:
    """Remove a line with its files, as the writer saw it. Raises Overtaken when somebody else changed it meanwhile."""
    project = lock_draft(session, project_id, actor)
    line = _standing(session, project_id, line_id)
    refuse_overtaken(session, project_id, SECTION_OF[line.kind], seen, line_values(line))
    delete_files_of(session, f"line:{line_id}")
    session.delete(line)
    _settle(session, project, line.kind, actor, now)


def list_mark(lines: list[ProjectLine]) -> str:
    """Return the fingerprint of a list."""
    values: Mapping[str, Any] = {str(line.id): line_values(line) for line in lines}
    return fingerprint(values)


def _standing(session: Session, project_id: int, line_id: int) -> ProjectLine:
    line = session.get(ProjectLine, line_id)
    if line is None or line.project_id != project_id or line.kind not in LISTS.values():
        edit = find_last_edit(session, project_id)
        who = edit.who if edit else "Somebody"
        raise Overtaken("removed", f"{who} removed this line while you were writing. You can add yours as a new one.")
    return lock(session, ProjectLine, line_id)


def _refuse_odd(project: Project, kind: LineKind, text: LineText) -> None:
    pence = text.amount_pence
    if pence is not None and not 0 < pence <= MOST_PENCE:
        raise Refused("odd_amount", f"Enter an amount from £0.01 to {pounds(MOST_PENCE)}.", "amount")
    if kind is LineKind.MONEY_USE and pence and project.target_pence and pence > project.target_pence:
        sentence = f"A gift cannot be more than the target of {pounds(project.target_pence)}."
        raise Refused("above_target", sentence, "amount")


def _settle(session: Session, project: Project, kind: LineKind, actor: Actor, now: datetime) -> None:
    """Work the target out anew and record the change; nothing to raise is a target of 0."""
    session.flush()
    lines = list_lines(session, project.id)
    costs = [line.amount_pence or 0 for line in lines[LineKind.COST]]
    sure = [line.amount_pence or 0 for line in lines[LineKind.OTHER_MONEY] if line.is_confirmed]
    project.target_pence = max(0, minimum_target(costs, sure))
    session.flush()
    section = SECTION_OF[kind].value
    audit.record(session, Tag.PROJECT_EDITED, actor=actor, subject_id=project.id, now=now, section=section)
