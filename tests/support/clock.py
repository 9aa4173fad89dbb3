"""The business time that tests start at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from crowdfund.core import clock
from crowdfund.core.clock import FixedClock

# A Monday morning in winter: London is UTC, no bank holiday is near, the financial year has months to run.
START = datetime(2027, 1, 18, 9, 0, tzinfo=UTC)


@contextmanager
def standing_clock(at: datetime = START) -> Iterator[FixedClock]:
    """Install a business clock that stands at `at` until it is put forward; the former one returns afterwards."""
    fixed, former = FixedClock(at), clock._installed
    clock.install(fixed)
    try:
        yield fixed
    finally:
        clock.install(former)
