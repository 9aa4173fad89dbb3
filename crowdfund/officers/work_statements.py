"""The statements behind the worklist, each made once: what people typed goes in as values when they run.

First the ids of a page are found with as few tables as its filters and its order need, then what its rows show.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
)

from crowdfund.accounts.models import Person
from crowdfund.checking.models import Check
from crowdfund.core.db import BigInt, UtcDateTime
from crowdfund.groups.models import Group, Invitation, Member
from crowdfund.groups.rules import InvitationKind
from crowdfund.officers.desk_view import COUNTED
from crowdfund.places.models import District
from crowdfund.projects.distance import which_reason
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState

Statement = Select[*tuple[Any, ...]]


class Shape(NamedTuple):
    """What makes one page's statement differ from another's; `whole` has every row, without offset and limit."""

    show: str
    sort: str
    in_district: bool
    by_words: bool
    by_postcode: bool
    by_address: bool
    whole: bool


_S = ProjectState
_PERSON: BindParameter[int] = bindparam("person_id", type_=BigInt)
_NOW: BindParameter[Any] = bindparam("now", type_=UtcDateTime())


def _in(*states: ProjectState) -> ColumnElement[bool]:
    # Written out, or no database could tell that the index of the desk holds them all.
    return Project.state.in_([literal_column(f"'{state.value}'") for state in states])


_ON_DESK, _OPEN = _in(_S.SUBMITTED, _S.CHANGES_REQUESTED, _S.READY), _in(_S.SUBMITTED, _S.CHANGES_REQUESTED)
_KINDS: dict[str, ColumnElement[bool]] = {
    "desk": _OPEN,
    "mine": and_(_OPEN, Check.officer_id == _PERSON),
    "unassigned": and_(_OPEN, Check.officer_id.is_(None)),
    "waiting": _in(_S.CHANGES_REQUESTED),
    "overdue": and_(_in(_S.SUBMITTED), Check.due_at < _NOW),
    "unsigned": and_(_in(_S.SUBMITTED, _S.READY), Project.signed_at.is_(None)),
    "ready": _in(_S.READY),
    "late": and_(_in(_S.PAUSED), Project.deadline <= _NOW),
    "all": Project.state.not_in([_S.DRAFT, _S.WITHDRAWN]),
}
# Projects that came back to the desk, or never left it, behind the index of what is checked.
_ELSEWHERE = ("late", "all")
_ORDERS: dict[str, ColumnElement[Any]] = {
    "title": func.lower(Project.title),
    "group": func.lower(Group.name),
    "district": District.name.expression,
    "target": Project.target_pence.expression,
    "state": Project.state.expression,
    "submitted": Project.submitted_at.expression,
    "due": Check.due_at.expression,
    "officer": Person.name.expression,
}


def _count(show: str) -> ColumnElement[int]:
    if show in _ELSEWHERE:
        return select(func.count(Project.id)).where(_KINDS[show]).correlate(None).scalar_subquery()
    return func.count().filter(_KINDS[show])


COUNTS: Statement = (
    select(*(_count(show) for show in COUNTED))
    .select_from(Project)
    .outerjoin(Check, Check.project_id == Project.id)
    .where(_ON_DESK)
)


@lru_cache(maxsize=512)
def page_statement(shape: Shape) -> Statement:
    """Return the statement for a page of the list, each row with how many there are in all."""
    total = _found(select(func.count()), shape).correlate(None).scalar_subquery()
    key = _ORDERS[shape.sort.removeprefix("-")].label("sort_key")
    found = _found(select(Project.id, Check.due_at, Check.officer_id, key), shape)
    found = found.order_by(*_ordered(key.element, Project.id.expression, shape.sort))
    if not shape.whole:
        found = found.offset(bindparam("offset", type_=Integer)).limit(bindparam("limit", type_=Integer))
    page = found.subquery("page")
    return _shown(page, total).order_by(*_ordered(page.c.sort_key, page.c.id, shape.sort))


@lru_cache(maxsize=1)
def row_statement() -> Statement:
    """Return the statement for one project's row, in any state."""
    found = select(Project.id, Check.due_at, Check.officer_id).outerjoin(Check, Check.project_id == Project.id)
    return _shown(found.where(Project.id == bindparam("project_id", type_=BigInt)).subquery("page"), null())


def _shown(page: Subquery, total: Any) -> Statement:
    columns = (
        Project.id,
        Project.public_id,
        Project.reference,
        Project.title,
        Group.name,
        District.name,
        Project.target_pence,
        Project.state,
        Project.submitted_at,
        page.c.due_at,
        page.c.officer_id,
        Person.name,
        which_reason(),
    )
    return (
        select(*columns, total)
        .select_from(page)
        .join(Project, Project.id == page.c.id)
        .join(Group, Group.id == Project.group_id)
        .join(District, District.code == Project.district_code)
        .outerjoin(Person, Person.id == page.c.officer_id)
    )


def _found(statement: Statement, shape: Shape) -> Statement:
    order = shape.sort.removeprefix("-")
    statement = statement.select_from(Project).outerjoin(Check, Check.project_id == Project.id)
    if shape.by_words or order == "group":
        statement = statement.join(Group, Group.id == Project.group_id)
    if shape.in_district or order == "district":
        statement = statement.join(District, District.code == Project.district_code)
    if order == "officer":
        statement = statement.outerjoin(Person, Person.id == Check.officer_id)
    statement = statement.where(_KINDS[shape.show])
    if shape.show not in _ELSEWHERE:
        statement = statement.where(_ON_DESK)
    if shape.in_district:
        statement = statement.where(District.slug == bindparam("district"))
    return statement.where(or_(*_mentions(shape))) if shape.by_words else statement


def _mentions(shape: Shape) -> list[ColumnElement[bool]]:
    pattern: BindParameter[str] = bindparam("pattern", type_=String)
    found: list[ColumnElement[bool]] = [
        func.lower(Project.title).like(pattern, escape="\\"),
        func.lower(Group.name).like(pattern, escape="\\"),
        Project.reference == bindparam("reference"),
    ]
    if shape.by_postcode:
        found += [Project.postcode == bindparam("postcode"), Group.postcode == bindparam("postcode")]
    return [*found, *_written_to()] if shape.by_address else found


def _written_to() -> list[ColumnElement[bool]]:
    address: BindParameter[str] = bindparam("address", type_=String)
    member = exists().where(Member.group_id == Project.group_id, Member.person_id == Person.id, Person.email == address)
    signatory = exists().where(
        Invitation.kind == InvitationKind.SIGNATORY,
        Invitation.subject == literal_column("'project:'", String) + cast(Project.id, String),
        Invitation.email == address,
    )
    return [func.lower(Group.contact_email) == address, member.correlate(Project), signatory]


def _ordered(key: ColumnElement[Any], row_id: ColumnElement[int], sort: str) -> tuple[ColumnElement[Any], ...]:
    # Nothing goes last either way, on both databases alike.
    missing = case((key.is_(None), literal_column("1")), else_=literal_column("0"))
    return missing, (key.desc() if sort.startswith("-") else key.asc()), row_id.asc()
