"""Writing a draft: start it, save a section, answer the council's questions, share the preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds
from crowdfund.groups.models import Group
from crowdfund.groups.placing import district_for
from crowdfund.groups.queries import require_right
from crowdfund.places.rules import tidy_postcode
from crowdfund.projects.access import can_edit
from crowdfund.projects.actions import free_slug, open_draft
from crowdfund.projects.drawings import drawing_for
from crowdfund.projects.models import Project, ProjectObjective
from crowdfund.projects.queries import find_last_edit, list_divisions, load_draft
from crowdfund.projects.rules import Objective, ProjectState, Section, Theme
from crowdfund.projects.sections import FIELDS, Draft, fingerprint, stored

MOST_DRAFTS = 20
MOST_PENCE = 1_000_000_000
_TWIN = timedelta(minutes=10)
_EMPTY = ("aim", "story", "place", "if_too_little", "if_too_much", "risks", "permissions")


@dataclass(frozen=True)
class Start:
    """What starts a draft; `chosen` is the district picked for a postcode that we do not know."""

    title: str
    theme: Theme
    postcode: str
    chosen: str = ""


class Overtaken(Refused):
    """Somebody else saved the same page after this one was opened: nothing was overwritten."""


def start_project(session: Session, group_id: int, start: Start, *, actor: Actor, now: datetime) -> Project:
    """Start a group's draft with its name, theme and place; sent twice it is started once.

    Raises NotFound for strangers, Forbidden for members without the right, Refused outside our area and beyond
    20 drafts.
    """
    lock(session, Group, group_id)
    require_right(session, group_id, actor, GroupRight.EDIT)
    district_code = district_for(session, start.postcode, start.chosen)
    drafts = select(Project).where(Project.group_id == group_id, Project.state == ProjectState.DRAFT)
    twins = drafts.where(Project.title == start.title, Project.created_at > now - _TWIN)
    if (twin := session.scalars(twins.order_by(Project.id.desc()).limit(1)).one_or_none()) is not None:
        return twin
    if (session.scalar(select(func.count()).select_from(drafts.subquery())) or 0) >= MOST_DRAFTS:
        raise Refused("too_many_drafts", "Your group has 20 drafts. Withdraw one that you no longer need.", "title")
    picture, picture_alt = drawing_for(start.theme)
    values: dict[str, Any] = {"title": start.title, "theme": start.theme, "postcode": tidy_postcode(start.postcode)}
    values |= {"district_code": district_code, "picture": picture, "picture_alt": picture_alt, "target_pence": 0}
    return open_draft(session, group_id, values | dict.fromkeys(_EMPTY, ""), actor=actor, now=now)


def lock_draft(session: Session, project_id: int, actor: Actor) -> Project:
    """Lock a project to change what its group says.

    Raises NotFound for strangers, Forbidden without the right, and Refused where it is closed for changes, so that
    what was typed stays on the page.
    """
    project = lock(session, Project, project_id)
    permit = can_edit(project, require_right(session, project.group_id, actor, GroupRight.EDIT))
    if not permit:
        raise Refused("closed", permit.reason)
    return project


def save_section(
    session: Session,
    project_id: int,
    section: Section,
    values: Mapping[str, Any],
    seen: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Save what was typed on the page of a section, with its answers to questions (`answer_<public id>`).

    `seen` is the fingerprint of what the writer saw. Raises Overtaken when it holds something else by now,
    Refused on a field for a place that does not fit.
    """
    project = lock_draft(session, project_id, actor)
    draft = load_draft(session, project)
    before, wanted = stored(draft, section), dict(values)
    if section is Section.PLACE:
        _settle_place(session, wanted)
    if section is Section.TARGET:
        _refuse_low_stretch(project, wanted["stretch_pence"])
    if wanted == {name: before[name] for name in wanted}:
        return
    refuse_overtaken(session, project_id, section, seen, before)
    changed = any(wanted[name] != before[name] for name in wanted if not name.startswith("answer_"))
    if changed:
        _write(session, draft, section, wanted)
    answer_questions(session, draft, section, wanted, actor=actor, now=now)
    session.flush()
    if changed:
        audit.record(session, Tag.PROJECT_EDITED, actor=actor, subject_id=project_id, now=now, section=section.value)


def refuse_overtaken(session: Session, project_id: int, section: Section, seen: str, before: Mapping[str, Any]) -> None:
    """Raise Overtaken when `seen` is not the fingerprint of what is stored, saying who changed it last."""
    if seen != fingerprint(before):
        edit = find_last_edit(session, project_id, section)
        who = edit.who if edit else "Somebody"
        raise Overtaken("overtaken", f"{who} changed this page while you were writing. Nothing of either is lost.")


def answer_questions(
    session: Session, draft: Draft, section: Section, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> None:
    """Keep the answers to the council's questions about a section; an empty one opens its question again."""
    for question in draft.asked(section):
        text = str(values.get(f"answer_{question.public_id}", question.answer))
        if text == question.answer:
            continue
        question.answer = text
        question.answered_at, question.answered_by_id = (now, actor.person_id) if text else (None, None)
        session.flush()
        facts: dict[str, Any] = {"question_id": question.id, "section": section.value}
        if text:
            audit.record(session, Tag.QUESTION_ANSWERED, actor=actor, subject_id=draft.project.id, now=now, **facts)


def share_preview(session: Session, project_id: int, *, actor: Actor, now: datetime) -> str:
    """Make a new link to the preview for the committee; the one before stops working. Return its key."""
    project = lock_draft(session, project_id, actor)
    project.preview_key = ids.public_id()
    session.flush()
    audit.record(session, Tag.PREVIEW_SHARED, actor=actor, subject_id=project_id, now=now)
    return project.preview_key


def _write(session: Session, draft: Draft, section: Section, wanted: Mapping[str, Any]) -> None:
    if section is Section.BASICS:
        _write_basics(session, draft, wanted)
    for name in FIELDS.get(section, ()):
        setattr(draft.project, name, wanted[name])


def _write_basics(session: Session, draft: Draft, wanted: Mapping[str, Any]) -> None:
    project = draft.project
    if ids.slugify(wanted["title"]) != ids.slugify(project.title):
        project.slug = free_slug(session, wanted["title"])
    if project.picture == drawing_for(project.theme)[0] and wanted["theme"] is not project.theme:
        project.picture, project.picture_alt = drawing_for(wanted["theme"])
    if set(wanted["objectives"]) != {objective.value for objective in draft.objectives}:
        session.execute(delete(ProjectObjective).where(ProjectObjective.project_id == project.id))
        for value in wanted["objectives"]:
            session.add(ProjectObjective(project_id=project.id, objective=Objective(value)))


def _refuse_low_stretch(project: Project, stretch_pence: int | None) -> None:
    if stretch_pence is not None and not project.target_pence < stretch_pence <= MOST_PENCE:
        least, most = pounds(project.target_pence), pounds(MOST_PENCE)
        raise Refused("low_stretch", f"A stretch target is more than your target of {least}, up to {most}.", "stretch")


def _settle_place(session: Session, wanted: dict[str, Any]) -> None:
    wanted["district_code"] = district_for(session, wanted["postcode"], wanted["district_code"])
    wanted["postcode"] = tidy_postcode(wanted["postcode"])
    divisions = {code for code, _ in list_divisions(session, wanted["district_code"])}
    if wanted["division_code"] is not None and wanted["division_code"] not in divisions:
        raise Refused("division_elsewhere", "Choose the division again: the list is that of the district.", "division")
