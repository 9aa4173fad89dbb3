"""The demonstration’s requests to funds: every state, by the real actions, in books that agree to the penny."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.decisions.models import Decision
from crowdfund.ledger.queries import breaches as ledger_breaches
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.pledges.suspicious import list_judged, patterns
from crowdfund.projects.models import Project
from crowdfund.sandbox import seeding
from crowdfund.sandbox.demo import load_projects
from crowdfund.sandbox.demo.offers import OFFERS
from crowdfund.settlement.checks import breaches

S = OfferState


@pytest.fixture
def seeded(
    app: Flask, db_session: Session, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Session:
    """A demonstration of those projects alone that ask funds."""
    asking = {offer.project for offer in OFFERS} | {"sun-on-the-hall-hadlow", "hop-picking-days-at-marden"}
    chosen = tuple(project for project in load_projects() if project.slug in asking)
    monkeypatch.setattr(seeding, "load_projects", lambda: chosen)
    monkeypatch.setitem(app.config, "INSTANCE", str(tmp_path))
    seeding.seed(clock.now(), most_backers=9, say=lambda _: None)
    db.session.expire_all()
    return db.session()


def test_offers_stand_in_every_state_and_the_books_agree(seeded: Session) -> None:
    counted = dict(seeded.execute(select(MatchOffer.state, func.count()).group_by(MatchOffer.state)).all())
    assert set(counted) == set(OfferState)
    assert list(ledger_breaches(seeded)) == list(breaches(seeded)) == []
    three = select(func.count()).select_from(MatchOffer).join(Project, Project.id == MatchOffer.project_id)
    larkfield = three.where(Project.title.like("%shoulder%"), MatchOffer.state == S.ACCEPTED)
    assert seeded.scalar(larkfield) == 3
    paid = seeded.scalars(select(MatchOffer).where(MatchOffer.state == S.PAID)).one()
    assert paid.confirmed_pence == paid.counted_pence > 0
    assert seeded.scalar(select(Decision.reference).where(Decision.reference != "")) == "26/00055"
    odd = seeded.scalars(select(Project).where(Project.title.like("Gloves on%"))).one()
    assert len(patterns(list_judged(seeded, odd.id), odd.target_pence)) > 0
    assert sum(one.why is not None for one in list_judged(seeded, odd.id)) >= 4  # the shared card, and the owner
