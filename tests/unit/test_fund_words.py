"""The terms of a fund in plain sentences, what changes between versions, and financial years."""

from datetime import date
from typing import Any

import pytest

from crowdfund.funds.models import FundTerms
from crowdfund.funds.publishing import fields_of
from crowdfund.funds.rules import MatchKind, ShareBase
from crowdfund.funds.sections import ALL_FIELDS, TermsSection
from crowdfund.funds.words import Names, changes, dates_words, either, how_words, most_words, tell
from crowdfund.funds.years import is_year, may_carry, next_year

NAMES = Names(
    {"E1": "Ashford", "E2": "Dover", "E3": "Swale"}, {"well": "It helps people to stay well"}, {"cio": "A CIO"}
)


def terms(**changed: Any) -> FundTerms:
    """Return a lump of up to £20,000 and 50%, open for two months."""
    values = fields_of(None) | {
        "kind": MatchKind.LUMP,
        "most_pence": 2_000_000,
        "percent": 50,
        "base": ShareBase.TARGET,
        "criteria": [{"key": "need", "words": "It answers a need"}],
        "agreement": "Spend it well.",
        "opens_on": date(2027, 4, 1),
        "closes_on": date(2027, 5, 31),
        "decides_on": date(2027, 6, 30),
    }
    return FundTerms(fund_id=1, number=1, **(values | changed))


def lines(section: TermsSection, **changed: Any) -> list[str]:
    return [line for told in tell(terms(**changed), NAMES) if told.section is section for line in told.lines]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "Officers decide one sum for each project."),
        (
            {"kind": MatchKind.PER_PLEDGE, "per_backer_pence": 2_050},
            "It adds £1 to each £1 that a qualifying backer gives, up to £20.50 for one backer, while the fund lasts.",
        ),
        (
            {"kind": MatchKind.TOP_UP, "crowd_percent": 70},
            "Once qualifying backers have given 70% of the target, it adds what is missing.",
        ),
    ],
)
def test_how_a_fund_adds(changed: dict[str, Any], words: str) -> None:
    assert how_words(terms(**changed)) == words


def test_limits_are_said_one_by_one() -> None:
    assert lines(TermsSection.LIMITS, joint_percent=65, may_exceed="In deprived places.") == [
        "It gives one project £20,000 at most.",
        "It gives at most 50% of the target.",
        "All public money together, grants included, stays within 65% of the target.",
        "Officers may go above these limits with a reason that is published: In deprived places.",
    ]
    assert lines(TermsSection.LIMITS, percent=None) == ["It gives one project £20,000 at most."]
    assert most_words(terms()) == "up to £20,000 and 50% of the target"
    assert most_words(terms(percent=None)) == "up to £20,000"


@pytest.mark.parametrize(
    ("changed", "show", "pay"),
    [
        ({}, "An accepted offer is shown at once.", "It is paid if the project reaches its target."),
        (
            {"show_backers": 1, "pay_backers": 20, "pay_percent": 25, "several_gifts": 5},
            "The offer is shown on the project’s page once 1 qualifying backer has pledged.",
            (
                "It is paid only if 20 qualifying backers have pledged, or 25% of the target has come from 5 qualifying"
                " backers or more."
            ),
        ),
    ],
)
def test_what_the_crowd_has_to_show(changed: dict[str, Any], show: str, pay: str) -> None:
    said = lines(TermsSection.CROWD, **changed)
    assert said[:2] == [show, pay]
    assert (len(said) == 3) is bool(changed)


def test_who_it_is_for() -> None:
    assert lines(TermsSection.WHO) == ["Projects anywhere in the programme’s area.", "It pays for capital items too."]
    assert lines(TermsSection.WHO, districts=["E3", "E1"])[0] == "Projects in Ashford or Swale."
    assert lines(TermsSection.WHO, districts=["E1", "E2", "E3"])[0] == "Projects in any of the 3 districts."
    narrow = {"objectives": ["well"], "legal_forms": ["cio"], "allows_capital": False, "repeat_months": 1}
    assert lines(TermsSection.WHO, **narrow)[1:] == [
        "The project serves at least one of its objectives:",
        "It helps people to stay well.",
        "For these kinds of group: A CIO.",
        "It pays for no capital items.",
        "A group that it matched can ask again after 1 month.",
    ]


