"""What the public pages change: a concern reaches the officers."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.notifications.actions import queue_mail
from crowdfund.projects.models import Project


def report_concern(
    session: Session, project: Project, concern: str, email: str, officers: str, *, actor: Actor, now: datetime
) -> None:
    """Mail a concern about a project to the officers, and record that there was one."""
    key = f"concern:{ids.public_id()}"
    context = {"project": project, "concern": concern, "email": email}
    mail_id = queue_mail(session, "concern", officers, key=key, now=now, **context)
    audit.record(session, Tag.CONCERN_REPORTED, actor=actor, subject_id=project.id, now=now, mail_id=mail_id)
