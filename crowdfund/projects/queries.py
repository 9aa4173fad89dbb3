"""Reading projects: the public list, one page, its lines and news."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.accounts.roles import GroupRight
from crowdfund.core.actor import Actor
from crowdfund.core.errors import NotFound
from crowdfund.groups.queries import require_right
from crowdfund.projects.models import Project, ProjectLine, ProjectUpdate
from crowdfund.projects.rules import PUBLIC, LineKind, ProjectState


def get_public_project(session: Session, slug: str) -> Project:
    """Return a project the public may see, with its group and district. Raises NotFound."""
    project = session.scalars(
        select(Project)
        .options(joinedload(Project.group), joinedload(Project.district))
        .where(Project.slug == slug, Project.state.in_(PUBLIC))
    ).one_or_none()
    if project is None:
        raise NotFound(f"project {slug}")
    return project


def list_lines(session: Session, project_id: int) -> dict[LineKind, list[ProjectLine]]:
    """Return the project's lists by kind, each in the group's own order."""
    lines: dict[LineKind, list[ProjectLine]] = {kind: [] for kind in LineKind}
    ordered = select(ProjectLine).where(ProjectLine.project_id == project_id)
    for line in session.scalars(ordered.order_by(ProjectLine.kind, ProjectLine.position)):
        lines[line.kind].append(line)
    return lines


def list_updates(session: Session, project_id: int) -> Sequence[ProjectUpdate]:
    """Return the project's news, newest first."""
    statement = select(ProjectUpdate).where(ProjectUpdate.project_id == project_id)
    return session.scalars(statement.order_by(ProjectUpdate.posted_at.desc(), ProjectUpdate.id.desc())).all()


def get_own_project(session: Session, public_id: str, actor: Actor, right: GroupRight = GroupRight.SEE) -> Project:
    """Return a project of the actor's group, with its group and district.

    Raises NotFound for strangers, Forbidden for members without the right.
    """
    project = session.scalars(_whole().where(Project.public_id == public_id)).one_or_none()
    if project is None:
        raise NotFound(f"project {public_id}")
    require_right(session, project.group_id, actor, right)
    return project


def get_checkable_project(session: Session, public_id: str) -> Project:
    """Return a project that officers may see: any that was ever submitted. Raises NotFound."""
    hidden = Project.state.in_((ProjectState.DRAFT, ProjectState.WITHDRAWN))
    project = session.scalars(_whole().where(Project.public_id == public_id, ~hidden)).one_or_none()
    if project is None:
        raise NotFound(f"project {public_id}")
    return project


def _whole() -> Select[Project]:
    return select(Project).options(joinedload(Project.group), joinedload(Project.district))
