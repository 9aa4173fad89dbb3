"""Reading funds."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from crowdfund.core.clock import LONDON
from crowdfund.core.errors import NotFound
from crowdfund.funds.models import BudgetLine, Fund, Funder, FundTerms, TermsDraft
from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import AccountKind, LedgerEvent


class FundDates(NamedTuple):
    """A fund's name, its funder's, and when it takes requests and decides."""

    name: str
    funder: str
    opens_on: date
    closes_on: date
    decides_on: date


def get_funder(session: Session, slug: str) -> Funder:
    """Return the funder with this short name. Raises NotFound."""
    funder = session.scalars(select(Funder).where(Funder.slug == slug)).one_or_none()
    if funder is None:
        raise NotFound(f"there is no funder {slug}")
    return funder


def newest_terms() -> Any:
    """Return a condition on fund_terms: the newest version of its fund that holds at the bound time `now`."""
    newer = aliased(FundTerms)
    later = exists().where(
        newer.fund_id == FundTerms.fund_id, newer.from_at <= bindparam("now"), newer.number > FundTerms.number
    )
    return and_(FundTerms.from_at <= bindparam("now"), ~later)


def list_open_funds(session: Session, now: datetime) -> list[FundDates]:
    """Return the funds that take requests on the day of `now` (UTC) or later, the earliest decision first."""
    statement = (
        select(Fund.name, Funder.name, FundTerms.opens_on, FundTerms.closes_on, FundTerms.decides_on)
        .join(Funder, Funder.id == Fund.funder_id)
        .join(FundTerms, FundTerms.fund_id == Fund.id)
        .where(newest_terms(), FundTerms.closes_on >= now.astimezone(LONDON).date())
        .order_by(FundTerms.decides_on, Fund.id)
    )
    return [FundDates(*row) for row in session.execute(statement, {"now": now})]


def find_terms(session: Session, fund_id: int, now: datetime) -> FundTerms | None:
    """Return the terms of a fund that hold at `now` (UTC); None before the first do."""
    holding = select(FundTerms).where(FundTerms.fund_id == fund_id, FundTerms.from_at <= now)
    return session.scalars(holding.order_by(FundTerms.number.desc()).limit(1)).one_or_none()


class Listed(NamedTuple):
    """A fund with the terms that hold now; None before the first do. Its funder is loaded."""

    fund: Fund
    terms: FundTerms | None


class Receipt(NamedTuple):
    """Money that a funder paid in. Pence; `at` is UTC."""

    at: datetime
    source: str
    year: str
    pence: int
    reference: str


def list_funds(session: Session, now: datetime, *, funder_ids: Collection[int] | None = None) -> list[Listed]:
    """Return the funds, of these funders only where given, with the terms that hold at `now` (UTC).

    In the programme's order, in one statement.
    """
    statement = _with_terms().order_by(Fund.place, Fund.id)
    if funder_ids is not None:
        statement = statement.where(Fund.funder_id.in_(list(funder_ids)))
    return [Listed(*row) for row in session.execute(statement, {"now": now})]


def get_fund(session: Session, slug: str) -> Fund:
    """Return the fund at this public address, with its funder. Raises NotFound."""
    return _found(session.scalars(_whole().where(Fund.slug == slug)).one_or_none(), slug)


def get_fund_by_id(session: Session, public_id: str) -> Fund:
    """Return the fund that officers' addresses name so, with its funder. Raises NotFound."""
    return _found(session.scalars(_whole().where(Fund.public_id == public_id)).one_or_none(), public_id)


def list_terms(session: Session, fund_id: int) -> Sequence[FundTerms]:
    """Return every version of a fund's terms, the newest first."""
    return session.scalars(
        select(FundTerms).where(FundTerms.fund_id == fund_id).order_by(FundTerms.number.desc())
    ).all()


def get_terms(session: Session, fund_id: int, number: int) -> FundTerms:
    """Return one version of a fund's terms. Raises NotFound."""
    wanted = select(FundTerms).where(FundTerms.fund_id == fund_id, FundTerms.number == number)
    terms = session.scalars(wanted).one_or_none()
    if terms is None:
        raise NotFound(f"terms {number} of fund {fund_id}")
    return terms


def find_last_terms(session: Session, fund_id: int) -> FundTerms | None:
    """Return the newest version of a fund's terms, also one that does not hold yet."""
    newest = select(FundTerms).where(FundTerms.fund_id == fund_id).order_by(FundTerms.number.desc())
    return session.scalars(newest.limit(1)).one_or_none()


def find_draft(session: Session, fund_id: int) -> TermsDraft | None:
    """Return what officers write for the next version of a fund's terms, if anything."""
    return session.scalars(select(TermsDraft).where(TermsDraft.fund_id == fund_id)).one_or_none()


def list_lines(session: Session, fund_id: int) -> Sequence[BudgetLine]:
    """Return the budget lines of a fund, by year and then in the order in which they were opened."""
    lines = select(BudgetLine).where(BudgetLine.fund_id == fund_id)
    return session.scalars(lines.order_by(BudgetLine.year, BudgetLine.id)).all()


def get_line(session: Session, fund_id: int, public_id: str) -> BudgetLine:
    """Return one budget line of this fund. Raises NotFound."""
    wanted = select(BudgetLine).where(BudgetLine.fund_id == fund_id, BudgetLine.public_id == public_id)
    line = session.scalars(wanted).one_or_none()
    if line is None:
        raise NotFound(f"budget line {public_id}")
    return line


def list_receipts(session: Session, fund_id: int) -> list[Receipt]:
    """Return what a funder paid in for a fund, the newest first."""
    statement = (
        select(LedgerEntry.at, LedgerAccount.source, LedgerAccount.year, LedgerLine.amount_pence, LedgerEntry.key)
        .join(LedgerLine, LedgerLine.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(
            LedgerAccount.kind == AccountKind.POT_CASH,
            LedgerAccount.subject_id == fund_id,
            LedgerEntry.event == LedgerEvent.FUNDER_PAID_IN,
        )
        .order_by(LedgerEntry.at.desc(), LedgerEntry.id.desc())
    )
    return [Receipt(*row[:4], _reference(row.key)) for row in session.execute(statement)]


def left_by_fund(session: Session, fund_ids: Collection[int]) -> dict[int, int]:
    """Return how much of each fund is left, in pence; 0 where nothing was ever put in."""
    account = LedgerAccount
    statement = select(account.subject_id, func.sum(account.balance_pence)).where(
        account.kind == AccountKind.POT_AVAILABLE, account.subject_id.in_(list(fund_ids))
    )
    found = {int(fund_id): int(pence) for fund_id, pence in session.execute(statement.group_by(account.subject_id))}
    return dict.fromkeys(fund_ids, 0) | found


def _with_terms() -> Any:
    return (
        select(Fund, FundTerms)
        .join(Fund.funder)
        .outerjoin(FundTerms, and_(FundTerms.fund_id == Fund.id, newest_terms()))
        .options(contains_eager(Fund.funder))
    )


def _whole() -> Select[Fund]:
    return select(Fund).options(joinedload(Fund.funder))


def _found(fund: Fund | None, name: str) -> Fund:
    if fund is None:
        raise NotFound(f"fund {name}")
    return fund


def _reference(key: str) -> str:
    """Return the bank's reference from the key under which a receipt is posted; '' where it has none."""
    parts = key.split(":", 4)
    return parts[4] if len(parts) == 5 and parts[2] == "paid_in" else ""