def test_dates_and_offers() -> None:
    wanted = "It takes requests from 1 April 2027 to 31 May 2027, and decides by 30 June 2027."
    assert dates_words(terms()) == wanted
    assert lines(TermsSection.OFFERS, call_in_days=5)[1].startswith("A decision takes effect 5 working days after")
    assert lines(TermsSection.OFFERS)[1] == "A decision takes effect at once."


# For every field a value that differs from the terms above, and what it needs beside it to matter.
OTHER: dict[str, dict[str, Any]] = {
    "kind": {"kind": MatchKind.TOP_UP, "crowd_percent": 60},
    "per_backer_pence": {"kind": MatchKind.PER_PLEDGE, "per_backer_pence": 500},
    "crowd_percent": {"kind": MatchKind.TOP_UP, "crowd_percent": 61},
    "most_pence": {"most_pence": 1},
    "percent": {"percent": 49},
    "base": {"base": ShareBase.COST},
    "joint_percent": {"joint_percent": 65},
    "may_exceed": {"may_exceed": "Sometimes."},
    "show_backers": {"show_backers": 2},
    "show_percent": {"show_percent": 2},
    "pay_backers": {"pay_backers": 2},
    "pay_percent": {"pay_percent": 2},
    "several_gifts": {"pay_percent": 2, "several_gifts": 9},
    "districts": {"districts": ["E1"]},
    "objectives": {"objectives": ["well"]},
    "legal_forms": {"legal_forms": ["cio"]},
    "allows_capital": {"allows_capital": False},
    "repeat_months": {"repeat_months": 3},
    "exclusions": {"exclusions": ["Parties"]},
    "criteria": {"criteria": [{"key": "need", "words": "Something else"}]},
    "questions": {"questions": [{"key": "q", "label": "Who?", "hint": "", "most_words": 50}]},
    "agreement": {"agreement": "Report."},
    "offer_days": {"offer_days": 29},
    "call_in_days": {"call_in_days": 1},
    "opens_on": {"opens_on": date(2027, 4, 2)},
    "closes_on": {"closes_on": date(2027, 5, 30)},
    "decides_on": {"decides_on": date(2027, 6, 29)},
    "confidence": {"confidence": "Made up."},
}


def test_a_change_of_any_field_is_told() -> None:
    assert set(OTHER) == set(ALL_FIELDS)
    for name, changed in OTHER.items():
        rest = {key: value for key, value in changed.items() if key != name}
        before, after = terms(**rest), terms(**changed)
        if name == "crowd_percent":
            before = terms(kind=MatchKind.TOP_UP, crowd_percent=60)
        told = changes(before, after, NAMES)
        assert len(told) == 1, name
        assert told[0].new or told[0].gone, name


def test_what_goes_and_what_comes_is_told_apart() -> None:
    [told] = changes(terms(), terms(most_pence=500_000), NAMES)
    assert told.gone == ("It gives one project £20,000 at most.",)
    assert told.new == ("It gives one project £5,000 at most.",)
    assert changes(terms(), terms(), NAMES) == []
    one, two = {"key": "a", "words": "A"}, {"key": "b", "words": "B"}
    [order] = changes(terms(criteria=[one, two]), terms(criteria=[two, one]), NAMES)
    assert order.new == ("B", "A")
    assert [told.gone for told in changes(None, terms(), NAMES)] == [()] * 8


def test_words_are_joined() -> None:
    assert [either(words) for words in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == ["", "A", "A or B", "A, B or C"]


def test_financial_years() -> None:
    assert next_year("2026/27") == "2027/28"
    assert next_year("2098/99") == "2099/00"
    assert not may_carry("2026/27", date(2027, 2, 28))
    assert may_carry("2026/27", date(2027, 3, 1))
    assert [is_year(text) for text in ("2026/27", "2026/28", "2026-27", "x", "")] == [True, False, False, False, False]
