"""The officers' worklist: what is to be checked, narrowed, sorted and counted by the database."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.checking.models import Check
from crowdfund.groups.models import Group, Invitation, Member
from crowdfund.groups.rules import InvitationKind
from crowdfund.officers.desk_view import COUNTED, View
from crowdfund.places.models import District
from crowdfund.places.rules import tidy_postcode
from crowdfund.projects.models import Project
from crowdfund.projects.rules import WORDS, ProjectState

ON_DESK = (ProjectState.SUBMITTED, ProjectState.CHANGES_REQUESTED)
_UNSIGNED = (ProjectState.SUBMITTED, ProjectState.READY)
_HIDDEN = (ProjectState.DRAFT, ProjectState.WITHDRAWN)


class Row(NamedTuple):
    """One project of the list. Amount in pence, times UTC."""

    id: int
    public_id: str
    reference: str | None
    title: str
    group: str
    district: str
    target_pence: int
    state: ProjectState
    submitted_at: datetime | None
    due_at: datetime | None
    officer_id: int | None
    officer: str | None

    def is_overdue(self, now: datetime) -> bool:
        """Say whether the council should have answered by `now` (UTC)."""
        return self.state is ProjectState.SUBMITTED and self.due_at is not None and self.due_at < now

    def cells(self, now: datetime) -> list[str]:
        """Return what the list shows of it, for the file: the columns in their order, after the reference."""
        dates = [moment.date().isoformat() if moment else "" for moment in (self.submitted_at, self.due_at)]
        state = WORDS[self.state] + (" (overdue)" if self.is_overdue(now) else "")
        pounds = f"{self.target_pence / 100:.2f}"
        who = self.officer or "Nobody yet"
        return [self.reference or "", self.title, self.group, self.district, pounds, state, *dates, who]


def list_rows(
    session: Session, view: View, person_id: int, now: datetime, *, offset: int = 0, limit: int | None = None
) -> tuple[list[Row], int]:
    """Return the rows of a page and how many there are in all, in one query; the total is 0 behind the last page."""
    statement = _narrowed(view, person_id, now).order_by(*_ordered(view.sort)).offset(offset).limit(limit)
    found = session.connection().execute(statement).all()
    return [Row(*row[:-1]) for row in found], int(found[0][-1]) if found else 0


def find_row(session: Session, project_id: int) -> Row:
    """Return one project as the list shows it, in any state."""
    row = session.connection().execute(_rows().where(Project.id == project_id)).one()
    return Row(*row[:-1])


def count_work(session: Session, person_id: int, now: datetime) -> dict[str, int]:
    """Return how much work there is of each kind, in one query."""
    sums = [func.coalesce(func.sum(case((_shown(show, person_id, now), 1), else_=0)), 0) for show in COUNTED]
    within = Project.state.in_({*ON_DESK, *_UNSIGNED})
    counted = select(*sums).select_from(Project).outerjoin(Check, Check.project_id == Project.id).where(within)
    row = session.connection().execute(counted).one()
    return {show: int(count) for show, count in zip(COUNTED, row, strict=True)}


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Project.id,
            Project.public_id,
            Project.reference,
            Project.title,
            Group.name,
            District.name,
            Project.target_pence,
            Project.state,
            Project.submitted_at,
            Check.due_at,
            Check.officer_id,
            Person.name,
            func.count().over(),
        )
        .join(Group, Group.id == Project.group_id)
        .join(District, District.code == Project.district_code)
        .outerjoin(Check, Check.project_id == Project.id)
        .outerjoin(Person, Person.id == Check.officer_id)
    )


def _narrowed(view: View, person_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    statement = _rows().where(_shown(view.show, person_id, now))
    if view.district:
        statement = statement.where(District.slug == view.district)
    if view.q:
        statement = statement.where(_mentions(view.q))
    return statement


def _shown(show: str, person_id: int, now: datetime) -> ColumnElement[bool]:
    on_desk, submitted = Project.state.in_(ON_DESK), Project.state == ProjectState.SUBMITTED
    kinds: dict[str, Callable[[], ColumnElement[bool]]] = {
        "desk": lambda: on_desk,
        "mine": lambda: and_(on_desk, Check.officer_id == person_id),
        "unassigned": lambda: and_(on_desk, Check.officer_id.is_(None)),
        "waiting": lambda: Project.state == ProjectState.CHANGES_REQUESTED,
        "overdue": lambda: and_(submitted, Check.due_at < now),
        "unsigned": lambda: and_(Project.state.in_(_UNSIGNED), Project.signed_at.is_(None)),
        "ready": lambda: Project.state == ProjectState.READY,
        "all": lambda: Project.state.not_in(_HIDDEN),
    }
    return kinds[show]()


def _mentions(q: str) -> ColumnElement[bool]:
    plain = q.lower()
    escaped = plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{escaped}%"
    found: list[ColumnElement[bool]] = [
        func.lower(Project.title).like(pattern, escape="\\"),
        func.lower(Group.name).like(pattern, escape="\\"),
        Project.reference == q.upper(),
    ]
    postcode = tidy_postcode(q)
    if postcode:
        found += [Project.postcode == postcode, Group.postcode == postcode]
    if "@" in q:
        found += _written_to(plain)
    return or_(*found)


def _written_to(address: str) -> list[ColumnElement[bool]]:
    member = exists().where(Member.group_id == Project.group_id, Member.person_id == Person.id, Person.email == address)
    signatory = exists().where(
        Invitation.kind == InvitationKind.SIGNATORY,
        Invitation.subject == literal("project:") + cast(Project.id, String),
        Invitation.email == address,
    )
    return [func.lower(Group.contact_email) == address, member.correlate(Project), signatory]


_ORDERS: dict[str, Any] = {
    "title": func.lower(Project.title),
    "group": func.lower(Group.name),
    "district": District.name,
    "target": Project.target_pence,
    "state": Project.state,
    "submitted": Project.submitted_at,
    "due": Check.due_at,
    "officer": Person.name,
}


def _ordered(sort: str) -> tuple[ColumnElement[Any], ...]:
    column = _ORDERS[sort.removeprefix("-")]
    # Nothing goes last either way, on both databases alike.
    missing = case((column.is_(None), 1), else_=0)
    return missing, (column.desc() if sort.startswith("-") else column.asc()), Project.id.asc()
