"""What a group confirms about public subsidies before it takes money of a fund."""

from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds

# Minimal financial assistance over three financial years, in pence: Subsidy Control Act 2022, section 36.
SUBSIDY_LIMIT = 31_500_000


def subsidy_words(had_pence: int, offered_pence: int) -> str:
    """Return what a group confirms in words, to be kept with its answer.

    Raises Refused on `subsidy` where it would be above the limit with this offer.
    """
    if had_pence < 0 or had_pence + offered_pence > SUBSIDY_LIMIT:
        words = f"With this offer your group would be above {pounds(SUBSIDY_LIMIT)} in three years, which needs"
        raise Refused("subsidy", f"{words} another form of agreement. Please ring us before you answer.", "subsidy")
    return (
        f"Public subsidies of the kind “minimal financial assistance” in this and the two financial years before: "
        f"{pounds(had_pence)}. Together with this offer they stay within {pounds(SUBSIDY_LIMIT)}."
    )
