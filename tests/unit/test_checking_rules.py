"""Checking: the checklist grows with money and risk, open points are found, times are told as people do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crowdfund.checking.checklist import POINT_WORDS, CaseFacts, Point, checklist, open_points
from crowdfund.checking.material import linked
from crowdfund.checking.rules import (
    ANSWER_WORDS,
    CRITERION_WORDS,
    DECLINING,
    OUTCOMES,
    Criterion,
    ItemAnswer,
    Outcome,
    ago_words,
)
from crowdfund.groups.rules import LegalForm, Safeguarding

SMALL = CaseFacts(
    target_pence=50_000,
    cost_pence=50_000,
    capital_pence=0,
    legal_form=LegalForm.ASSOCIATION,
    safeguarding=Safeguarding.NOT_NEEDED,
    needs_host=False,
    for_young_people=False,
    has_photo=False,
    is_first=True,
)
EVERYONE = {"group_real", "legal", "public_benefit", "costs"}


def keys(facts: CaseFacts) -> set[str]:
    return {point.key for point in checklist(facts)}


def test_a_small_project_is_asked_little() -> None:
    assert keys(SMALL) == EVERYONE


@pytest.mark.parametrize(
    ("changes", "added"),
    [
        ({"target_pence": 200_000}, {"rules", "bank_account"}),
        ({"legal_form": LegalForm.CHARITY}, {"register"}),
        ({"legal_form": LegalForm.PARISH_COUNCIL}, set()),
        ({"needs_host": True}, {"host"}),
        ({"needs_host": True, "target_pence": 300_000}, {"host", "rules"}),
        ({"for_young_people": True}, {"safeguarding"}),
        ({"safeguarding": None}, {"safeguarding"}),
        ({"safeguarding": Safeguarding.POLICY}, {"safeguarding"}),
        ({"capital_pence": 1}, {"owner_agrees"}),
        ({"has_photo": True}, {"photo"}),
        ({"cost_pence": 999_999}, {"rules", "bank_account"}),
        ({"cost_pence": 1_000_000}, {"rules", "bank_account", "experience", "accounts", "insurance"}),
        ({"target_pence": 1_000_000, "is_first": False}, {"rules", "bank_account", "accounts", "insurance"}),
    ],
)
def test_it_grows_with_money_and_risk(changes: dict[str, object], added: set[str]) -> None:
    assert keys(replace(SMALL, **changes)) == EVERYONE | added


def test_every_point_has_a_reason_and_fits_its_column() -> None:
    everything = replace(
        SMALL, target_pence=5_000_000, capital_pence=1, legal_form=LegalForm.CHARITY, safeguarding=None, has_photo=True
    )
    for point in checklist(everything):
        assert point.why.endswith(".")
        assert point.question.endswith("?")
        assert len(point.key) <= 40
        assert POINT_WORDS[point.key] == point.question


def test_open_points_are_those_without_an_answer_or_with_a_bare_no() -> None:
    points = [Point(key, "?", "") for key in ("a", "b", "c", "d", "e")]
    answers = {
        "a": (ItemAnswer.YES, ""),
        "b": (ItemAnswer.NO, " "),
        "c": (ItemAnswer.NO, "They explained."),
        "d": (ItemAnswer.NOT_NEEDED, ""),
    }
    assert [point.key for point in open_points(points, answers)] == ["b", "e"]


def test_every_value_has_words() -> None:
    assert set(ANSWER_WORDS) == set(ItemAnswer)
    assert set(OUTCOMES) == set(Outcome)
    assert set(CRITERION_WORDS) == set(Criterion) == {Criterion.MEETS_ALL, *DECLINING}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (125, "2 minutes ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (7200, "2 hours ago"),
        (86_399, "23 hours ago"),
        (86_400, "on 30 June"),
    ],
)
def test_how_long_ago(seconds: int, words: str) -> None:
    now = datetime(2027, 7, 1, 22, 30, tzinfo=UTC)
    assert ago_words(now - timedelta(seconds=seconds), now) == words


def test_a_fact_links_the_projects_it_names() -> None:
    one, two = "a" * 26, "b" * 26
    words = f"Before: “A” ({{project:{one}:CK-1}}, live), “B” ({{project:{two}:CK-2}}, ended)."
    assert linked(words) == [
        ("Before: “A” (", None),
        ("CK-1", one),
        (", live), “B” (", None),
        ("CK-2", two),
        (", ended).", None),
    ]
    assert linked("A title with {project:x} in it.") == [("A title with {project:x} in it.", None)]
