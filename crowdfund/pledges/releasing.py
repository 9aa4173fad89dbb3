"""A project is cancelled, or missed its target: every pledge ends, batch by batch, and nobody is charged.

Each batch is one transaction that also queues the next one, so a worker may be killed anywhere.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.groups.queries import require_right
from crowdfund.matching.settling import lapse_match
from crowdfund.pledges.actions import abandon_pledge, tell_backer
from crowdfund.pledges.cards import forget_cards
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import stop_counting
from crowdfund.pledges.rules import MACHINE, PledgeState
from crowdfund.projects.actions import move_project
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import BEFORE_LAUNCH, OPEN, ProjectState
from crowdfund.projects.running import demand_officer, demand_reason

RELEASE = "pledges:release"
BATCH = 25
CANCELLED = "cancelled"
TOLD = "released_cancelled"
_CLOSED = "closed"  # what a pledge that was never finished hears when the deadline has passed
# Why pledges are released, by what became of the project, and how their backers are told.
_RELEASES = {
    ProjectState.CANCELLED: (CANCELLED, TOLD),
    ProjectState.UNSUCCESSFUL: ("unsuccessful", "released_unsuccessful"),
}


def cancel_for_group(session: Session, project_id: int, reason: str, *, actor: Actor, now: datetime) -> Project:
    """End a project for its group before the deadline; every pledge is released and everyone told.

    Raises NotFound for strangers, Forbidden for members without the right, Refused when it has ended or no
    reason is given.
    """
    project = lock(session, Project, project_id)
    require_right(session, project.group_id, actor, GroupRight.SUBMIT)
    _refuse_ended(can_be_cancelled(project, now))
    return _cancel(session, project, reason, "the group", actor=actor, now=now)


def cancel_as_officer(session: Session, project_id: int, reason: str, *, actor: Actor, now: datetime) -> Project:
    """End a project for the council before it is judged; every pledge is released and everyone told.

    Raises Forbidden for whoever may not, Refused when it has ended or no reason is given.
    """
    project = lock(session, Project, project_id)
    demand_officer(session, project, actor)
    _refuse_ended(can_officer_cancel(project, now))
    return _cancel(session, project, reason, "the council", actor=actor, now=now)


def can_be_cancelled(project: Project, now: datetime) -> bool:
    """Say whether the project runs and its deadline is still to come."""
    return project.state in OPEN and project.deadline is not None and now < project.deadline


def can_officer_cancel(project: Project, now: datetime) -> bool:
    """Say the same for an officer, who also ends a project that is paused past its deadline: nobody judged it yet."""
    return can_be_cancelled(project, now) or project.state is ProjectState.PAUSED


def release_some(session: Session, project_id: int, *, actor: Actor, now: datetime) -> int:
    """End the next pledges to a project that was cancelled or missed its target, and queue the rest.

    Where the target was reached only the pledges that were never finished end. Returns how many were ended.
    """
    project = lock(session, Project, project_id)
    if project.state in OPEN or project.state in BEFORE_LAUNCH:
        return 0
    ending = (PledgeState.SETUP, PledgeState.ACTIVE) if project.state in _RELEASES else (PledgeState.SETUP,)
    standing = select(Pledge.id).where(Pledge.project_id == project_id, Pledge.state.in_(ending))
    batch = session.scalars(standing.order_by(Pledge.id).limit(BATCH)).all()
    for pledge_id in batch:
        _end(session, project, pledge_id, actor=actor, now=now)
    if len(batch) == BATCH:
        queue_release(session, project_id, batch[-1], now)
    return len(batch)


def queue_release(session: Session, project_id: int, after: int, now: datetime) -> None:
    """Have the worker end the pledges of a project that takes none any more; `after` names the batch."""
    key = f"{RELEASE}:{project_id}:{after}"
    jobs.enqueue(session, RELEASE, {"project_id": project_id}, dedupe_key=key, now=now)


def why_cancelled(session: Session, project_id: int) -> str:
    """Return the reason that was given when a project was cancelled; '' for one that was not."""
    moves = select(AuditEvent.data).where(
        AuditEvent.subject_kind == "project",
        AuditEvent.subject_id == project_id,
        AuditEvent.tag == Tag.PROJECT_MOVED.value,
    )
    last: dict[str, Any] = json.loads(session.scalars(moves.order_by(AuditEvent.id.desc()).limit(1)).first() or "{}")
    return str(last.get("reason", "")) if last.get("new") == ProjectState.CANCELLED.value else ""


def _refuse_ended(possible: bool) -> None:
    if not possible:
        raise Refused("ended", "This project is no longer open, so it cannot be cancelled.")


def _cancel(session: Session, project: Project, reason: str, by: str, *, actor: Actor, now: datetime) -> Project:
    demand_reason(reason)
    move_project(session, project.id, ProjectState.CANCELLED, reason=reason, actor=actor, now=now)
    queue_release(session, project.id, 0, now)
    mail_group(session, project, "project_cancelled", now, reason=reason, by=by)
    lapse_match(session, project, f"The project was cancelled by {by}.", actor=actor, now=now)
    return project


def _end(session: Session, project: Project, pledge_id: int, *, actor: Actor, now: datetime) -> None:
    reason, told = _RELEASES.get(project.state, (_CLOSED, ""))
    pledge = lock(session, Pledge, pledge_id)
    if pledge.state is PledgeState.SETUP:
        never = CANCELLED if project.state is ProjectState.CANCELLED else _CLOSED
        abandon_pledge(session, pledge_id, never, actor=actor, now=now)
    if pledge.state is not PledgeState.ACTIVE:
        return
    pledge.state = MACHINE.move(pledge.state, PledgeState.RELEASED)
    stop_counting(session, project, pledge, reason, actor=actor, now=now)
    forget_cards(session, pledge, now)
    data = {"project_id": project.id, "amount_pence": pledge.amount_pence}
    audit.record(session, Tag.PLEDGE_RELEASED, actor=actor, subject_id=pledge.id, now=now, **data)
    tell_backer(session, pledge, told, now)
