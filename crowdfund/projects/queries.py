"""Reading projects: the public list, one page, its lines and news."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crowdfund.core.errors import NotFound
from crowdfund.projects.models import Project, ProjectLine, ProjectUpdate
from crowdfund.projects.rules import PUBLIC, LineKind


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
