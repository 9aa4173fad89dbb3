"""Changing projects: draft, move through their life, launch, post news."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import IllegalMove, Refused
from crowdfund.ledger import postings
from crowdfund.projects.models import Project, ProjectLine, ProjectUpdate
from crowdfund.projects.rules import MACHINE, LineKind, ProjectState, Theme, allowed_length, minimum_target

CLOSING_HOUR = 17  # pledging ends in office hours, when someone can be asked for help


@dataclass(frozen=True)
class Line:
    """One line of a list of the project; amounts in pence."""

    kind: LineKind
    label: str
    amount_pence: int | None = None
    is_capital: bool = False
    is_public: bool = False
    is_confirmed: bool = False
    due: date | None = None


@dataclass(frozen=True)
class ProjectDetails:
    """What a group says about its project."""

    title: str
    aim: str
    story: str
    theme: Theme
    place: str
    district_code: str
    picture: str
    picture_alt: str
    if_too_little: str
    if_too_much: str
    risks: str
    permissions: str
    lines: Sequence[Line] = field(default_factory=tuple)
    stretch_pence: int | None = None
    stretch_use: str = ""
    campaign_days: int = 42


def draft_project(session: Session, group_id: int, details: ProjectDetails, *, actor: Actor, now: datetime) -> Project:
    """Write a draft; its minimum target is its costs less confirmed other money.

    Raises Refused when that leaves nothing to raise.
    """
    target = _target_of(details.lines)
    if target <= 0:
        raise Refused("nothing_to_raise", "The costs are covered already: there is nothing left to raise.")
    plain: dict[str, Any] = {name: value for name, value in vars(details).items() if name != "lines"}
    project = Project(
        public_id=ids.public_id(),
        slug=_free_slug(session, details.title),
        group_id=group_id,
        state=ProjectState.DRAFT,
        target_pence=target,
        created_at=now,
        **plain,
    )
    session.add(project)
    session.flush()
    for position, line in enumerate(details.lines):
        session.add(ProjectLine(project_id=project.id, position=position, **vars(line)))
    accounts = postings.open_project(session, project.id)
    project.backers_account_id, project.pledged_account_id = accounts.backers, accounts.pledged
    session.flush()
    audit.record(session, Tag.PROJECT_DRAFTED, actor=actor, subject_id=project.id, now=now, group_id=group_id)
    return project


def move_project(
    session: Session, project_id: int, new: ProjectState, *, reason: str = "", actor: Actor, now: datetime
) -> Project:
    """Move a project to a state that its table allows. Raises IllegalMove."""
    project = lock(session, Project, project_id)
    old, project.state = project.state, MACHINE.move(project.state, new)
    if new is ProjectState.READY:
        project.checked_at = now
    session.flush()
    data = {"old": old.value, "new": new.value, "reason": reason}
    audit.record(session, Tag.PROJECT_MOVED, actor=actor, subject_id=project.id, now=now, **data)
    return project


def launch_project(session: Session, project_id: int, *, actor: Actor, now: datetime) -> Project:
    """Open a checked project for pledges until 5pm on the last day of its campaign.

    Raises IllegalMove unless it is ready, Refused when the campaign is too short or too long.
    """
    project = lock(session, Project, project_id)
    if project.state is not ProjectState.READY:
        raise IllegalMove(f"project: {project.state} is not launched, a paused one is resumed")
    last_day = (now + timedelta(days=project.campaign_days)).astimezone(LONDON)
    deadline = last_day.replace(hour=CLOSING_HOUR, minute=0, second=0, microsecond=0)
    if not allowed_length(project.campaign_days):
        raise Refused("campaign_length", "A project is open for 7 to 84 days.", "campaign_days")
    project.launched_at, project.deadline = now, deadline
    return move_project(session, project_id, ProjectState.LIVE, actor=actor, now=now)


def post_update(
    session: Session, project_id: int, title: str, body: str, *, actor: Actor, now: datetime
) -> ProjectUpdate:
    """Publish news from the group on the project's page."""
    update = ProjectUpdate(project_id=project_id, title=title, body=body, posted_at=now)
    session.add(update)
    session.flush()
    audit.record(session, Tag.PROJECT_UPDATED, actor=actor, subject_id=project_id, now=now, update_id=update.id)
    return update


def _target_of(lines: Sequence[Line]) -> int:
    costs = [line.amount_pence or 0 for line in lines if line.kind is LineKind.COST]
    sure = [line.amount_pence or 0 for line in lines if line.kind is LineKind.OTHER_MONEY and line.is_confirmed]
    return minimum_target(costs, sure)


def _free_slug(session: Session, title: str) -> str:
    slug = ids.slugify(title)
    taken = session.scalar(select(func.count()).select_from(Project).where(Project.slug == slug))
    return f"{slug}-{ids.public_id()[:4]}" if taken else slug
