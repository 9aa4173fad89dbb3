"""The two clocks: the business clock (deadlines, notices; movable in the sandbox) and the real one."""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


class Clock(Protocol):
    """What tells the time of the business: aware UTC."""

    def now(self) -> datetime:
        """Return the business time in UTC."""
        ...


class SystemClock:
    """The business clock of production: the machine's own."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return real_now()


class FixedClock:
    """A clock that stands where it is put, for tests and seeding."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the time the clock was put at."""
        return self.at

    def forward(self, step: timedelta) -> None:
        """Move the clock on by `step`."""
        self.at += step


_installed: Clock = SystemClock()


def install(clock: Clock) -> None:
    """Make `clock` the business clock of this process."""
    global _installed  # noqa: PLW0603 - one clock per process is the point
    _installed = clock


def now() -> datetime:
    """Return the business time in UTC; views, jobs and commands read it once and pass it down."""
    return _installed.now()


def real_now() -> datetime:
    """Return the machine's time in UTC, for sessions, codes, signatures and leases only."""
    return datetime.now(UTC)
