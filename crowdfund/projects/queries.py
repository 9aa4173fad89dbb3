"""Reading projects: a public page, a group's own draft, its lines, questions and who changed it last."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, String, cast, func, literal, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import GroupRight, MemberRole
from crowdfund.core.actor import Actor
from crowdfund.core.audit import AuditEvent
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import NotFound
from crowdfund.files.models import Purpose, StoredFile
from crowdfund.groups.models import Invitation
from crowdfund.groups.queries import require_right
from crowdfund.groups.rules import InvitationKind
from crowdfund.places.models import ElectoralDivision
from crowdfund.projects.models import Project, ProjectLine, ProjectObjective, ProjectUpdate, Question
from crowdfund.projects.rules import BEFORE_LAUNCH, PUBLIC, LineKind, ProjectState, Section
from crowdfund.projects.sections import Draft


class Edit(NamedTuple):
    """Who last changed something, and when (UTC)."""

    who: str
    at: datetime


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


def find_line(session: Session, project_id: int, line_id: int) -> ProjectLine | None:
    """Return a line of this project, if it is (still) there."""
    wanted = select(ProjectLine).where(ProjectLine.id == line_id, ProjectLine.project_id == project_id)
    return session.scalars(wanted).one_or_none()


def list_updates(session: Session, project_id: int) -> Sequence[ProjectUpdate]:
    """Return the project's news, newest first."""
    statement = select(ProjectUpdate).where(ProjectUpdate.project_id == project_id)
    return session.scalars(statement.order_by(ProjectUpdate.posted_at.desc(), ProjectUpdate.id.desc())).all()


def get_own_project(session: Session, public_id: str, actor: Actor, right: GroupRight = GroupRight.SEE) -> Project:
    """Return a project of the actor's group, with its group and district.

    Raises NotFound for strangers, Forbidden for members without the right.
    """
    return get_own_and_role(session, public_id, actor, right)[0]


def get_own_and_role(
    session: Session, public_id: str, actor: Actor, right: GroupRight = GroupRight.SEE
) -> tuple[Project, MemberRole | None]:
    """Return a project of the actor's group and the actor's role there, None for the service itself.

    Raises NotFound for strangers, Forbidden for members without the right.
    """
    project = session.scalars(_whole().where(Project.public_id == public_id)).one_or_none()
    if project is None:
        raise NotFound(f"project {public_id}")
    return project, require_right(session, project.group_id, actor, right)


def get_checkable_project(session: Session, public_id: str) -> Project:
    """Return a project that officers may see: any that was ever submitted. Raises NotFound."""
    hidden = Project.state.in_((ProjectState.DRAFT, ProjectState.WITHDRAWN))
    project = session.scalars(_whole().where(Project.public_id == public_id, ~hidden)).one_or_none()
    if project is None:
        raise NotFound(f"project {public_id}")
    return project


def get_project(session: Session, project_id: int) -> Project:
    """Return a project of any state with its group and district. Raises NotFound."""
    project = session.scalars(_whole().where(Project.id == project_id)).one_or_none()
    if project is None:
        raise NotFound(f"project {project_id}")
    return project


def get_shared_project(session: Session, public_id: str, key: str) -> Project:
    """Return a project that is not launched to whoever has the committee's link. Raises NotFound."""
    project = session.scalars(_whole().where(Project.public_id == public_id)).one_or_none()
    shown = project is not None and project.state in BEFORE_LAUNCH - {ProjectState.WITHDRAWN}
    if project is None or not shown or not project.preview_key:
        raise NotFound(f"project {public_id}")
    if not hmac.compare_digest(project.preview_key.encode(), key.encode()):
        raise NotFound(f"project {public_id}")
    return project


def load_draft(session: Session, project: Project) -> Draft:
    """Return everything the group has written, in three queries."""
    objectives = select(ProjectObjective.objective).where(ProjectObjective.project_id == project.id)
    return Draft(
        project,
        list_lines(session, project.id),
        frozenset(session.scalars(objectives)),
        list_open_round(session, project),
    )


def list_questions(session: Session, project_id: int) -> Sequence[Question]:
    """Return everything the council ever asked about a project, in its order."""
    statement = select(Question).where(Question.project_id == project_id)
    return session.scalars(statement.order_by(Question.id)).all()


def list_open_round(session: Session, project: Project) -> Sequence[Question]:
    """Return the questions that the group has to answer before it submits again; none in other states."""
    asked = list_questions(session, project.id)
    if project.state is not ProjectState.CHANGES_REQUESTED:
        return []
    return [question for question in asked if project.submitted_at is None or question.asked_at >= project.submitted_at]


def list_divisions(session: Session, district_code: str) -> list[tuple[str, str]]:
    """Return the electoral divisions of a district by name, as code and name."""
    statement = select(ElectoralDivision.code, ElectoralDivision.name)
    ordered = statement.where(ElectoralDivision.district_code == district_code).order_by(ElectoralDivision.name)
    return [(code, name) for code, name in session.execute(ordered)]


def find_division_name(session: Session, code: str | None) -> str | None:
    """Return the name of an electoral division, None where none was picked."""
    if code is None:
        return None
    return session.scalar(select(ElectoralDivision.name).where(ElectoralDivision.code == code))


def find_signatory(session: Session, project_id: int) -> Invitation | None:
    """Return the newest request to a second signatory, whatever came of it."""
    asked = select(Invitation).where(
        Invitation.kind == InvitationKind.SIGNATORY, Invitation.subject == f"project:{project_id}"
    )
    return session.scalars(asked.order_by(Invitation.id.desc()).limit(1)).one_or_none()


def find_last_edit(session: Session, project_id: int, section: Section | None = None) -> Edit | None:
    """Return who last changed a section of a draft, or any section; None when nobody did yet."""
    is_theirs = AuditEvent.actor == literal("person:") + cast(Person.id, String)
    edits = (
        select(func.coalesce(Person.name, ""), AuditEvent.at)
        .outerjoin(Person, is_theirs)
        .where(AuditEvent.subject_kind == "project", AuditEvent.subject_id == project_id)
        .where(AuditEvent.tag == Tag.PROJECT_EDITED.value)
    )
    if section is not None:
        edits = edits.where(AuditEvent.data == f'{{"section":"{section.value}"}}')
    row = session.execute(edits.order_by(AuditEvent.id.desc()).limit(1)).one_or_none()
    return Edit(row[0] or "Somebody", row[1]) if row else None


def count_quotes(session: Session, lines: Sequence[ProjectLine]) -> dict[int, int]:
    """Return how many files each of these lines has as evidence, by the line's id."""
    subjects = [f"line:{line.id}" for line in lines]
    if not subjects:
        return {}
    counted = select(StoredFile.subject, func.count()).where(
        StoredFile.subject.in_(subjects),
        StoredFile.purpose.in_((Purpose.QUOTE, Purpose.OTHER_MONEY)),
    )
    rows = session.execute(counted.group_by(StoredFile.subject))
    return {int(subject.partition(":")[2]): count for subject, count in rows}


def _whole() -> Select[Project]:
    return select(Project).options(joinedload(Project.group), joinedload(Project.district))
