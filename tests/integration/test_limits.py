"""Limits on how often hold for everyone at once and let people through again in time."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.clock import real_now
from crowdfund.core.db import db
from crowdfund.core.errors import TooMany
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.web.limits import RateLimit, delete_empty, hit, limit
from tests.support.threads import failures, together

HOUR = timedelta(hours=1)


def use(who: str = "a", *, later: timedelta = timedelta(0), times: int = 5, name: str = "test") -> bool:
    with unit_of_work() as session:
        return hit(session, name, who, times=times, per=HOUR, real=START + later)


START = real_now()


def test_a_hundred_at_once_are_let_through_five_times(app: Flask, db_session: Session) -> None:
    results = together(app, [use] * 100)
    assert failures(results) == []
    assert results.count(True) == 5


def test_the_bucket_leaks_evenly(db_session: Session) -> None:
    assert [use() for _ in range(6)] == [True] * 5 + [False]
    assert not use(later=HOUR / 5 - timedelta(seconds=1))
    assert use(later=HOUR / 5)
    assert not use(later=HOUR / 5)
    assert [use(later=10 * HOUR) for _ in range(6)] == [True] * 5 + [False]


def test_a_refused_try_does_not_count(db_session: Session) -> None:
    for _ in range(50):
        use()
    assert use(later=HOUR / 5)


def test_people_and_purposes_are_apart(db_session: Session) -> None:
    assert [use("a", times=1), use("a", times=1), use("b", times=1), use("a", times=1, name="other")] == [
        True,
        False,
        True,
        True,
    ]


def test_nobody_can_be_read_out_of_the_table(db_session: Session) -> None:
    use("rosa@example.org")
    assert "rosa" not in db_session.scalars(select(RateLimit.key)).one()


def test_beyond_the_limit_is_an_answer_for_people(db_session: Session) -> None:
    limit("test", "a", times=1, per=HOUR)
    with pytest.raises(TooMany, match="Wait a while"):
        limit("test", "a", times=1, per=HOUR)


def test_a_use_counts_even_when_what_it_was_for_fails(db_session: Session) -> None:
    limit("test", "a", times=1, per=HOUR)
    with pytest.raises(ZeroDivisionError), unit_of_work():
        raise ZeroDivisionError
    with pytest.raises(TooMany):
        limit("test", "a", times=1, per=HOUR)


def test_empty_buckets_are_thrown_away(db_session: Session) -> None:
    use("a")
    use("b", later=HOUR)
    with unit_of_work() as session:
        delete_empty(session, START + HOUR)
    assert db.session.scalar(select(func.count()).select_from(RateLimit)) == 1
