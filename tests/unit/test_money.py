"""Amounts are read and written without surprises, whatever was typed."""

import pytest

from crowdfund.core.money import parse_pounds, percent_reached, pounds, split

READ = {
    "25": 2500,
    "0": 0,
    "£25": 2500,
    "£ 25": 2500,
    " 25 ": 2500,
    "12.5": 1250,
    "12.50": 1250,
    "0.01": 1,
    "1,000": 100_000,
    "£1,000.50": 100_050,
    "12,345,678.90": 1_234_567_890,
    "007": 700,
    "999999999999": 99_999_999_999_900,
}
REFUSED = (
    "", " ", "£", ".", ".5", "5.", "-5", "−5", "+5", "25p", "1e3", "0x19", "NaN", "inf", "5 000", "1,00", "1,0000",
    "12.345", "1.2.3", "££5", "5£", "$5", "€5", "five", "5\n6", "5\x00", "٢٥", "£٢٥", "\uff12\uff15", "²",
    "1000000000000", "9" * 4000,
)  # fmt: skip


@pytest.mark.parametrize("typed", READ)
def test_an_amount_is_read_to_the_penny(typed: str) -> None:
    assert parse_pounds(typed) == READ[typed]


@pytest.mark.parametrize("typed", REFUSED)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_pounds(typed)


@pytest.mark.parametrize(
    ("pence", "written"),
    [
        (0, "£0"),
        (1, "£0.01"),
        (1250, "£12.50"),
        (2500, "£25"),
        (100_000, "£1,000"),
        (123_456_789, "£1,234,567.89"),
        (-50, "−£0.50"),
        (-100_000, "−£1,000"),
    ],
)
def test_pence_are_written_for_people(pence: int, written: str) -> None:
    assert pounds(pence) == written


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [33, 34, 33]),
        (1, [1, 1], [1, 0]),
        (0, [3, 4], [0, 0]),
        (10, [0, 1, 0], [0, 10, 0]),
        (99_999, [60, 40], [59_999, 40_000]),
    ],
)
def test_a_split_says_who_gets_the_odd_penny(total: int, weights: list[int], parts: list[int]) -> None:
    assert split(total, weights) == parts


@pytest.mark.parametrize("weights", [[0], [0, 0], [2, -1], [-1]])
def test_a_split_needs_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(100, weights)


@pytest.mark.parametrize(
    ("raised", "target", "percent"),
    [(0, 100, 0), (1, 1000, 0), (9_999, 10_000, 99), (10_000, 10_000, 100), (30_000, 10_000, 100), (5, 0, 100)],
)
def test_hundred_percent_is_never_said_too_early(raised: int, target: int, percent: int) -> None:
    assert percent_reached(raised, target) == percent
