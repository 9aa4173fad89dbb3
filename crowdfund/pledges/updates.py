"""News from a group: published on the project's page, and mailed once to every backer who wants it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.groups.models import Group
from crowdfund.groups.queries import require_right
from crowdfund.notifications.actions import queue_optional_mail
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import COUNTING
from crowdfund.projects.actions import post_update
from crowdfund.projects.models import Project, ProjectUpdate
from crowdfund.projects.rules import PUBLIC

UPDATE_MAILS = "pledges:update"
BATCH = 50
MOST_A_DAY = 3

Link = Callable[[Pledge], str]


def publish_update(
    session: Session, project_id: int, title: str, body: str, *, actor: Actor, now: datetime
) -> ProjectUpdate:
    """Put news on the project's page and queue the mails; the same words again within an hour are the same news.

    Raises NotFound for strangers, Forbidden for members without the right, Refused before the launch and
    beyond three a day.
    """
    project = lock(session, Project, project_id)
    require_right(session, project.group_id, actor, GroupRight.EDIT)
    if project.state not in PUBLIC:
        raise Refused("not_launched", "News can be posted once the project is launched.")
    if (twin := _find_twin(session, project_id, title, body, now)) is not None:
        return twin
    if count_recent(session, project_id, now) >= MOST_A_DAY:
        raise Refused("too_many", f"You have posted {MOST_A_DAY} updates in 24 hours. Wait until tomorrow.")
    update = post_update(session, project_id, title, body, actor=actor, now=now)
    _queue_mails(session, update.id, 0, now)
    return update


def mail_some(session: Session, update_id: int, after: int, now: datetime, *, opens: Link, off: Link) -> int:
    """Queue the mails of an update for the next backers behind the pledge `after`, and the rest as a job.

    Returns how many were written; a mail that was written before is not written again.
    """
    update = session.get_one(ProjectUpdate, update_id)
    project = session.get_one(Project, update.project_id)
    group = session.get_one(Group, project.group_id)
    wanted = (
        select(Pledge, Person.email)
        .join(Person, Person.id == Pledge.person_id)
        .where(Pledge.project_id == project.id, Pledge.id > after, Pledge.state.in_(COUNTING))
        .where(Pledge.updates_off_at.is_(None), Person.email.is_not(None))
    )
    batch = session.execute(wanted.order_by(Pledge.id).limit(BATCH)).all()
    for pledge, email in batch:
        assert email is not None
        context: dict[str, Any] = {"project": project, "group": group, "update": update, "link": opens(pledge)}
        key = f"update:{update_id}:{pledge.id}"
        queue_optional_mail(session, "project_update", email, off(pledge), key=key, now=now, **context)
    if len(batch) == BATCH:
        _queue_mails(session, update_id, batch[-1][0].id, now)
    return len(batch)


def turn_updates_off(session: Session, pledge_id: int, *, actor: Actor, now: datetime) -> None:
    """End mails with the project's news for one backer; again changes nothing."""
    pledge = lock(session, Pledge, pledge_id)
    if pledge.updates_off_at is None:
        pledge.updates_off_at = now
        session.flush()
        audit.record(session, Tag.PLEDGE_UPDATES_OFF, actor=actor, subject_id=pledge_id, now=now)


def turn_updates_on(session: Session, pledge_id: int, *, actor: Actor, now: datetime) -> None:
    """Send the project's news to one backer again."""
    pledge = lock(session, Pledge, pledge_id)
    if pledge.updates_off_at is not None:
        pledge.updates_off_at = None
        session.flush()
        audit.record(session, Tag.PLEDGE_UPDATES_ON, actor=actor, subject_id=pledge_id, now=now)


def count_recent(session: Session, project_id: int, now: datetime) -> int:
    """Return how many updates were posted in the 24 hours before `now` (UTC)."""
    recent = select(func.count()).where(
        ProjectUpdate.project_id == project_id, ProjectUpdate.posted_at > now - timedelta(days=1)
    )
    return session.scalar(recent) or 0


def count_readers(session: Session, project_id: int) -> int:
    """Return how many backers get a mail with the next update."""
    readers = select(func.count()).where(
        Pledge.project_id == project_id, Pledge.state.in_(COUNTING), Pledge.updates_off_at.is_(None)
    )
    return session.scalar(readers) or 0


def _find_twin(session: Session, project_id: int, title: str, body: str, now: datetime) -> ProjectUpdate | None:
    twins = select(ProjectUpdate).where(
        ProjectUpdate.project_id == project_id,
        ProjectUpdate.title == title,
        ProjectUpdate.body == body,
        ProjectUpdate.posted_at > now - timedelta(hours=1),
    )
    return session.scalars(twins.order_by(ProjectUpdate.id).limit(1)).first()


def _queue_mails(session: Session, update_id: int, after: int, now: datetime) -> None:
    payload, key = {"update_id": update_id, "after": after}, f"{UPDATE_MAILS}:{update_id}:{after}"
    jobs.enqueue(session, UPDATE_MAILS, payload, dedupe_key=key, now=now)
