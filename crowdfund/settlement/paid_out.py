"""What the first payout that arrives means for a project: its work has begun."""

from datetime import datetime

from sqlalchemy.orm import Session

from crowdfund.core.actor import Actor
from crowdfund.core.db import lock
from crowdfund.projects.actions import move_project
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState


def payout_confirmed(session: Session, project_id: int, actor: Actor, now: datetime) -> None:
    """Move a funded project to its delivery; a later payout changes nothing."""
    if lock(session, Project, project_id).state is ProjectState.FUNDED:
        move_project(session, project_id, ProjectState.DELIVERING, actor=actor, now=now)
