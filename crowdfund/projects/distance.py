"""How far an officer stands from a project: of its group, its host or its signatories, or with a declared interest."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    ScalarSelect,
    String,
    bindparam,
    case,
    cast,
    exists,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.actor import Actor
from crowdfund.core.db import BigInt
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
REASONS = ("", OF_GROUP, OF_HOST, SIGNED, DECLARED)


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
    *tied, declared = session.execute(_DISTANCE, {"project_id": project_id, "person_id": person_id}).one()
    tie = next((reason for reason, is_tied in zip(_TIES, tied, strict=True) if is_tied), "")
    return Distance(tie, None if declared is None else bool(declared))


def get_project_apart(session: Session, public_id: str, actor: Actor) -> Project:
    """Return a submitted project to an officer who declared no interest in it and is not tied to it.

    Raises NotFound for everybody else: what an officer may not look at is not there for them.
    """
    project = get_checkable_project(session, public_id)
    if not distance_of(session, project.id, actor.person_id or 0).is_clear:
        raise NotFound(f"project {public_id}")
    return project


def which_reason() -> ColumnElement[int]:
    """Return, for a statement about projects, which of REASONS keeps the bound `person_id` from each; 0 for none."""
    reasons: list[ColumnElement[bool]] = [*_TIES.values(), _NEWEST.is_(true())]
    return case(*((is_so, literal_column(str(n), Integer)) for n, is_so in enumerate(reasons, start=1)), else_=0)


def _ties(person: BindParameter[int], subject: ColumnElement[str]) -> dict[str, ColumnElement[bool]]:
    address: Any = select(Person.email).where(Person.id == person).correlate(None).scalar_subquery()
    member = exists().where(Member.group_id == Project.group_id, Member.person_id == person)
    host = exists().where(
        Host.group_id == Project.group_id,
        # Not `in_`, whose values are written into the statement anew each time it runs.
        or_(Host.state == HostState.ASKED, Host.state == HostState.ACCEPTED),
        or_(Host.answered_by_id == person, Host.contact_email == address),
    )
    signatory = exists().where(
        Invitation.kind == InvitationKind.SIGNATORY,
        Invitation.subject == subject,
        Invitation.state != InvitationState.CANCELLED,
        or_(Invitation.answered_by_id == person, Invitation.email == address),
    )
    declarer = Project.declared_by_id.is_not(None) & (Project.declared_by_id == person)
    return {OF_GROUP: member, OF_HOST: host, SIGNED: or_(declarer, signatory)}


def _newest(person: BindParameter[int], subject: ColumnElement[str]) -> ScalarSelect[bool]:
    declared = select(Interest.has_interest).where(Interest.person_id == person, Interest.subject == subject)
    return declared.order_by(Interest.id.desc()).limit(1).correlate(Project).scalar_subquery()


# Made once: every page of a project asks it, and every row of the worklist.
_PERSON: BindParameter[int] = bindparam("person_id", type_=BigInt)
_SUBJECT: ColumnElement[str] = literal_column("'project:'", String) + cast(Project.id, String)
_TIES, _NEWEST = _ties(_PERSON, _SUBJECT), _newest(_PERSON, _SUBJECT)
_DISTANCE = select(*(is_tied.label(f"tie_{n}") for n, is_tied in enumerate(_TIES.values())), _NEWEST).where(
    Project.id == bindparam("project_id", type_=BigInt)
)
