"""What the board of a round adds up to, what stops a panel, and what it looks at twice."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdfund.grants.board import Card, remarks, stops, sums_of
from crowdfund.grants.rules import Outcome

CARD = Card(1, "ashford", True, 40_000, 75, False, False, Outcome.FULL, 40_000, "need", "Good.")
CARDS = st.builds(
    Card,
    application_id=st.integers(1, 99),
    district=st.sampled_from(["ashford", "dover", "swale"]),
    is_first=st.booleans(),
    asked_pence=st.integers(1, 100_000),
    percent=st.none() | st.integers(0, 100),
    is_wide=st.booleans(),
    is_barred=st.booleans(),
    outcome=st.none() | st.sampled_from(Outcome),
    pence=st.integers(1, 100_000),
)


@given(st.lists(CARDS), st.integers(0, 1_000_000))
def test_what_is_placed_and_what_is_left_come_to_what_there_was(cards: list[Card], left: int) -> None:
    sums = sums_of(cards, left)
    assert sums.placed_pence + sums.left_pence == left
    assert sum(asked for _, asked, _ in sums.districts) == len(cards)
    assert sum(given for _, _, given in sums.districts) == sums.awarded >= sums.first
    assert sums.is_over == bool(next((text for text in stops(cards, sums) if "too much" in text), ""))


@pytest.mark.parametrize(
    ("changes", "stopped"),
    [
        ({}, ""),
        ({"reason": " "}, "without a reason"),
        ({"outcome": Outcome.DECLINE, "pence": None, "criterion": ""}, "without a reason"),
        ({"outcome": Outcome.DECLINE, "pence": None}, ""),
        ({"outcome": None, "pence": None}, "Nothing lies anywhere"),
        ({"pence": 60_001}, "too much"),
    ],
)
def test_a_panel_is_stopped_by_nothing_but_what_cannot_be(changes: dict[str, object], stopped: str) -> None:
    cards = [replace(CARD, **changes)]  # type: ignore[arg-type]
    found = stops(cards, sums_of(cards, 60_000))
    assert (stopped in " ".join(found)) if stopped else not found


def test_what_a_fair_panel_looks_at_twice() -> None:
    worse = replace(CARD, application_id=2, percent=40, is_first=False)
    better = replace(CARD, application_id=3, district="dover", percent=90, outcome=Outcome.DECLINE, pence=None)
    cards = [worse, better, replace(better, application_id=4, outcome=None, is_wide=True, is_barred=True)]
    found = " ".join(remarks(cards, sums_of(cards, 100_000)))
    for words in ("far apart", "you may not decide", "no place was chosen", "better mark", "nothing awarded: dover"):
        assert words in found
    assert "No group that never had an award gets one." in found
    assert remarks([CARD], sums_of([CARD], 100_000)) == []
