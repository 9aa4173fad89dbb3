"""Reading places."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.places.models import District, Postcode
from crowdfund.places.rules import tidy_postcode


class DistrictName(NamedTuple):
    """A district as lists and links need it."""

    code: str
    name: str
    slug: str


_DISTRICTS = (
    select(District.code, District.name, District.slug)
    .where(District.in_area, District.valid_to.is_(None))
    .order_by(District.name)
)


def list_districts(session: Session) -> list[DistrictName]:
    """Return the districts of the council's area by name."""
    return [DistrictName(*row) for row in session.connection().execute(_DISTRICTS)]


def find_district(session: Session, postcode: str) -> District | None:
    """Return the district a postcode lies in, or None when it is malformed or not known here."""
    tidy = tidy_postcode(postcode)
    if tidy is None:
        return None
    return session.scalars(
        select(District).join(Postcode, Postcode.district_code == District.code).where(Postcode.code == tidy)
    ).one_or_none()
