"""What funds add to a project: single cases in figures, and what holds for all of them."""

import pytest

from crowdfund.funds.rules import CrowdTest, MatchKind, ShareBase, Terms, split
from crowdfund.matching.rules import Bid, CrowdFacts, Limit, ProjectFacts, allocate, passes

PROJECT = ProjectFacts(target_pence=1_000_000, cost_pence=1_200_000, revenue_pence=800_000)
LUMP = Terms(MatchKind.LUMP, 2_000_000, percent=50)
PER_PLEDGE = Terms(MatchKind.PER_PLEDGE, 300_000, per_backer_pence=2_000)
TOP_UP = Terms(MatchKind.TOP_UP, 500_000, crowd_percent=60)


def crowd(pence: int, backers: int = 30, qualifying: int | None = None) -> CrowdFacts:
    counted = pence if qualifying is None else qualifying
    return CrowdFacts(pence, backers, counted, {2_000: min(counted, backers * 2_000)})


def one(terms: Terms, facts: CrowdFacts, most: int = 9_000_000, pot: int = 9_000_000) -> tuple[int, Limit]:
    (found,) = allocate([Bid("a", terms, most, pot)], PROJECT, facts)
    return found.pence, found.limit


@pytest.mark.parametrize(
    ("terms", "facts", "most", "pot", "expected"),
    [
        (LUMP, crowd(100_000), 400_000, 9_000_000, (400_000, Limit.AMOUNT)),
        (LUMP, crowd(100_000), 900_000, 9_000_000, (500_000, Limit.SHARE)),
        (LUMP, crowd(700_000), 400_000, 9_000_000, (300_000, Limit.TARGET)),
        (LUMP, crowd(1_100_000), 400_000, 9_000_000, (0, Limit.TARGET)),
        (LUMP, crowd(100_000), 400_000, 150_000, (150_000, Limit.POT)),
        (PER_PLEDGE, crowd(100_000), 9_000_000, 9_000_000, (60_000, Limit.CROWD)),
        (PER_PLEDGE, crowd(900_000, 300), 9_000_000, 9_000_000, (100_000, Limit.TARGET)),
        (PER_PLEDGE, crowd(400_000, 300), 9_000_000, 9_000_000, (300_000, Limit.AMOUNT)),
        (TOP_UP, crowd(599_999), 9_000_000, 9_000_000, (0, Limit.CROWD_FIRST)),
        (TOP_UP, crowd(600_000), 9_000_000, 9_000_000, (400_000, Limit.TARGET)),
        (TOP_UP, crowd(600_000, qualifying=599_999), 9_000_000, 9_000_000, (0, Limit.CROWD_FIRST)),
    ],
)
def test_each_kind_ends_at_its_limit(
    terms: Terms, facts: CrowdFacts, most: int, pot: int, expected: tuple[int, Limit]
) -> None:
    assert one(terms, facts, most, pot) == expected


def test_a_percentage_is_of_the_stated_base() -> None:
    shares = {base: one(Terms(MatchKind.LUMP, 9_000_000, percent=25, base=base), crowd(0))[0] for base in ShareBase}
    assert shares == {ShareBase.TARGET: 250_000, ShareBase.COST: 300_000, ShareBase.REVENUE: 200_000}


def test_all_public_money_together_keeps_the_lowest_joint_cap() -> None:
    county = Bid("county", Terms(MatchKind.LUMP, 2_000_000, percent=50), 500_000, 9_000_000)
    district = Bid("district", Terms(MatchKind.LUMP, 500_000, percent=50, joint_percent=65), 500_000, 9_000_000)
    firm = Bid("firm", Terms(MatchKind.LUMP, 100_000, is_public=False), 100_000, 9_000_000)
    found = allocate([county, district, firm], PROJECT, crowd(100_000))
    assert [(one.pence, one.limit) for one in found] == [
        (500_000, Limit.AMOUNT),
        (150_000, Limit.JOINT),
        (100_000, Limit.AMOUNT),
    ]
    with_grants = allocate([county, district, firm], PROJECT, crowd(100_000), other_public_pence=200_000)
    assert [one.pence for one in with_grants] == [450_000, 0, 100_000]


@pytest.mark.parametrize(
    ("test", "facts", "expected"),
    [
        (CrowdTest(), crowd(0, 0), True),
        (CrowdTest(backers=20), crowd(1, 19), False),
        (CrowdTest(backers=20), crowd(1, 20), True),
        (CrowdTest(percent=25), crowd(250_000, 2), True),
        (CrowdTest(percent=25), crowd(250_000, 1), False),
        (CrowdTest(percent=25), crowd(249_999, 9), False),
        (CrowdTest(backers=20, percent=25), crowd(250_000, 3), True),
        (CrowdTest(backers=20, percent=25), crowd(10, 20), True),
        (CrowdTest(backers=20, percent=25), crowd(10, 3), False),
    ],
)
def test_the_crowd_passes_by_backers_or_by_several_gifts(test: CrowdTest, facts: CrowdFacts, expected: bool) -> None:
    assert passes(test, facts, PROJECT.target_pence) is expected


def test_nothing_is_paid_before_the_crowd_has_shown_itself() -> None:
    terms = Terms(MatchKind.LUMP, 2_000_000, to_pay=CrowdTest(backers=20))
    assert one(terms, crowd(100_000, 19)) == (0, Limit.TEST)
    assert one(terms, crowd(100_000, 20)) == (900_000, Limit.TARGET)


@pytest.mark.parametrize("pence", [-1, 11])
def test_no_more_is_shared_than_there_is(pence: int) -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        split(pence, [4, 6])
