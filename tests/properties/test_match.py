"""What holds for every combination of terms, crowds and pots, to the penny."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from crowdfund.funds.rules import CrowdTest, MatchKind, ShareBase, Terms, split
from crowdfund.matching.rules import Bid, CrowdFacts, ProjectFacts, allocate

PENCE, PERCENT = st.integers(1, 3_000_000), st.integers(1, 100)
CAPS = (500, 2_000, 25_000)
TESTS = st.builds(CrowdTest, st.sampled_from([0, 1, 5, 20]), st.sampled_from([0, 10, 25]), st.integers(1, 5))
TERMS = st.builds(
    Terms,
    kind=st.sampled_from(MatchKind),
    most_pence=PENCE,
    percent=st.none() | PERCENT,
    base=st.sampled_from(ShareBase),
    per_backer_pence=st.sampled_from(CAPS),
    crowd_percent=st.integers(1, 99),
    joint_percent=st.none() | PERCENT,
    is_public=st.booleans(),
    to_pay=TESTS,
)
BIDS = st.lists(st.tuples(TERMS, PENCE, st.integers(0, 2_000_000)), min_size=1, max_size=4).map(
    lambda found: [Bid(str(number), *one) for number, one in enumerate(found)]
)
PROJECTS = st.builds(ProjectFacts, PENCE, PENCE, PENCE)
GIFTS = st.lists(st.tuples(st.integers(100, 500_000), st.booleans()), max_size=30)


def crowd_of(gifts: list[tuple[int, bool]]) -> CrowdFacts:
    """Sum a list of gifts, each with whether it comes from a qualifying backer."""
    counted = [pence for pence, qualifies in gifts if qualifies]
    capped = {cap: sum(min(cap, pence) for pence in counted) for cap in CAPS}
    return CrowdFacts(sum(pence for pence, _ in gifts), len(counted), sum(counted), capped)


@given(BIDS, PROJECTS, GIFTS, st.integers(0, 1_000_000))
def test_never_above_pot_cap_or_target(
    bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]], other: int
) -> None:
    crowd = crowd_of(gifts)
    found = allocate(bids, project, crowd, other)
    assert [one.key for one in found] == [bid.key for bid in bids]
    for bid, one in zip(bids, found, strict=True):
        assert 0 <= one.pence <= min(bid.pot_pence, bid.most_pence, bid.terms.most_pence)
        if bid.terms.percent is not None:
            assert one.pence * 100 <= project.base(bid.terms.base) * bid.terms.percent
        if bid.terms.joint_percent is not None:
            public = sum(part.pence for b, part in zip(bids, found, strict=True) if b.terms.is_public)
            assert public == 0 or (public + other) * 100 <= project.target_pence * bid.terms.joint_percent
    total = sum(one.pence for one in found)
    assert total == 0 or crowd.pledged_pence + total <= project.target_pence


@given(BIDS, PROJECTS, GIFTS, st.tuples(st.integers(100, 500_000), st.booleans()))
def test_one_more_gift_never_takes_match_away_that_is_still_missing(
    bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]], gift: tuple[int, bool]
) -> None:
    before, after = crowd_of(gifts), crowd_of([*gifts, gift])
    was = sum(one.pence for one in allocate(bids, project, before))
    now = sum(one.pence for one in allocate(bids, project, after))
    assert now >= min(was, max(0, project.target_pence - after.pledged_pence))
    assert after.pledged_pence + now >= before.pledged_pence + was


@given(BIDS, PROJECTS, GIFTS, st.randoms(use_true_random=False))
def test_the_order_of_pledges_changes_nothing(
    bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]], random: object
) -> None:
    shuffled = sorted(gifts, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert allocate(bids, project, crowd_of(shuffled)) == allocate(bids, project, crowd_of(gifts))


@given(BIDS, PROJECTS, GIFTS, st.integers(100, 500_000))
def test_money_of_the_groups_own_people_never_raises_match(
    bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]], own: int
) -> None:
    with_own = allocate(bids, project, crowd_of([*gifts, (own, False)]))
    without = allocate(bids, project, crowd_of(gifts))
    assert sum(one.pence for one in with_own) <= sum(one.pence for one in without)


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6), st.data())
def test_a_split_adds_up_and_draws_no_source_dry(weights: list[int], data: st.DataObject) -> None:
    pence = data.draw(st.integers(0, sum(weights)))
    parts = split(pence, weights)
    assert sum(parts) == pence
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    assume(sum(weights) > 0)
    exact = [pence * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) <= 1.0001 for part, share in zip(parts, exact, strict=True))


@given(BIDS, PROJECTS, GIFTS)
def test_a_larger_pot_never_gives_less(bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]]) -> None:
    crowd = crowd_of(gifts)
    (first, *rest) = bids
    richer = [replace(first, pot_pence=first.pot_pence + 100_000), *rest]
    was, now = allocate(bids, project, crowd), allocate(richer, project, crowd)
    assert now[0].pence >= was[0].pence
