"""`crowdfund check` finds a settlement that does not fit its verdict, its pledges or its money."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.ids import public_id
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptKind, AttemptState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.checks import breaches
from crowdfund.settlement.models import Settlement
from tests.support.factories import days
from tests.support.settling import Settling, make_funded, make_settling, make_short

Make = Callable[[Flask, FixedClock], Settling]


def live(app: Flask, clock: FixedClock) -> Settling:
    return make_settling(app, clock, 90_000)


def change(settling: Settling, model: Any, **values: Any) -> None:
    key = Project.id if model is Project else Settlement.project_id
    with unit_of_work() as session:
        session.execute(update(model).where(key == settling.project.id).values(**values))


def charge(settling: Settling) -> None:
    with unit_of_work() as session:
        about = {"subject": "pledge:999", "about": f"project:{settling.project.id}", "number": 1, "amount_pence": 500}
        kind, state = AttemptKind.CHECKOUT, AttemptState.PREPARED
        now = settling.clock.now() - days(100)
        session.add(ChargeAttempt(public_id=public_id(), kind=kind, state=state, created_at=now, **about))


def forget(settling: Settling) -> None:
    with unit_of_work() as session:
        session.execute(delete(Settlement).where(Settlement.project_id == settling.project.id))


TAMPERED: dict[str, tuple[Make, Callable[[Settling], None]]] = {
    "settled on 90001 pence": (make_funded, lambda s: change(s, Settlement, collected_pence=90_001)),
    "went on without being settled": (
        make_funded,
        lambda s: change(s, Settlement, settled_at=None, collected_pence=None),
    ),
    "has no settlement": (make_funded, forget),
    "goes ahead with too little": (make_funded, lambda s: change(s, Settlement, collected_pence=80_000)),
    "is a shortfall though enough": (make_short, lambda s: change(s, Settlement, threshold_percent=80)),
    "was not judged": (live, lambda s: s.clock.forward(days(100))),
    "cards were charged for it": (live, charge),
    "a card was charged before its deadline": (make_funded, charge),
    "waits for nothing": (make_funded, lambda s: change(s, Project, state=ProjectState.RING_FENCED)),
    "somebody was not": (make_funded, lambda s: change_states(s, "ring_fenced", "refunding", "refunded")),
    "is collecting without a verdict": (live, lambda s: change(s, Project, state=ProjectState.COLLECTING)),
}


def change_states(settling: Settling, *states: str) -> None:
    for state in states:
        change(settling, Project, state=ProjectState(state))


@pytest.mark.parametrize("sentence", TAMPERED)
def test_what_does_not_fit_is_found(app: Flask, db_session: Session, clock: FixedClock, sentence: str) -> None:
    make, tamper = TAMPERED[sentence]
    settling = make(app, clock)
    assert list(breaches(db.session())) == []
    tamper(settling)
    db.session.expire_all()
    assert any(sentence in breach for breach in breaches(db.session()))
