"""Reading funds."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from crowdfund.core.clock import LONDON
from crowdfund.core.errors import NotFound
from crowdfund.funds.models import Fund, Funder, FundTerms


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
