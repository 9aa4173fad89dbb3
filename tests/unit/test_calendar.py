"""Working days skip weekends and bank holidays, across both clock changes."""

from datetime import UTC, date, datetime

import pytest

from crowdfund.places.calendar import due_after, is_working_day, working_days_after


@pytest.mark.parametrize(
    ("day", "days", "then"),
    [
        (date(2026, 11, 23), 10, date(2026, 12, 7)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2027, 3, 25), 1, date(2027, 3, 30)),
        (date(2026, 11, 28), 0, date(2026, 11, 28)),
    ],
)
def test_working_days_after(day, days, then):
    assert working_days_after(day, days) == then


def test_weekends_and_bank_holidays_are_no_working_days():
    assert not is_working_day(date(2026, 11, 28))
    assert not is_working_day(date(2026, 12, 25))
    assert is_working_day(date(2026, 12, 29))


def test_something_is_due_at_five_in_kent_in_winter_and_summer():
    assert due_after(datetime(2026, 11, 23, 23, 30, tzinfo=UTC), 1).astimezone(UTC).hour == 17
    assert due_after(datetime(2027, 6, 1, 23, 30, tzinfo=UTC), 1) == datetime(2027, 6, 3, 16, tzinfo=UTC)
