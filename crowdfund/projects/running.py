"""A project after its launch: officers pause and resume it, and its group hears of it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import Right
from crowdfund.core import jobs
from crowdfund.core.actor import Actor
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.decisions.models import Interest
from crowdfund.projects.actions import move_project
from crowdfund.projects.distance import UNDECLARED, distance_of
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import VERDICT, ProjectState

MOST_REASON = 1000
NO_REASON = "Say why in a sentence or two."
LONG_REASON = f"The reason must be {MOST_REASON} characters or fewer."


def pause_project(session: Session, project_id: int, reason: str, *, actor: Actor, now: datetime) -> Project:
    """Stop new pledges to a live project while something is looked into; the group is mailed the reason.

    Raises Forbidden for whoever may not, Refused when it is not live or no reason is given.
    """
    project = _officers_project(session, project_id, actor)
    if project.state is not ProjectState.LIVE:
        raise Refused("not_live", "Only a project that is open for pledges can be paused.")
    return _moved(session, project, ProjectState.PAUSED, "project_paused", reason, actor=actor, now=now)


def resume_project(session: Session, project_id: int, reason: str, *, actor: Actor, now: datetime) -> Project:
    """Open a paused project for pledges again; its deadline stays, and the group is mailed.

    Where the deadline has passed meanwhile it takes no pledges any more and is judged at once.

    Raises Forbidden for whoever may not, Refused when it is not paused or no reason is given.
    """
    project = _officers_project(session, project_id, actor)
    if project.state is not ProjectState.PAUSED:
        raise Refused("not_paused", "Only a paused project can be resumed.")
    if is_past(project, now):
        # The job of the deadline itself has come and gone.
        key = f"{VERDICT}:{project_id}:resumed:{int(now.timestamp())}"
        jobs.enqueue(session, VERDICT, {"project_id": project_id}, dedupe_key=key, now=now)
    return _moved(session, project, ProjectState.LIVE, "project_resumed", reason, actor=actor, now=now)


def is_past(project: Project, now: datetime) -> bool:
    """Say whether a launched project's deadline has passed."""
    return project.deadline is not None and now >= project.deadline


def demand_officer(session: Session, project: Project, actor: Actor) -> None:
    """Raise Forbidden unless the actor is an officer who may pause projects and stands apart from this one."""
    if not actor.may(Right.PAUSE_PROJECTS):
        raise Forbidden(f"Your role does not let you {Right.PAUSE_PROJECTS}.")
    demand_distance(session, project, actor)


def demand_distance(session: Session, project: Project, actor: Actor) -> None:
    """Raise Forbidden for an officer who is tied to the project or declared an interest in it."""
    if actor.person_id is None:
        return
    refusal = distance_of(session, project.id, actor.person_id).refusal
    if refusal:
        raise Forbidden(refusal)


def demand_declared(session: Session, project: Project, actor: Actor) -> None:
    """Raise Forbidden for an officer who did not declare to have no interest in the project, or is tied to it."""
    demand_distance(session, project, actor)
    if actor.person_id is not None and not distance_of(session, project.id, actor.person_id).is_clear:
        raise Forbidden(UNDECLARED)


def find_interest(session: Session, project_id: int, person_id: int) -> bool | None:
    """Return whether an officer's newest declaration names an interest; None where there is none yet."""
    declared = select(Interest.has_interest).where(
        Interest.person_id == person_id, Interest.subject == f"project:{project_id}"
    )
    return session.scalars(declared.order_by(Interest.id.desc()).limit(1)).first()


def demand_reason(reason: str) -> None:
    """Raise Refused on the field `reason` when none is given or it is too long."""
    if not reason.strip():
        raise Refused("no_reason", NO_REASON, "reason")
    if len(reason) > MOST_REASON:
        raise Refused("long_reason", LONG_REASON, "reason")


def _officers_project(session: Session, project_id: int, actor: Actor) -> Project:
    project = lock(session, Project, project_id)
    demand_officer(session, project, actor)
    return project


def _moved(
    session: Session, project: Project, new: ProjectState, template: str, reason: str, *, actor: Actor, now: datetime
) -> Project:
    demand_reason(reason)
    move_project(session, project.id, new, reason=reason, actor=actor, now=now)
    mail_group(session, project, template, now, reason=reason, is_late=is_past(project, now))
    return project
