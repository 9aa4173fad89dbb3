"""Postcodes are recognised however they are typed."""

import pytest

from crowdfund.places.rules import outcode, tidy_postcode


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("CT1 2AA", "CT1 2AA"),
        ("ct12aa", "CT1 2AA"),
        (" ct1  2 a a ", "CT1 2AA"),
        ("ME14\t1XX", "ME14 1XX"),
        ("M1 1AE", "M1 1AE"),
        ("EC1A 1BB", "EC1A 1BB"),
        ("W1A 0AX", "W1A 0AX"),
        ("GIR 0AA", "GIR 0AA"),
    ],
)
def test_a_postcode_is_tidied(typed: str, tidy: str) -> None:
    assert tidy_postcode(typed) == tidy


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "CT1",
        "CT1 2A",
        "CT1 AAA",
        "1CT 2AA",
        "CT1 2CA",
        "CT123 4AA",
        "hello",
        "\uff23\uff341 2AA",
        "CT1 2AA\x00",
        "🐑",
    ],
)
def test_what_is_no_postcode(typed: str) -> None:
    assert tidy_postcode(typed) is None


def test_the_first_half_names_an_area() -> None:
    assert outcode("CT1 2AA") == "CT1"
