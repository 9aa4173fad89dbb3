"""The replay of pledges under other terms: what each project would have had, in the order in which it happened."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crowdfund.funds.rules import CrowdTest, MatchKind, Terms
from crowdfund.matching.replaying import Gift, Outcome, Past, replay, totals
from crowdfund.matching.rules import Bid, Limit, ProjectFacts

START = datetime(2027, 1, 18, 9, tzinfo=UTC)
LUMP = Terms(MatchKind.LUMP, 50_000)
EACH = Terms(MatchKind.PER_PLEDGE, 50_000, per_backer_pence=2_000)
TOP_UP = Terms(MatchKind.TOP_UP, 50_000, crowd_percent=50)


def past(key: str, *pence: int, target: int = 100_000, day: int = 0, **changes: object) -> Past:
    begins = START + timedelta(days=day)
    gifts = [Gift(begins + timedelta(hours=n), one) for n, one in enumerate(pence, 1)]
    facts = ProjectFacts(target, target, target)
    values: dict[str, object] = {"begins": begins, "ends": begins + timedelta(days=30), "gifts": gifts}
    return Past(key=key, facts=facts, **(values | changes))


def spent(pasts: list[Past], terms: Terms, pot: int = 1_000_000) -> list[int]:
    return [one.pence for one in replay(pasts, terms, pot)]


@pytest.mark.parametrize(
    ("gifts", "terms", "pence", "limit", "reached"),
    [
        ((60_000,), LUMP, 40_000, Limit.TARGET, True),
        ((50_000,), LUMP, 50_000, Limit.AMOUNT, True),
        ((49_999,), LUMP, 0, Limit.AMOUNT, False),
        ((50_000,), replace(LUMP, percent=40), 0, Limit.SHARE, False),
        ((50_000,), TOP_UP, 50_000, Limit.AMOUNT, True),
        ((49_999,), TOP_UP, 0, Limit.CROWD_FIRST, False),
        ((3_000,) * 25, EACH, 25_000, Limit.TARGET, True),
        ((1_000, 97_000), EACH, 2_000, Limit.TARGET, True),
        ((96_000, 2_000), replace(EACH, most_pence=1_999), 0, Limit.AMOUNT, False),
        ((1_000, 96_000), EACH, 3_000, Limit.CROWD, True),
    ],
)
def test_one_project(gifts: tuple[int, ...], terms: Terms, pence: int, limit: Limit, *, reached: bool) -> None:
    [found] = replay([past("a", *gifts)], terms, 1_000_000)
    assert found == Outcome("a", pence, found.limit, reached)
    if pence:
        assert found.limit in {limit, Limit.TARGET}
    else:
        assert found.limit is limit


def test_an_earlier_project_takes_from_the_pot_first() -> None:
    first, second = past("first", 60_000, day=1), past("second", 60_000)
    assert spent([first, second], LUMP, 60_000) == [0, 40_000]
    assert spent([replace(first, begins=START), second], LUMP, 90_000) == [40_000, 40_000]


def test_what_is_not_used_is_free_for_projects_that_begin_later() -> None:
    missed, later = past("missed", 10), past("later", 60_000, day=31)
    assert spent([missed, later], LUMP, 50_000) == [0, 40_000]
    assert spent([missed, replace(later, begins=START)], LUMP, 50_000) == [0, 0]


def test_match_per_pledge_is_taken_pledge_by_pledge() -> None:
    one = past("one", *[2_000] * 40, target=100_000)
    two = past("two", *[2_000] * 40, target=100_000)
    assert spent([one], EACH, 20_000) == [20_000]
    # Each hour both take £20 until the pot is empty. The first misses its target, and the second gets what that frees.
    assert spent([one, two], EACH, 20_000) == [0, 20_000]
    assert spent([one, replace(two, ends=one.ends - timedelta(hours=1))], EACH, 20_000) == [20_000, 0]
    late = replace(two, gifts=[Gift(gift.at + timedelta(days=3), gift.pence) for gift in two.gifts])
    assert spent([one, late], EACH, 20_000) == [20_000, 0]


def test_who_does_not_qualify_counts_to_the_target_only() -> None:
    gifts = [Gift(START + timedelta(hours=n), 2_000, qualifies=n != 3) for n in range(1, 31)]
    terms = replace(EACH, most_pence=60_000)
    assert spent([past("a", target=118_000, gifts=gifts)], terms) == [58_000]
    assert spent([past("a", target=118_001, gifts=gifts)], terms) == [0]
    everyone = [replace(gift, qualifies=True) for gift in gifts]
    assert spent([past("a", target=120_000, gifts=everyone)], terms) == [60_000]


@pytest.mark.parametrize("test", [CrowdTest(backers=3), CrowdTest(percent=80, gifts=2)])
@pytest.mark.parametrize("when", ["to_show", "to_pay"])
def test_the_crowd_has_to_pass_both_tests(test: CrowdTest, when: str) -> None:
    terms = replace(LUMP, **{when: test})
    assert spent([past("a", 30_000, 30_000)], terms) == [0]
    assert spent([past("a", 30_000, 30_000, 25_000)], terms) == [15_000]


def test_other_funds_stay_in_their_places_under_the_joint_cap() -> None:
    other = Bid("other", Terms(MatchKind.LUMP, 30_000), 30_000, 30_000)
    terms = replace(LUMP, joint_percent=40)
    assert spent([past("a", 60_000, earlier=[other])], terms) == [10_000]
    assert spent([past("a", 60_000, later=[other])], terms) == [40_000]
    assert spent([past("a", 60_000, other_public_pence=15_000)], terms) == [0]
    assert spent([past("a", 75_000, other_public_pence=15_000)], terms) == [25_000]


def test_a_group_gets_no_more_than_it_asked_for() -> None:
    assert spent([past("a", 95_000, most_pence=4_999)], LUMP) == [0]
    assert spent([past("a", 95_001, most_pence=4_999)], LUMP) == [4_999]


def test_totals_add_up_by_group() -> None:
    outcomes = replay([past("a", 60_000), past("b", 70_000), past("c", 80_000)], LUMP, 1_000_000)
    by = totals(outcomes, {"a": "Ashford", "b": "Swale", "c": "Ashford"})
    assert by == {"Ashford": 60_000, "Swale": 30_000}


def test_ten_thousand_pledges_are_replayed_in_a_moment() -> None:
    other = Bid("other", replace(EACH, per_backer_pence=1_000), 20_000, 20_000)
    pasts = [past(f"{n}", *[1_500] * 100, target=200_000, day=n % 40, earlier=[other]) for n in range(100)]
    assert sum(len(one.gifts) for one in pasts) == 10_000
    began = time.perf_counter()
    outcomes = replay(pasts, replace(EACH, most_pence=100_000), 3_000_000)
    assert time.perf_counter() - began < 2
    assert 0 < sum(one.pence for one in outcomes) <= 3_000_000
