"""Two clocks: one for business that can be put elsewhere, one that is the machine's."""

from datetime import UTC, datetime, timedelta

from crowdfund.core import clock
from crowdfund.core.clock import LONDON, FixedClock, SystemClock
from tests.support.clock import START, standing_clock


def test_a_fixed_clock_stands_until_it_is_moved() -> None:
    fixed = FixedClock(START)
    assert fixed.now() == fixed.now() == START
    fixed.forward(timedelta(hours=2))
    assert fixed.now() == START + timedelta(hours=2)


def test_moving_the_business_clock_leaves_the_real_one_alone() -> None:
    before = datetime.now(UTC)
    with standing_clock(START + timedelta(days=3650)):
        assert clock.now() == START + timedelta(days=3650)
        assert before <= clock.real_now() <= datetime.now(UTC)


def test_production_runs_on_the_machine_s_time_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_london_has_summer_time() -> None:
    winter, summer = datetime(2027, 1, 18, 17, tzinfo=UTC), datetime(2027, 7, 18, 17, tzinfo=UTC)
    assert (winter.astimezone(LONDON).hour, summer.astimezone(LONDON).hour) == (17, 18)
