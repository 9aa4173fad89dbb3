"""The terms of a fund, how a sum is shared over its sources, and what they are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FunderKind(StrEnum):
    """What a funder is."""

    COUNTY = "county"
    DISTRICT = "district"
    NHS = "nhs"
    BUSINESS = "business"
    TRUST = "trust"


# Funders whose money is public money, over which joint caps run.
PUBLIC_FUNDERS = frozenset({FunderKind.COUNTY, FunderKind.DISTRICT, FunderKind.NHS})


class MatchKind(StrEnum):
    """How a fund adds to what the crowd gives."""

    LUMP = "lump"
    PER_PLEDGE = "per_pledge"
    TOP_UP = "top_up"


KIND_WORDS: dict[MatchKind, str] = {
    MatchKind.LUMP: "One sum that officers decide for each project",
    MatchKind.PER_PLEDGE: "The same again for each pledge, up to a limit, while the fund lasts",
    MatchKind.TOP_UP: "What is missing, once the crowd has given its share",
}


class ShareBase(StrEnum):
    """What the most that a fund gives is a percentage of."""

    TARGET = "target"
    COST = "cost"
    REVENUE = "revenue"


BASE_WORDS: dict[ShareBase, str] = {
    ShareBase.TARGET: "the target",
    ShareBase.COST: "the whole cost",
    ShareBase.REVENUE: "the cost without capital items",
}


@dataclass(frozen=True)
class CrowdTest:
    """What the crowd must show: so many qualifying backers, or such a share of the target from several of them.

    0 means that this way is not asked for; where both are 0 the test is always passed.
    """

    backers: int = 0
    percent: int = 0
    gifts: int = 2  # how many backers make "several"


@dataclass(frozen=True)
class Terms:
    """The sums of a fund's terms, as plain values. Pence; percentages are whole."""

    kind: MatchKind
    most_pence: int
    percent: int | None = None
    base: ShareBase = ShareBase.TARGET
    per_backer_pence: int | None = None  # per pledge: the most for one backer
    crowd_percent: int | None = None  # top-up: what qualifying backers give of the target first
    joint_percent: int | None = None  # of the target, for all public money together
    is_public: bool = True
    to_show: CrowdTest = CrowdTest()
    to_pay: CrowdTest = CrowdTest()


def split(pence: int, weights: Sequence[int]) -> list[int]:
    """Share `pence` in proportion to `weights`, to the penny, giving no part more than its weight.

    Cumulative rounding: the first parts together get their share rounded down, so the odd pennies go to the later
    ones. `pence` must lie between 0 and the sum of the weights. Raises ValueError otherwise.
    """
    total = sum(weights)
    if not 0 <= pence <= total:
        raise ValueError(f"{pence} cannot be shared over {total}")
    parts, before, given = [], 0, 0
    for weight in weights:
        before += weight
        so_far = pence * before // total if total else 0
        parts.append(so_far - given)
        given = so_far
    return parts


def financial_year(day: date) -> str:
    """Return the local government financial year a day is in, such as '2026/27': from 1 April."""
    begins = day.year if (day.month, day.day) >= (4, 1) else day.year - 1
    return f"{begins}/{(begins + 1) % 100:02}"


@dataclass(frozen=True)
class Headroom:
    """How a fund's money stands now. Pence; the parts add up to the budget."""

    budget_pence: int
    reserved_pence: int
    confirmed_pence: int
    paid_pence: int
    left_pence: int


def headroom_of(balances: Mapping[str, int]) -> Headroom:
    """Return the headroom from the balances of a fund's promise accounts by kind."""
    return Headroom(
        budget_pence=-balances.get("funder", 0),
        reserved_pence=balances.get("match_reserved", 0) + balances.get("grant_reserved", 0),
        confirmed_pence=balances.get("match_confirmed", 0),
        paid_pence=balances.get("match_paid", 0),
        left_pence=balances.get("pot_available", 0),
    )
