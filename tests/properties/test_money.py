"""No penny is lost or made, however an amount is split, written or read."""

from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from crowdfund.core.money import parse_pounds, percent_reached, pounds, split

PENCE = st.integers(0, 10**14)
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=30).filter(any)


@given(st.integers(-(10**12), 10**12), WEIGHTS)
def test_the_parts_add_up(total: int, weights: list[int]) -> None:
    assert sum(split(total, weights)) == total


@given(PENCE, WEIGHTS)
def test_no_part_is_more_than_a_penny_from_its_share(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    for part, weight in zip(split(total, weights), weights, strict=True):
        assert part >= 0
        assert abs(part - Fraction(total * weight, whole)) <= 1


@given(PENCE, WEIGHTS)
def test_a_weight_of_nothing_gets_nothing(total: int, weights: list[int]) -> None:
    assert all(part == 0 for part, weight in zip(split(total, weights), weights, strict=True) if weight == 0)


@given(WEIGHTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=10))
def test_parts_given_bit_by_bit_never_drift(weights: list[int], portions: list[int]) -> None:
    """What was given so far is split anew each time, so the last penny always falls where it would have fallen."""
    given_so_far, before = 0, [0] * len(weights)
    for portion in portions:
        given_so_far += portion
        now = split(given_so_far, weights)
        assert sum(new - old for new, old in zip(now, before, strict=True)) == portion
        before = now
    assert before == split(sum(portions), weights)


@given(PENCE)
def test_what_is_written_can_be_read(pence: int) -> None:
    assert parse_pounds(pounds(pence)) == pence


@given(st.text())
def test_reading_answers_or_says_no(text: str) -> None:
    try:
        pence = parse_pounds(text)
    except ValueError:
        return
    assert pence >= 0
    assert any(digit in text for digit in "0123456789")


@given(PENCE, st.integers(1, 10**14))
def test_a_hundred_percent_means_reached(raised: int, target: int) -> None:
    percent = percent_reached(raised, target)
    assert 0 <= percent <= 100
    assert (percent == 100) == (raised >= target)


@given(PENCE, PENCE, st.integers(1, 10**14))
def test_more_never_looks_like_less(one: int, other: int, target: int) -> None:
    assume(one <= other)
    assert percent_reached(one, target) <= percent_reached(other, target)
