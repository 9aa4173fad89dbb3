"""Reading for the public pages: cards with their totals, counted and sorted by the database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from crowdfund.core.db import UtcDateTime
from crowdfund.groups.models import Group
from crowdfund.ledger.models import LedgerAccount
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import COMMITTED, OfferState
from crowdfund.places.models import District
from crowdfund.pledges.models import Crowd, Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import COLLECTED, PUBLIC, ProjectState, Theme
from crowdfund.settlement.models import Verdict

PAGE_SIZE = 12

# Where a target was missed the promises have ended: what counts is what they were at the deadline.
# Asked for only there: a join would look for a verdict on every project of the list.
_MISSED = Project.state == ProjectState.UNSUCCESSFUL


def _at_the_deadline(column: Any) -> ColumnElement[int]:
    then = select(column).where(Verdict.project_id == Project.id).correlate(Project).scalar_subquery()
    return func.coalesce(then, 0)


_RAISED = case((_MISSED, _at_the_deadline(Verdict.pledged_pence)), else_=LedgerAccount.balance_pence)
_BACKERS = case((_MISSED, _at_the_deadline(Verdict.backers)), else_=func.coalesce(Crowd.backers, 0))
# What its funds add to it with the crowd as it is: kept on each offer, so that every page says the same.
_COUNTED = (
    select(func.coalesce(func.sum(MatchOffer.counted_pence), 0))
    .where(MatchOffer.project_id == Project.id, MatchOffer.state.in_(COMMITTED))
    .scalar_subquery()
)
_MATCH = case((_MISSED, _at_the_deadline(Verdict.match_pence)), else_=_COUNTED)
# Moves with every change of an offer that counts; 0 where there is none.
_OFFERS = (
    select(func.coalesce(func.sum(MatchOffer.version + 1), 0))
    .where(MatchOffer.project_id == Project.id, MatchOffer.state.in_((*COMMITTED, OfferState.LAPSED)))
    .scalar_subquery()
)
_PAID = (
    select(func.coalesce(func.sum(Pledge.amount_pence), 0))
    .where(Pledge.project_id == Project.id, Pledge.state == PledgeState.PAID)
    .scalar_subquery()
)


@dataclass(frozen=True)
class CardRow:
    """What a card shows of a project. Amounts in pence."""

    slug: str
    title: str
    aim: str
    picture: str
    picture_alt: str
    place: str
    district: str
    state: ProjectState
    deadline: datetime
    target_pence: int
    raised_pence: int
    backers: int
    match_pence: int = 0


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; all of it stands in the address."""

    q: str = ""
    district: str = ""
    theme: str = ""
    status: str = "open"
    sort: str = "newest"
    match: str = ""


SORTS: dict[str, str] = {
    "newest": "Newest first",
    "ending": "Ending soonest",
    "nearly": "Nearly there",
    "push": "Needs a push",
}
STATUSES: dict[str, str] = {"open": "Open for pledges", "closed": "Paused or ended", "all": "All projects"}

MATCHES: dict[str, str] = {"": "With match or without", "can": "Can still be matched"}
_left: ColumnElement[Any] = (LedgerAccount.balance_pence + _COUNTED) * 1000 / Project.target_pence
_ORDERS: dict[str, Callable[[], tuple[ColumnElement[Any], ...]]] = {
    "newest": lambda: (Project.launched_at.desc(), Project.id.desc()),
    "ending": lambda: (Project.deadline.asc(), Project.id.asc()),
    "nearly": lambda: (_left.desc(), Project.id.desc()),
    "push": lambda: (_left.asc(), Project.id.asc()),
}


def list_cards(
    session: Session,
    filters: Filters,
    now: datetime,
    *,
    offset: int,
    limit: int,
    group_id: int | None = None,
    only: ColumnElement[bool] | None = None,
) -> list[CardRow]:
    """Return one page of projects as cards, of one group or under one more condition where asked."""
    values = {"now": now, "offset": offset, "limit": limit, "group_id": group_id}
    statement = _card_statement(filters, of_group=group_id is not None)
    if only is not None:
        statement = statement.where(only)
    return [CardRow(*row) for row in session.connection().execute(statement, values)]


