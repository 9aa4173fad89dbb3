"""Money is whole pence; here it is read, written and split without losing a penny."""

import re
from collections.abc import Sequence

_AMOUNT = re.compile(r"£?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.([0-9]{1,2}))?")


def parse_pounds(text: str) -> int:
    """Return the pence in '25', '£1,000.50' or '12.5'. Raises ValueError for anything else."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not an amount in pounds: {text!r}")
    pounds, pence = match.groups()
    return int(pounds.replace(",", "")) * 100 + int((pence or "0").ljust(2, "0"))


def pounds(pence: int) -> str:
    """Write pence for people: '£1,234' when whole, else '£12.50'; a minus goes before the sign."""
    sign, value = ("−" if pence < 0 else ""), abs(pence)
    whole, rest = divmod(value, 100)
    return f"{sign}£{whole:,}.{rest:02d}" if rest else f"{sign}£{whole:,}"


def split(total_pence: int, weights: Sequence[int]) -> list[int]:
    """Split pence by weight so that the parts add up to the total.

    Rounds cumulatively, so earlier parts get the odd penny as it falls due and no part is ever
    more than a penny away from its exact share. Raises ValueError without a positive weight.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("a split needs weights that are not negative and at least one above zero")
    parts, given, seen = [], 0, 0
    for weight in weights:
        seen += weight
        upto = (total_pence * seen * 2 + whole) // (whole * 2)
        parts.append(upto - given)
        given = upto
    return parts


def percent_reached(raised_pence: int, target_pence: int) -> int:
    """Return how much of the target is reached, 0 to 100, rounded down so that 100 means reached."""
    if target_pence <= 0:
        return 100
    return min(100, raised_pence * 100 // target_pence)
