"""Reading for the account's home: a person's groups, each with its projects."""

from dataclasses import dataclass, field

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.rules import ApplicationState
from crowdfund.groups.models import Group, Host, Member
from crowdfund.groups.rules import HostState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState


@dataclass(frozen=True)
class OwnProject:
    """A project as its group sees it in a list."""

    public_id: str
    title: str
    state: ProjectState


@dataclass(frozen=True)
class OwnApplication:
    """An application for a grant as its group sees it in a list."""

    public_id: str
    title: str
    state: ApplicationState


@dataclass(frozen=True)
class OwnGroup:
    """A group that somebody belongs to, with its projects and its applications for grants, newest first."""

    public_id: str
    name: str
    projects: list[OwnProject] = field(default_factory=list)
    applications: list[OwnApplication] = field(default_factory=list)


_APPLICATIONS = (
    select(
        Group.public_id, GrantApplication.public_id, GrantApplication.title, GrantRound.title, GrantApplication.state
    )
    .join(GrantRound, GrantRound.id == GrantApplication.round_id)
    .join(Group, Group.id == GrantApplication.group_id)
    .join(Member, Member.group_id == Group.id)
    .where(Member.person_id == bindparam("person_id"))
    .order_by(GrantApplication.id.desc())
)


def list_hosted(session: Session, person_id: int) -> list[tuple[str, str, str]]:
    """Return the hosts that a person answered for and that agreed: public id, its name and its group's, by name."""
    rows = session.execute(
        select(Host.public_id, Host.name, Group.name)
        .join(Group, Group.id == Host.group_id)
        .where(Host.answered_by_id == person_id, Host.state == HostState.ACCEPTED)
        .order_by(Group.name, Host.id)
    )
    return [(public_id, host, group) for public_id, host, group in rows]


def list_groups_of(session: Session, person_id: int) -> list[OwnGroup]:
    """Return a person's groups by name."""
    rows = session.execute(
        select(Group.public_id, Group.name, Project.public_id, Project.title, Project.state)
        .join(Member, Member.group_id == Group.id)
        .outerjoin(Project, Project.group_id == Group.id)
        .where(Member.person_id == person_id)
        .order_by(Group.name, Group.id, Project.id.desc())
    )
    groups: dict[str, OwnGroup] = {}
    for group_id, name, project_id, title, state in rows:
        group = groups.setdefault(group_id, OwnGroup(group_id, name))
        if project_id is not None:
            group.projects.append(OwnProject(project_id, title, state))
    for group_id, public_id, plan, about, stands in session.execute(_APPLICATIONS, {"person_id": person_id}):
        groups[group_id].applications.append(OwnApplication(public_id, f"{about}: {plan}" if plan else about, stands))
    return list(groups.values())
