"""The demonstration’s grants: every stage of a round, by the real actions, in books that agree to the penny."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.grants.deciding import criteria_of
from crowdfund.grants.jobs import handlers
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.plans import faults_of
from crowdfund.grants.rules import AWARDING, ApplicationState, Outcome, RoundState
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.sandbox import seeding
from crowdfund.sandbox.demo.grants import ROUNDS
from crowdfund.settlement.checks import breaches

A, R = ApplicationState, RoundState
APPLICATIONS = [one for row in ROUNDS for one in row.applications]


@pytest.fixture
def seeded(
    app: Flask, db_session: Session, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """A demonstration without projects."""
    for name in ("load_projects", "load_past_projects"):
        monkeypatch.setattr(seeding, name, lambda *_: ())
    monkeypatch.setattr(seeding, "_ask_funds", lambda *_: None)
    monkeypatch.setitem(app.config, "INSTANCE", str(tmp_path))
    seeding.seed(clock.now(), say=lambda _: None)
    db.session.expire_all()
    return db.session()


def test_rounds_are_in_every_stage_and_the_books_agree(seeded: Session, app: Flask, clock: FixedClock) -> None:
    states = list(seeded.scalars(select(GrantRound.state).order_by(GrantRound.closes_at)))
    assert states == [R.DECIDED, R.ASSESSING, R.OPEN, R.SCHEDULED]
    found = list(seeded.scalars(select(GrantApplication).order_by(GrantApplication.id)))
    assert [one.state for one in found] == [one.state for one in APPLICATIONS]
    assert list(ledger_breaches(seeded)) == list(breaches(seeded)) == []
    assert all(one.spent_seconds > 0 and one.saved_at <= clock.now() for one in found)
    assert all(one.decided_at is None or one.decided_at <= clock.now() for one in found)
    assert all(one.expires_at > clock.now() for one in found if one.state is A.OFFERED and one.expires_at)
    clock.forward(timedelta(days=21))
    handlers()["grants:sweep"]({}, clock.now())
    db.session.expire_all()
    states = list(seeded.scalars(select(GrantRound.state).order_by(GrantRound.closes_at)))
    assert states == [R.DECIDED, R.ASSESSING, R.ASSESSING, R.OPEN]


def test_the_content_is_whole_and_says_that_it_is_made_up() -> None:
    assert len(ROUNDS) == 4
    for row in ROUNDS:
        assert faults_of(row.plan) == []
        assert "(demonstration)" in row.title
        assert "made up" in row.plan.about
        assert sum(one.pence or one.asked_pence for one in row.applications) <= 2 * row.budget_pence
        assert max(Counter(one.group for one in row.applications).values(), default=0) <= 1
        for one in row.applications:
            assert one.asked_pence <= row.plan.most_pence
            assert one.criterion in criteria_of(row.plan)
            assert (one.pence is not None) == (one.outcome is Outcome.UP_TO)
            assert one.state is A.DRAFT or (one.what and one.who)
            assert one.outcome in AWARDING or one.state in {A.DECLINED, A.INELIGIBLE}
