"""Working days in England: Monday to Friday without the bank holidays."""

import csv
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from crowdfund.core.clock import LONDON

HOLIDAYS = Path(__file__).with_name("data") / "bank_holidays.csv"
END_OF_DAY = 17


def working_days_after(day: date, days: int) -> date:
    """Return the working day that many working days after `day`, which does not count itself."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def due_after(moment: datetime, days: int) -> datetime:
    """Return 5pm in Kent on the working day that many working days after `moment` (UTC)."""
    day = working_days_after(moment.astimezone(LONDON).date(), days)
    return datetime(day.year, day.month, day.day, END_OF_DAY, tzinfo=LONDON)


def is_working_day(day: date) -> bool:
    """Say whether offices are open that day. Bank holidays are known until the end of 2030."""
    return day.weekday() < 5 and day not in _holidays()


@cache
def _holidays() -> frozenset[date]:
    with HOLIDAYS.open(encoding="utf-8", newline="") as file:
        return frozenset(date.fromisoformat(row["date"]) for row in csv.DictReader(file))
