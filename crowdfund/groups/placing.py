"""From a postcode to the district, with a polite stop where our area ends."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.errors import Refused
from crowdfund.places.models import District
from crowdfund.places.queries import find_district
from crowdfund.places.rules import tidy_postcode

_OTHER_COUNCIL = (
    "This postcode is in {name}, which {council} looks after, so it is outside our area. "
    "{council} can tell you what it offers."
)


def district_for(session: Session, postcode: str, chosen: str) -> str:
    """Return the code of the district that a postcode lies in, or of the one chosen for a postcode we do not know.

    Raises Refused on the fields `postcode` and `district_code`.
    """
    if tidy_postcode(postcode) is None:
        raise Refused("bad_postcode", "Enter a UK postcode, such as CT1 2AA.", "postcode")
    district = find_district(session, postcode)
    if district is not None and not district.in_area:
        raise Refused("outside", outside_words(district), "postcode")
    if district is not None:
        return district.code
    known = select(District.code).where(District.code == chosen, District.in_area, District.valid_to.is_(None))
    if session.scalar(known) is None:
        sentence = "We do not know this postcode. Check it, or choose the district it is in."
        raise Refused("district_unknown", sentence, "district_code")
    return chosen


def outside_words(district: District) -> str:
    """Return the sentence for a place outside our area, naming the council whose place it is."""
    return _OTHER_COUNCIL.format(name=district.name, council=district.council_name)
