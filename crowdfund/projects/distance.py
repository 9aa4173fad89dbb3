"""How far an officer stands from a project: of its group, its host or its signatories, or with a declared interest."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.actor import Actor
from crowdfund.core.errors import NotFound
from crowdfund.decisions.models import Interest
from crowdfund.groups.models import Host, Invitation, Member
from crowdfund.groups.rules import HostState, InvitationKind, InvitationState
from crowdfund.projects.models import Project
from crowdfund.projects.queries import get_checkable_project

OF_GROUP = "You belong to this project’s group, so another officer has to look at this."
OF_HOST = "You answer for the host of this project’s group, so another officer has to look at this."
SIGNED = "You signed, or were asked to sign, for this project, so another officer has to look at this."
DECLARED = "You declared an interest in this project, so another officer has to look at this."
UNDECLARED = "Declare first whether you have an interest in this project."


@dataclass(frozen=True)
class Distance:
    """What stands between an officer and a project. `tie` is a reason for people, empty where there is none."""

    tie: str
    has_interest: bool | None  # None: nothing was declared yet

    @property
    def refusal(self) -> str:
        """Why the officer may do nothing with the project; empty where nothing is in the way."""
        return self.tie or (DECLARED if self.has_interest else "")

    @property
    def is_clear(self) -> bool:
        """Whether the officer declared no interest and is not tied to the project."""
        return not self.tie and self.has_interest is False


def distance_of(session: Session, project_id: int, person_id: int) -> Distance:
    """Return how far a person stands from a project, in one query."""
    newest = (
        select(Interest.has_interest)
        .where(Interest.person_id == person_id, Interest.subject == f"project:{project_id}")
        .order_by(Interest.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    ties = {reason: condition.label(f"tie_{n}") for n, (reason, condition) in enumerate(_ties(person_id).items())}
    *tied, declared = session.execute(select(*ties.values(), newest).where(Project.id == project_id)).one()
    tie = next((reason for reason, is_tied in zip(ties, tied, strict=True) if is_tied), "")
    return Distance(tie, None if declared is None else bool(declared))


def get_project_apart(session: Session, public_id: str, actor: Actor) -> Project:
    """Return a submitted project to an officer who declared no interest in it and is not tied to it.

    Raises NotFound for everybody else: what an officer may not look at is not there for them.
    """
    project = get_checkable_project(session, public_id)
    if not distance_of(session, project.id, actor.person_id or 0).is_clear:
        raise NotFound(f"project {public_id}")
    return project


def refusals(session: Session, project_ids: Collection[int], person_id: int) -> dict[int, str]:
    """Return why a person may do nothing with some of these projects, by project id, in two queries."""
    if not project_ids:
        return {}
    declared = select(Interest.subject, Interest.has_interest).where(
        Interest.person_id == person_id, Interest.subject.in_([f"project:{n}" for n in project_ids])
    )
    newest = dict(session.execute(declared.order_by(Interest.id)).all())
    found = {n: DECLARED for n in project_ids if newest.get(f"project:{n}")}
    ties = _ties(person_id)
    rows = session.execute(select(Project.id, *ties.values()).where(Project.id.in_(project_ids), or_(*ties.values())))
    for project_id, *tied in rows:
        found[project_id] = next(reason for reason, is_tied in zip(ties, tied, strict=True) if is_tied)
    return found


def _ties(person_id: int) -> dict[str, ColumnElement[bool]]:
    address: Any = select(Person.email).where(Person.id == person_id).scalar_subquery()
    member = exists().where(Member.group_id == Project.group_id, Member.person_id == person_id)
    host = exists().where(
        Host.group_id == Project.group_id,
        Host.state.in_((HostState.ASKED, HostState.ACCEPTED)),
        or_(Host.answered_by_id == person_id, Host.contact_email == address),
    )
    signatory = exists().where(
        Invitation.kind == InvitationKind.SIGNATORY,
        Invitation.subject == literal("project:") + cast(Project.id, String),
        Invitation.state != InvitationState.CANCELLED,
        or_(Invitation.answered_by_id == person_id, Invitation.email == address),
    )
    declarer = Project.declared_by_id.is_not(None) & (Project.declared_by_id == person_id)
    return {OF_GROUP: member, OF_HOST: host, SIGNED: or_(signatory, declarer)}
