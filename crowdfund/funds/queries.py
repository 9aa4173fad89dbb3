"""Reading funds."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.errors import NotFound
from crowdfund.funds.models import Fund, Funder


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


def list_open_funds(session: Session, today: date) -> list[FundDates]:
    """Return the funds that take requests on `today` or later, the earliest decision first."""
    statement = (
        select(Fund.name, Funder.name, Fund.opens_on, Fund.closes_on, Fund.decides_on)
        .join(Funder, Funder.id == Fund.funder_id)
        .where(Fund.closes_on >= today)
        .order_by(Fund.decides_on, Fund.id)
    )
    return [FundDates(*row) for row in session.execute(statement)]
