"""Reading the cash book for its pages: sums by account, money of each project, and entries. Amounts are pence."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from crowdfund.funds.models import Fund
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import AccountKind, LedgerEvent
from crowdfund.officers.money_words import ACCOUNTS, Account
from crowdfund.projects.models import Project

_AT_ONCE = 1_000


class Entry(NamedTuple):
    """One line of an account, what came in above nothing and what went out below."""

    line_id: int
    entry_id: int
    pence: int
    at: datetime
    event: LedgerEvent
    key: str
    title: str | None  # of the project, or of the fund with its source and year
    public_id: str | None


class OfProject(NamedTuple):
    """What the cash book holds about one project."""

    public_id: str
    title: str
    held_pence: int
    in_flight_pence: int
    owed_back_pence: int
    exposure_pence: int
    borne_pence: int


def read_sums(session: Session) -> dict[str, int]:
    """Return the balance of every kind of account, as people read it."""
    sums = select(LedgerAccount.kind, func.sum(LedgerAccount.balance_pence)).group_by(LedgerAccount.kind)
    found = {kind: pence for kind, pence in session.execute(sums)}  # noqa: C416 - rows are not pairs to the type checker
    return {name: account.sign * int(found.get(account.kind, 0)) for name, account in ACCOUNTS.items()}


def count_projects(session: Session) -> int:
    """Return how many projects have money in the cash book."""
    return session.scalar(select(func.count()).select_from(_of_projects().subquery())) or 0


def list_projects(session: Session, *, offset: int, limit: int) -> list[OfProject]:
    """Return projects with money in the cash book, the most held first."""
    rows = _of_projects().order_by(_sum_of("held").desc(), Project.id).offset(offset).limit(limit)
    return [OfProject(row[0], row[1], *map(int, row[2:])) for row in session.execute(rows)]


def count_entries(session: Session, account: Account, project_id: int | None) -> int:
    """Return how many lines an account has, or a project has in it."""
    counted = select(func.count()).select_from(LedgerLine).join(LedgerAccount)
    return session.scalar(counted.where(_chosen(account, project_id))) or 0


def list_entries(session: Session, account: Account, project_id: int | None, *, offset: int, limit: int) -> list[Entry]:
    """Return lines of an account, newest first."""
    rows = _entries(account, project_id).order_by(LedgerLine.id.desc()).offset(offset).limit(limit)
    return [Entry(*row) for row in session.execute(rows)]


def find_period(session: Session, account: Account, project_id: int | None) -> tuple[datetime | None, datetime | None]:
    """Return when the first and the last entry of an account were made (UTC); None for one without entries."""
    period = select(func.min(LedgerEntry.at), func.max(LedgerEntry.at)).select_from(LedgerLine)
    joined = period.join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id).join(LedgerAccount)
    first, last = session.execute(joined.where(_chosen(account, project_id))).one()
    return first, last


def every_entry(session: Session, account: Account, project_id: int | None) -> Iterator[Entry]:
    """Yield every line of an account, oldest first, reading a thousand at a time."""
    last = 0
    while True:
        rows = _entries(account, project_id).where(LedgerLine.id > last).order_by(LedgerLine.id).limit(_AT_ONCE)
        batch = [Entry(*row) for row in session.execute(rows)]
        yield from batch
        if len(batch) < _AT_ONCE:
            return
        last = batch[-1].line_id


def _entries(account: Account, project_id: int | None) -> Select[*tuple[Any, ...]]:
    of_fund = Fund.name + ", " + LedgerAccount.source + ", " + LedgerAccount.year
    title = func.coalesce(Project.title, of_fund)
    columns = (LedgerEntry.at, LedgerEntry.event, LedgerEntry.key, title, Project.public_id)
    rows = select(LedgerLine.id, LedgerEntry.id, account.sign * LedgerLine.amount_pence, *columns)
    rows = rows.join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
    rows = rows.join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
    own = and_(Project.id == LedgerAccount.subject_id, literal(account.of_projects))
    pot = and_(Fund.id == LedgerAccount.subject_id, LedgerAccount.kind == AccountKind.POT_CASH)
    return rows.outerjoin(Project, own).outerjoin(Fund, pot).where(_chosen(account, project_id))


def _chosen(account: Account, project_id: int | None) -> ColumnElement[bool]:
    kind = LedgerAccount.kind == account.kind
    return kind if project_id is None else and_(kind, LedgerAccount.subject_id == project_id)


def _of_projects() -> Select[*tuple[Any, ...]]:
    names = [name for name, account in ACCOUNTS.items() if account.of_projects]
    kinds = [ACCOUNTS[name].kind for name in names]
    some = and_(LedgerAccount.kind.in_(kinds), LedgerAccount.balance_pence != 0)
    rows = select(Project.public_id, Project.title, *map(_sum_of, names))
    rows = rows.join(LedgerAccount, LedgerAccount.subject_id == Project.id).where(some)
    return rows.group_by(Project.id, Project.public_id, Project.title)


def _sum_of(name: str) -> ColumnElement[int]:
    account = ACCOUNTS[name]
    pence = case((LedgerAccount.kind == account.kind, account.sign * LedgerAccount.balance_pence), else_=0)
    return func.sum(pence).label(name)
