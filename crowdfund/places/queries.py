"""Reading places."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.places.models import District, Postcode
from crowdfund.places.rules import tidy_postcode


def list_districts(session: Session) -> Sequence[District]:
    """Return the districts of the council's area by name."""
    return session.scalars(
        select(District).where(District.in_area, District.valid_to.is_(None)).order_by(District.name)
    ).all()


def find_district(session: Session, postcode: str) -> District | None:
    """Return the district a postcode lies in, or None when it is malformed or not known here."""
    tidy = tidy_postcode(postcode)
    if tidy is None:
        return None
    return session.scalars(
        select(District).join(Postcode, Postcode.district_code == District.code).where(Postcode.code == tidy)
    ).one_or_none()
