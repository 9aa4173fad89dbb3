"""Holding a check while it is changed: its rows locked, whoever acts asked whether they may."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.checking.access import can_check
from crowdfund.checking.models import Check
from crowdfund.checking.rules import CHECKED_WITHIN, ago_words
from crowdfund.core.actor import Actor, ActorKind, Permit
from crowdfund.core.db import insert_ignore, lock, table_of
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.places.calendar import due_after
from crowdfund.projects.distance import Distance, distance_of
from crowdfund.projects.models import Project

May = Callable[[Actor, Distance, Project], Permit]


def hold_project(session: Session, project_id: int, actor: Actor, may: May | None = None) -> Project:
    """Lock a project for an officer who works on its check.

    Raises Forbidden for whoever may not check it at all, Refused where `may` says that it is not the time for this.
    The service itself is not asked.
    """
    project = lock(session, Project, project_id)
    if actor.kind is ActorKind.SYSTEM:
        return project
    distance = distance_of(session, project_id, actor.person_id or 0)
    permit = can_check(actor, distance)
    if not permit:
        raise Forbidden(permit.reason)
    allowed = may(actor, distance, project) if may else permit
    if not allowed:
        raise Refused("not_now", allowed.reason)
    return project


def hold_check(session: Session, project_id: int, now: datetime) -> Check:
    """Lock the check of a project that the caller has locked; one that was never opened is opened now."""
    due = due_after(now, CHECKED_WITHIN)
    insert_ignore(session, table_of(Check), project_id=project_id, due_at=due, version=0, changed_at=now)
    held = select(Check).where(Check.project_id == project_id).with_for_update(key_share=True)
    check = session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if check is None:
        raise NotFound(f"check of project {project_id}")
    return check


def touch(session: Session, check: Check, actor: Actor, now: datetime) -> None:
    """Mark a check as changed by the actor, so that forms which show an older one are refused."""
    check.version += 1
    check.changed_at, check.changed_by_id = now, actor.person_id
    session.flush()


def changed_words(session: Session, check: Check, actor: Actor, now: datetime) -> str:
    """Say who changed a check last, and how long ago."""
    changer = session.get(Person, check.changed_by_id) if check.changed_by_id else None
    who = "Somebody" if changer is None else "You" if changer.id == actor.person_id else changer.name
    return f"{who} changed this {ago_words(check.changed_at, now)}"
