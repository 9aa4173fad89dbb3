"""Launching a checked project: by its group's button, or by the clock on the day that the group chose."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core.actor import Actor
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.groups.models import Group
from crowdfund.groups.queries import has_accepted_host, needs_host, require_right
from crowdfund.projects.access import can_launch
from crowdfund.projects.actions import launch_project
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState, allowed_length

LAUNCH_DUE = "projects:launch_due"
LAUNCH_HOUR = time(9)


def obstacles(session: Session, project: Project) -> list[str]:
    """Return what stands in the way of a launch, as sentences that say what to do."""
    group = session.get_one(Group, project.group_id)
    found = []
    if project.signed_at is None:
        found.append("The second signatory has not confirmed the declaration yet. Remind them, or ask somebody else.")
    if needs_host(group) and not has_accepted_host(session, group.id):
        found.append("Your group has no bank account in its own name, and no host has agreed to take the money yet.")
    if not allowed_length(project.campaign_days):
        found.append("A project is open for 7 to 84 days. Withdraw it to change that.")
    return found


def launch_for_group(session: Session, project_id: int, *, actor: Actor, now: datetime) -> Project:
    """Open a checked project for pledges and tell its group.

    Raises NotFound for strangers, Forbidden without the right, Refused with everything that stands in the way.
    """
    project = lock(session, Project, project_id)
    lock(session, Group, project.group_id)  # so that its host cannot be ended in the same instant
    permit = can_launch(project, require_right(session, project.group_id, actor, GroupRight.SUBMIT))
    if not permit:
        raise Refused("not_ready", permit.reason)
    if found := obstacles(session, project):
        raise Refused("obstacle", " ".join(found))
    launch_project(session, project_id, actor=actor, now=now)
    mail_group(session, project, "project_launched", now)
    return project


def list_due(session: Session, now: datetime) -> list[int]:
    """Return the ids of checked projects whose launch day has come, from 9am in Kent."""
    ready = select(Project.id, Project.launch_on).where(
        Project.state == ProjectState.READY, Project.launch_on <= now.astimezone(LONDON).date()
    )
    rows = session.execute(ready.order_by(Project.launch_on, Project.id))
    return [project_id for project_id, day in rows if day is not None and launch_moment(day) <= now]


def launch_by_clock(session: Session, project_id: int, *, actor: Actor, now: datetime) -> bool:
    """Launch a project whose day has come; say whether it is launched now.

    When it cannot be, it stays ready, its day is forgotten, and its group is mailed the reason once.
    """
    project = lock(session, Project, project_id)
    day = project.launch_on
    if project.state is not ProjectState.READY or day is None or launch_moment(day) > now:
        return False
    project.launch_on = None
    late = project.checked_at is not None and project.checked_at > launch_moment(day)
    why = ["The day you chose was over before the council had checked the project."] if late else []
    why = why or obstacles(session, project)
    if not why:
        launch_for_group(session, project_id, actor=actor, now=now)
        return True
    session.flush()
    told: dict[str, Any] = {"why": why, "day": day}
    mail_group(session, project, "project_not_launched", now, **told)
    return False


def launch_moment(day: date) -> datetime:
    """Return 9am in Kent on a day."""
    return datetime.combine(day, LAUNCH_HOUR, tzinfo=LONDON)
