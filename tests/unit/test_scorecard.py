"""The scorecard: medians, shares, where people gave up, and small numbers that are not told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crowdfund.grants.rules import ApplicationState
from crowdfund.grants.scorecard import FEW, Row, Standing, hidden, percent, scorecard_of

A = ApplicationState
CLOSED = datetime(2027, 1, 18, 17, tzinfo=UTC)
PLACES, FORMS = ("Ashford", "Dover", "Swale"), ("Charity", "Club")
ROW = Row(
    round_id=1,
    state=A.ACCEPTED,
    was_sent=True,
    closed_at=CLOSED,
    promised_on=date(2027, 1, 28),
    decided_at=CLOSED + timedelta(days=8, hours=20),
    has_reason=True,
    district="Ashford",
    legal_form="Club",
    is_first=True,
    asked_pence=50_000,
    awarded_pence=40_000,
    spent_seconds=1_799,
    last_question="Costs",
)
DRAFT = replace(ROW, state=A.DRAFT, was_sent=False, decided_at=None, has_reason=False, awarded_pence=0)
NO = replace(ROW, state=A.DECLINED, awarded_pence=0, district="Dover", is_first=False)


def test_it_tells_how_long_it_took_and_what_was_given() -> None:
    late = replace(ROW, decided_at=CLOSED + timedelta(days=11), awarded_pence=10_000, spent_seconds=3_600)
    card = scorecard_of([ROW, late, replace(NO, has_reason=False), DRAFT], PLACES, FORMS)
    assert (card.begun, card.sent, card.left, card.decided) == (4, 3, 1, 3)
    assert (card.median_days, card.median_minutes) == (8, 29)
    assert (card.on_time, card.with_reason) == (2, 2)
    assert (card.asked_pence, card.given_pence, card.awards) == (150_000, 50_000, 2)
    assert card.left_at == (("Costs", 1),)


def test_what_is_given_leaves_out_what_was_not_taken_up() -> None:
    card = scorecard_of([ROW, replace(ROW, state=A.EXPIRED), replace(ROW, state=A.REFUSED)], PLACES, FORMS)
    assert (card.awards, card.given_pence) == (3, 40_000)
    assert card.districts[0].awarded_pence == 120_000


@pytest.mark.parametrize("state", ApplicationState)
def test_every_state_is_counted_once(state: ApplicationState) -> None:
    card = scorecard_of([replace(ROW, state=state)], PLACES, FORMS)
    assert sum(one.count for one in card.outcomes) == 1
    told = {one.words for one in card.outcomes if one.count}
    assert (told == {Standing.WAITING}) is (state in {A.DRAFT, A.SUBMITTED, A.IN_ASSESSMENT, A.CLARIFICATION})


def test_nothing_at_all_makes_no_share() -> None:
    card = scorecard_of([], PLACES, FORMS)
    assert (card.median_days, card.median_minutes, card.begun) == (None, None, 0)
    assert all(part.refused is None and part.awards == 0 for part in card.districts)
    assert percent(0, 0) is None
    assert percent(199, 200) == 99


def test_few_who_got_nothing_are_not_told_by_place_and_neither_is_none() -> None:
    card = scorecard_of([*[NO] * 6, ROW, replace(NO, district="Swale")], PLACES, FORMS)
    told = {part.name: (part.awards, part.refused) for part in card.districts}
    assert told == {"Ashford": (1, None), "Dover": (0, 6), "Swale": (0, None), "Elsewhere": (0, None)}


def test_a_single_small_number_hides_a_second_that_would_give_it_away() -> None:
    assert hidden({"a": 9, "b": FEW, "c": FEW - 1}) == {"b", "c"}
    assert hidden({"a": 9, "b": FEW}) == frozenset()
    assert hidden({"a": 0}) == {"a"}
    card = scorecard_of([*[NO] * 7, replace(NO, is_first=True)], PLACES, FORMS)
    assert [part.refused for part in card.first_timers] == [None, None]


def test_one_round_beside_all_rounds_gives_nobody_away() -> None:
    here, there = [*[NO] * 6], [replace(NO, round_id=2)] * 2
    assert scorecard_of(here, PLACES, FORMS).districts[1].refused == 6
    assert scorecard_of([*here, *there], PLACES, FORMS).districts[1].refused is None


def test_a_place_that_is_not_listed_is_elsewhere() -> None:
    card = scorecard_of([replace(ROW, district="London")], PLACES, FORMS)
    assert [(part.name, part.awards) for part in card.districts if part.awards] == [("Elsewhere", 1)]