# Building a statement costs as much as running it, so the ones that pages ask for most are kept.
@lru_cache(maxsize=512)
def _card_statement(filters: Filters, *, of_group: bool) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            Project.slug,
            Project.title,
            Project.aim,
            Project.picture,
            Project.picture_alt,
            Project.place,
            District.name,
            Project.state,
            Project.deadline,
            Project.target_pence,
            _RAISED,
            _BACKERS,
            _MATCH,
        )
        .join(District, District.code == Project.district_code)
        .join(LedgerAccount, LedgerAccount.id == Project.pledged_account_id)
        .outerjoin(Crowd, Crowd.project_id == Project.id)
    )
    if of_group:
        statement = statement.where(Project.group_id == bindparam("group_id"))
    ordered = _narrowed(statement, filters).order_by(*_ORDERS[filters.sort]())
    return ordered.offset(bindparam("offset", type_=Integer)).limit(bindparam("limit", type_=Integer))


def count_projects(session: Session, filters: Filters, now: datetime, only: ColumnElement[bool] | None = None) -> int:
    """Return how many projects the filters, and one more condition where given, find at `now` (UTC)."""
    statement = _count_statement(filters)
    if only is not None:
        statement = statement.where(only)
    return int(session.connection().scalar(statement, {"now": now}) or 0)


@lru_cache(maxsize=512)
def _count_statement(filters: Filters) -> Select[*tuple[Any, ...]]:
    return _narrowed(select(func.count()).select_from(Project), filters)


def _narrowed(statement: Select[*tuple[Any, ...]], filters: Filters) -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=UtcDateTime())
    if filters.status == "open":
        statement = statement.where(Project.state == ProjectState.LIVE, Project.deadline > now)
    else:
        statement = statement.where(Project.state.in_(sorted(PUBLIC)))
    if filters.status == "closed":
        statement = statement.where((Project.state != ProjectState.LIVE) | (Project.deadline <= now))
    if filters.district:
        wanted = select(District.code).where(District.slug == filters.district).scalar_subquery()
        statement = statement.where(Project.district_code == wanted)
    if filters.theme:
        statement = statement.where(Project.theme == Theme(filters.theme))
    for word in filters.q.split()[:8]:
        statement = statement.where(_mentions(word))
    return statement


def _mentions(word: str) -> ColumnElement[bool]:
    escaped = word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    pattern = f"%{escaped}%"
    group = select(Group.id).where(func.lower(Group.name).like(pattern, escape="\\"))
    fields: Sequence[Any] = (Project.title, Project.aim, Project.place)
    return or_(*(func.lower(f).like(pattern, escape="\\") for f in fields), Project.group_id.in_(group))


@dataclass(frozen=True)
class Standing:
    """How a project stands now: the same figures on every page. Pence."""

    state: ProjectState
    deadline: datetime
    target_pence: int
    raised_pence: int
    backers: int
    version: int
    collected_pence: int | None = None  # what was really paid; None before the deadline
    match_pence: int = 0
    offers: int = 0  # moves with every change of an offer that counts; 0 where there is none
    project_id: int = 0


_STANDING: Select[*tuple[Any, ...]] = (
    select(
        Project.state,
        Project.deadline,
        Project.target_pence,
        _RAISED,
        _BACKERS,
        func.coalesce(Crowd.version, 0),
        case((Project.state.in_(sorted(COLLECTED)), _PAID)),
        _MATCH,
        _OFFERS,
        Project.id,
    )
    .join(LedgerAccount, LedgerAccount.id == Project.pledged_account_id)
    .outerjoin(Crowd, Crowd.project_id == Project.id)
    .where(Project.slug == bindparam("slug"), Project.state.in_(sorted(PUBLIC)))
)


def find_standing(session: Session, slug: str) -> Standing | None:
    """Return how a public project stands, in one query; None when there is no such project."""
    row = session.connection().execute(_STANDING, {"slug": slug}).one_or_none()
    return Standing(*row) if row else None


def sum_of_pledges(session: Session, now: datetime) -> tuple[int, int, int]:
    """Return the projects open at `now` (UTC), pence pledged to them and their backers."""
    statement = (
        select(
            func.count(Project.id),
            func.coalesce(func.sum(LedgerAccount.balance_pence), 0),
            func.coalesce(func.sum(Crowd.backers), 0),
        )
        .join(LedgerAccount, LedgerAccount.id == Project.pledged_account_id)
        .outerjoin(Crowd, Crowd.project_id == Project.id)
        .where(Project.state == ProjectState.LIVE, Project.deadline > now)
    )
    projects, pence, backers = session.execute(statement).one()
    return int(projects), int(pence), int(backers)
