"""Whether money of a group's projects may still need its host."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.projects.models import Project
from crowdfund.projects.rules import PUBLIC, ProjectState

_S = ProjectState
MONEY_IN_PLAY = PUBLIC - {_S.UNSUCCESSFUL, _S.CANCELLED, _S.REFUNDED, _S.COMPLETED}


def has_money_in_play(session: Session, group_id: int) -> bool:
    """Say whether a project of the group takes pledges, or has money to receive, spend or give back."""
    statement = select(Project.id).where(Project.group_id == group_id, Project.state.in_(MONEY_IN_PLAY)).limit(1)
    return session.scalar(statement) is not None
