"""Which funds fit a project: every point in words, and the most it could give, to the penny."""

from datetime import date
from typing import Any

import pytest

from crowdfund.funds.fitting import Capital, Fit, Wish, fit, later
from crowdfund.funds.rules import MatchKind, ShareBase
from tests.unit.test_fund_words import NAMES, terms

TODAY = date(2027, 4, 20)
LEFT = 9_000_000
WISH = Wish(
    TODAY,
    target_pence=1_000_000,
    district="E1",
    objectives=frozenset({"well"}),
    legal_form="association",
    capital=Capital.SOME,
    cost_pence=1_200_000,
    revenue_pence=800_000,
)


def held(wish: Wish = WISH, *, left: int = LEFT, matched: date | None = None, **changed: Any) -> Fit:
    public = changed.pop("public", True)
    return fit(terms(**changed), wish, NAMES, is_public=public, left_pence=left, matched_on=matched)


def wish(**changed: Any) -> Wish:
    return Wish(**{**vars(WISH), **changed})


def test_a_project_that_fits_is_told_why() -> None:
    found = held(districts=["E1", "E2"], objectives=["well"], legal_forms=["association"], allows_capital=False)
    assert found.fits
    assert found.met == [
        "It takes requests until 31 May 2027.",
        "It gives to projects in Ashford.",
        "It wants what your project does: It helps people to stay well.",
        "It gives to groups that are set up like yours.",
        "It pays for the part of your project that is not capital.",
    ]


@pytest.mark.parametrize(
    ("changed", "asked", "words"),
    [
        ({}, {"today": date(2027, 3, 31)}, "It is not open yet: it takes requests from 1 April 2027."),
        ({}, {"today": date(2027, 6, 1)}, "It is closed: it took requests until 31 May 2027."),
        ({"districts": ["E2", "E3"]}, {}, "It gives only to projects in Dover or Swale."),
        (
            {"objectives": ["well"]},
            {"objectives": frozenset({"other"})},
            "It wants at least one of these, which your project does not name yet: It helps people to stay well.",
        ),
        (
            {"legal_forms": ["cio"]},
            {},
            "It gives to groups of these kinds: A CIO. A host of such a kind could ask for you.",
        ),
        (
            {"allows_capital": False},
            {"capital": Capital.ALL, "revenue_pence": 0},
            "It pays for no capital items, and everything here is one. Running costs, such as fees, would count.",
        ),
        (
            {"joint_percent": 65},
            {"other_public_pence": 650_000},
            "All public money together stays within 65% of the target, and you have that already.",
        ),
    ],
)
def test_what_stands_against_it_is_said_in_words(changed: dict[str, Any], asked: dict[str, Any], words: str) -> None:
    found = held(wish(**asked), **changed)
    assert found.unmet == [words]
    assert not found.fits


@pytest.mark.parametrize("day", [date(2027, 4, 1), date(2027, 5, 31)])
def test_the_first_and_last_day_count(day: date) -> None:
    assert held(wish(today=day)).fits


def test_a_group_that_was_matched_waits() -> None:
    found = held(matched=date(2026, 4, 21), repeat_months=12)
    assert found.unmet == ["It matched your group on 21 April 2026. You can ask again from 21 April 2027."]
    assert held(matched=date(2026, 4, 20), repeat_months=12).fits
    assert held(matched=date(2027, 4, 19)).fits


def test_months_end_where_they_end() -> None:
    assert later(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert later(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert later(date(2026, 12, 5), 12) == date(2027, 12, 5)
    assert later(date(2026, 3, 31), 1) == date(2026, 4, 30)


def test_a_fund_without_money_left_is_worth_asking() -> None:
    found = held(left=0)
    assert found.most_pence == 0
    assert "Some may come back" in found.unmet[0]


def test_nothing_is_held_against_what_is_not_known() -> None:
    narrow = {"districts": ["E2"], "objectives": ["x"], "legal_forms": ["cio"], "allows_capital": False}
    found = held(Wish(TODAY), joint_percent=1, **narrow)
    assert found.fits
    assert found.most_pence is None


@pytest.mark.parametrize(
    ("changed", "asked", "left", "pence", "words"),
    [
        ({}, {}, LEFT, 500_000, "Up to £5,000: 50% of the target."),
        ({"percent": None}, {}, LEFT, 1_000_000, "Up to £10,000: your whole target."),
        ({"most_pence": 499_999}, {}, LEFT, 499_999, "Up to £4,999.99: the most it gives one project."),
        ({"base": ShareBase.COST}, {}, LEFT, 600_000, "Up to £6,000: 50% of the whole cost."),
        ({"base": ShareBase.REVENUE}, {}, LEFT, 400_000, "Up to £4,000: 50% of the cost without capital items."),
        ({"percent": 33}, {"target_pence": 101}, LEFT, 33, "Up to £0.33: 33% of the target."),
        (
            {"percent": None, "allows_capital": False},
            {},
            LEFT,
            800_000,
            "Up to £8,000: what is not capital.",
        ),
        (
            {"kind": MatchKind.TOP_UP, "crowd_percent": 70, "percent": None},
            {"target_pence": 1_001},
            LEFT,
            300,
            "Up to £3: what the crowd leaves to be completed.",
        ),
        (
            {"joint_percent": 65},
            {"other_public_pence": 400_000},
            LEFT,
            250_000,
            "Up to £2,500: all public money together stays within 65%.",
        ),
        ({}, {}, 12_345, 12_345, "Up to £123.45: what is left in the fund."),
    ],
)
def test_the_most_it_could_give(
    changed: dict[str, Any], asked: dict[str, Any], left: int, pence: int, words: str
) -> None:
    found = held(wish(**asked), left=left, **changed)
    assert (found.most_pence, found.most_words) == (pence, words)


def test_a_firm_is_not_public_money() -> None:
    assert held(wish(other_public_pence=650_000), public=False, joint_percent=65).most_pence == 500_000
