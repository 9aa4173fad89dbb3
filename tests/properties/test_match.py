"""What holds for every combination of terms, crowds and pots, to the penny."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, event, given
from hypothesis import strategies as st

from crowdfund.core.money import pounds
from crowdfund.funds.rules import CrowdTest, MatchKind, ShareBase, Terms, split
from crowdfund.matching.caps import caps_of, joint_cap
from crowdfund.matching.rules import Allocation, Bid, CrowdFacts, Limit, ProjectFacts, allocate, passes

PENCE, PERCENT = st.integers(1, 3_000_000), st.integers(1, 100)
CAPS = (500, 2_000, 25_000)
# Most funds ask for no test, or every other limit would seldom be what binds.
TESTS = st.just(CrowdTest(0, 0, 1)) | st.builds(
    CrowdTest, st.sampled_from([0, 1, 5, 20]), st.sampled_from([0, 10, 25]), st.integers(1, 5)
)
TERMS = st.builds(
    Terms,
    kind=st.sampled_from(MatchKind),
    most_pence=PENCE,
    percent=st.none() | st.integers(1, 30) | PERCENT,
    base=st.sampled_from(ShareBase),
    per_backer_pence=st.sampled_from(CAPS),
    crowd_percent=st.integers(1, 30) | st.integers(1, 99),
    joint_percent=st.none() | st.integers(5, 40) | PERCENT,
    is_public=st.booleans(),
    to_pay=TESTS,
)
BIDS = st.lists(st.tuples(TERMS, PENCE, st.integers(0, 2_000_000)), min_size=1, max_size=4).map(
    lambda found: [Bid(str(number), *one) for number, one in enumerate(found)]
)
# Amounts that meet each other: caps and pots well below a target that small gifts do not reach alone.
NEAR = st.integers(1_000, 60_000)
NEAR_TERMS = st.builds(lambda terms, most: replace(terms, most_pence=most), TERMS, NEAR)
NEAR_BIDS = st.lists(st.tuples(NEAR_TERMS, NEAR, NEAR), min_size=1, max_size=4).map(
    lambda found: [Bid(str(number), *one) for number, one in enumerate(found)]
)
BIDS = NEAR_BIDS | BIDS
TARGETS = st.integers(60_000, 200_000)
PROJECTS = st.builds(ProjectFacts, TARGETS, TARGETS, NEAR) | st.builds(ProjectFacts, PENCE, PENCE, PENCE)
SMALL, ANY_GIFT = st.integers(100, 5_000), st.integers(100, 500_000)
GIFTS = st.lists(st.tuples(SMALL, st.booleans()), max_size=30) | st.lists(
    st.tuples(ANY_GIFT, st.booleans()), max_size=10
)


def public_pence(bids: list[Bid], found: list[Allocation]) -> int:
    """Return what the public funds among these give."""
    return sum(one.pence for bid, one in zip(bids, found, strict=True) if bid.terms.is_public)


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


@given(BIDS, PROJECTS, GIFTS, st.integers(100, 500_000))
def test_one_more_qualifying_backer_never_means_less_of_any_fund_alone(
    bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]], pence: int
) -> None:
    """Beside others a fund may give way to what an earlier one adds; alone it gives way to the crowd only."""
    before, after = crowd_of(gifts), crowd_of([*gifts, (pence, True)])
    missing = max(0, project.target_pence - after.pledged_pence)
    for bid in bids:
        ((was,), (now,)) = allocate([bid], project, before), allocate([bid], project, after)
        assert now.pence >= min(was.pence, missing)


@given(BIDS, PROJECTS, GIFTS, st.integers(0, 200_000), st.integers(1, 200_000))
def test_more_other_public_money_never_means_more_and_is_taken_off_the_joint_cap(
    bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]], other: int, more: int
) -> None:
    crowd = crowd_of(gifts)
    capped = [replace(bid, terms=replace(bid.terms, joint_percent=30)) for bid in bids]
    was, now = (public_pence(capped, allocate(capped, project, crowd, sum_)) for sum_ in (other, other + more))
    assert was - more <= now <= was
    assert was <= max(0, project.target_pence * 30 // 100 - other)


@given(NEAR_BIDS, PROJECTS, st.integers(0, 60_000), st.integers(1, 60))
def test_several_public_funds_fill_one_joint_cap_in_their_order_and_never_more(
    bids: list[Bid], project: ProjectFacts, other: int, percent: int
) -> None:
    free = {"kind": MatchKind.LUMP, "percent": None, "is_public": True, "to_pay": CrowdTest(0, 0, 1)}
    shared = [replace(bid, terms=replace(bid.terms, joint_percent=percent, **free)) for bid in bids]
    left = max(0, project.target_pence * percent // 100 - other)
    for bid, one in zip(shared, allocate(shared, project, CrowdFacts(), other), strict=True):
        event(f"{one.limit}")
        assert one.pence == min(bid.most_pence, bid.terms.most_pence, bid.pot_pence, left)
        left -= one.pence


@given(BIDS, PROJECTS, GIFTS)
def test_the_first_in_the_order_gives_what_it_would_alone_and_private_money_is_in_no_joint_cap(
    bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]]
) -> None:
    crowd = crowd_of(gifts)
    shared = [replace(bid, terms=replace(bid.terms, joint_percent=40)) for bid in bids]
    found = allocate(shared, project, crowd)
    assert found[0] == allocate(shared[:1], project, crowd)[0]
    private = [replace(bid, terms=replace(bid.terms, is_public=False)) for bid in bids]
    assert allocate(private, project, crowd, 10**9) == allocate(
        [replace(bid, terms=replace(bid.terms, joint_percent=None)) for bid in private], project, crowd
    )


@given(BIDS, PROJECTS, GIFTS, st.integers(0, 100_000))
def test_what_a_fund_stopped_at_is_what_stopped_it(
    bids: list[Bid], project: ProjectFacts, gifts: list[tuple[int, bool]], other: int
) -> None:
    """Every penny is where the words say: a fund stops exactly at the limit it names, and below every other."""
    crowd, missing = crowd_of(gifts), max(0, project.target_pence - sum(pence for pence, _ in gifts))
    caps = [bid.terms.joint_percent for bid in bids if bid.terms.joint_percent is not None]
    joint = max(0, project.target_pence * min(caps) // 100 - other) if caps else None
    for bid, one in zip(bids, allocate(bids, project, crowd, other), strict=True):
        event(f"{bid.terms.kind}: {one.limit}")
        stops = {
            Limit.AMOUNT: min(bid.most_pence, bid.terms.most_pence),
            Limit.TARGET: missing,
            Limit.POT: bid.pot_pence,
            Limit.TEST: 0,
            Limit.CROWD_FIRST: 0,
        }
        if bid.terms.percent is not None:
            stops[Limit.SHARE] = project.base(bid.terms.base) * bid.terms.percent // 100
        if bid.terms.kind is MatchKind.PER_PLEDGE:
            most = bid.terms.per_backer_pence or 0
            stops[Limit.CROWD] = sum(min(most, pence) for pence, qualifies in gifts if qualifies)
        if joint is not None and bid.terms.is_public:
            stops[Limit.JOINT] = joint
        assert one.pence == stops[one.limit]
        if one.limit not in {Limit.TEST, Limit.CROWD_FIRST}:
            assert one.pence == min(stops[limit] for limit in stops if limit not in {Limit.TEST, Limit.CROWD_FIRST})
        missing -= one.pence
        if joint is not None and bid.terms.is_public:
            joint -= one.pence


BESIDE = st.integers(-1, 1)


@given(TESTS, PENCE, st.booleans(), BESIDE, BESIDE)
def test_a_test_is_passed_exactly_when_the_crowd_shows_it(
    test: CrowdTest, target: int, by_backers: bool, more: int, pence: int
) -> None:
    """At each of its edges: one backer, one penny less or more."""
    backers = max(0, (test.backers if by_backers else test.gifts) + more)
    crowd = CrowdFacts(0, backers, max(0, -(-target * test.percent // 100) + pence))
    enough = bool(test.backers) and backers >= test.backers
    share = bool(test.percent) and Fraction(crowd.qualifying_pence, target) >= Fraction(test.percent, 100)
    asked = test.backers or test.percent
    wanted = not asked or enough or (share and backers >= test.gifts)
    event(f"passes: {wanted}, asked: {bool(asked)}")
    assert passes(test, crowd, target) == wanted


@given(TERMS, PROJECTS, st.booleans(), st.integers(0, 300_000))
def test_an_offer_is_decided_within_every_cap_and_only_a_policy_goes_above_some(
    terms: Terms, project: ProjectFacts, allows_capital: bool, other: int
) -> None:
    """The capital rule, the percentage and the fund's most bend to a policy; the target and the joint cap never do."""
    found = caps_of(terms, project, allows_capital=allows_capital)
    least = [terms.most_pence, project.target_pence]
    least += [] if terms.percent is None else [project.base(terms.base) * terms.percent // 100]
    least += [] if allows_capital else [project.revenue_pence]
    assert [cap.pence for cap in found] == sorted(least)
    assert [cap.pence for cap in found if not cap.may_exceed] == [project.target_pence]
    assert all(pounds(cap.pence) in cap.words for cap in found)
    joint = joint_cap(terms, project, other)
    assert (joint is None) == (terms.joint_percent is None or not terms.is_public)
    if joint is not None:
        assert not joint.may_exceed
        event(f"joint cap used up: {not joint.pence}")
        whole = project.target_pence * (terms.joint_percent or 0)
        assert joint.pence == 0 or (joint.pence + other) * 100 <= whole < (joint.pence + other + 1) * 100
