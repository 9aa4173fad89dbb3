"""When pledging is open, how long it stays so, and what has to be raised."""

from datetime import UTC, datetime, timedelta

import pytest

from crowdfund.projects.rules import (
    ProjectState,
    allowed_length,
    days_left,
    minimum_target,
    takes_pledges,
    time_left_words,
)

DEADLINE = datetime(2027, 3, 1, 17, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize("state", ProjectState)
def test_only_a_live_project_takes_pledges(state: ProjectState) -> None:
    assert takes_pledges(state, DEADLINE, DEADLINE - MOMENT) == (state is ProjectState.LIVE)


def test_pledging_ends_at_the_deadline_to_the_microsecond() -> None:
    assert takes_pledges(ProjectState.LIVE, DEADLINE, DEADLINE - MOMENT)
    assert not takes_pledges(ProjectState.LIVE, DEADLINE, DEADLINE)
    assert not takes_pledges(ProjectState.LIVE, DEADLINE, DEADLINE + MOMENT)
    assert not takes_pledges(ProjectState.LIVE, None, DEADLINE)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(days=40), "40 days left"),
        (timedelta(days=1, hours=1), "1 day left"),
        (timedelta(hours=18), "1 day left"),
        (timedelta(hours=16), "Last day"),
        (MOMENT, "Last day"),
        (timedelta(0), "Closed for pledges"),
        (-timedelta(days=3), "Closed for pledges"),
    ],
)
def test_the_time_left_is_counted_by_the_calendar(before: timedelta, words: str) -> None:
    assert time_left_words(DEADLINE, DEADLINE - before) == words


def test_days_are_counted_in_kent_and_not_in_utc() -> None:
    just_after_midnight = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    assert days_left(datetime(2027, 7, 1, 16, 0, tzinfo=UTC), just_after_midnight) == 0
    assert days_left(DEADLINE, DEADLINE + timedelta(days=9)) == 0


@pytest.mark.parametrize(("days", "allowed"), [(6, False), (7, True), (42, True), (84, True), (85, False)])
def test_a_campaign_has_a_shortest_and_a_longest_length(days: int, allowed: bool) -> None:
    assert allowed_length(days) == allowed


def test_the_target_is_what_is_not_covered_yet() -> None:
    assert minimum_target([100_000, 5_000], [10_000]) == 95_000
    assert minimum_target([], []) == 0
    assert minimum_target([100], [100]) == 0
