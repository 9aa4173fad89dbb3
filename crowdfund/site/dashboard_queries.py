"""Reading for a group's dashboard: what its backers agreed that it may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.groups.models import Member
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import COUNTING, Audience

_MAY_SEE = (Audience.EVERYONE, Audience.GROUP)


@dataclass(frozen=True)
class GroupsBacker:
    """A backer as the group may see one. Pence; None where the backer keeps the amount to themselves."""

    name: str
    email: str
    amount_pence: int | None
    on: datetime
    gets_updates: bool


@dataclass(frozen=True)
class Message:
    """What a backer wrote with their pledge."""

    name: str
    message: str
    on: datetime


def list_sharing(session: Session, project_id: int, *, offset: int = 0, limit: int | None = None) -> list[GroupsBacker]:
    """Return the backers who agreed that the group may have their name and address, newest first."""
    columns = (
        func.coalesce(Pledge.backer_name, Person.name).label("name"),
        Person.email,
        Pledge.amount_pence,
        Pledge.amount_audience,
        Pledge.active_at,
        Pledge.updates_off_at,
    )
    statement = (
        select(*columns)
        .join(Person, Person.id == Pledge.person_id)
        .where(*_sharing(project_id))
        .order_by(Pledge.active_at.desc(), Pledge.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_as_seen(row) for row in session.execute(statement)]


def count_sharing(session: Session, project_id: int) -> int:
    """Return how many backers agreed that the group may have their name and address."""
    statement = select(func.count()).select_from(Pledge).join(Person, Person.id == Pledge.person_id)
    return session.scalar(statement.where(*_sharing(project_id))) or 0


def list_messages(session: Session, project_id: int, *, limit: int = 10) -> list[Message]:
    """Return what backers wrote, newest first; whoever stays anonymous to the group is not named."""
    statement = (
        select(Pledge.backer_name, Pledge.name_audience, Pledge.message, Pledge.active_at)
        .where(Pledge.project_id == project_id, Pledge.state.in_(COUNTING), Pledge.message != "")
        .order_by(Pledge.active_at.desc(), Pledge.id.desc())
        .limit(limit)
    )
    return [
        Message((row.backer_name if row.name_audience in _MAY_SEE else None) or "Anonymous", row.message, row.active_at)
        for row in session.execute(statement)
    ]


def member_ids(session: Session, group_id: int) -> list[int]:
    """Return the person ids of a group's people."""
    return list(session.scalars(select(Member.person_id).where(Member.group_id == group_id).order_by(Member.id)))


def _sharing(project_id: int) -> list[ColumnElement[bool]]:
    return [
        Pledge.project_id == project_id,
        Pledge.state.in_(COUNTING),
        Pledge.share_with_group.is_(True),
        Pledge.name_audience != Audience.NOBODY,
        Person.email.is_not(None),
    ]


def _as_seen(row: Row[*tuple[Any, ...]]) -> GroupsBacker:
    amount = row.amount_pence if row.amount_audience in _MAY_SEE else None
    return GroupsBacker(row.name, row.email, amount, row.active_at, row.updates_off_at is None)
