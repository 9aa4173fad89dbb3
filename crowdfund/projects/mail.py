"""Mails to the people of a project's group."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import MEMBER_RIGHTS, GroupRight, MemberRole
from crowdfund.groups.models import Group, Member
from crowdfund.notifications.actions import queue_mail
from crowdfund.projects.models import Project


def mail_group(
    session: Session, project: Project, template: str, now: datetime, right: GroupRight = GroupRight.SEE, **context: Any
) -> None:
    """Mail everyone in the project's group who has this right, once for each template and moment."""
    roles = [role for role in MemberRole if right in MEMBER_RIGHTS[role]]
    people = (
        select(Person.id, Person.email)
        .join(Member, Member.person_id == Person.id)
        .where(Member.group_id == project.group_id, Member.role.in_(roles), Person.email.is_not(None))
    )
    context |= {"project": project, "group": session.get_one(Group, project.group_id)}
    for person_id, email in session.execute(people.order_by(Person.id)).all():
        assert email is not None
        key = f"{template}:{project.id}:{now.timestamp()}:{person_id}"
        queue_mail(session, template, email, key=key, now=now, **context)
