"""Promises become money: the saved cards of a project that reached its target are charged, metered, in random order."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.payments.charging import Card, find_open_attempt, prepare_attempt
from crowdfund.payments.jobs import queue_charge
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.moving import lock_with_project, move_pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.rules import (
    CHARGES_A_SECOND,
    CLOSE_FIXING,
    COLLECT,
    FIX_MAILS_EVERY,
    FIX_WINDOW,
    REMIND,
)

BATCH = 100


def collect_some(session: Session, project_id: int, after: str, *, actor: Actor, now: datetime) -> int:
    """Prepare the next charges of a project, each a little later than the one before; queue the rest.

    `after` is the public id of the last pledge of the batch before. Public ids are random, so the order is.
    Returns how many were prepared.
    """
    project = lock(session, Project, project_id)
    if project.state is not ProjectState.COLLECTING:
        return 0
    settlement = lock(session, Settlement, project_id)
    if settlement.first_attempt_at is None:
        _open_window(session, settlement, now)
    waiting = select(Pledge).where(
        Pledge.project_id == project_id, Pledge.state == PledgeState.COLLECTING, Pledge.public_id > after
    )
    batch = session.scalars(waiting.order_by(Pledge.public_id).limit(BATCH)).all()
    prepared = 0
    for pledge in batch:
        if find_open_attempt(session, pledge.subject) is None:
            moment = now + timedelta(seconds=prepared / CHARGES_A_SECOND)
            charge_saved_card(session, pledge, settlement, actor=actor, now=now, run_after=moment)
            prepared += 1
    if len(batch) == BATCH:
        last = batch[-1].public_id
        moment = now + timedelta(seconds=prepared / CHARGES_A_SECOND)
        payload = {"project_id": project_id, "after": last}
        jobs.enqueue(session, COLLECT, payload, dedupe_key=f"{COLLECT}:{project_id}:{last}", now=now, run_after=moment)
    return prepared


def collect_again(session: Session, pledge_id: int, *, actor: Actor, now: datetime) -> bool:
    """Try a saved card once more where the bank allows it, unless its holder was quicker; say whether it is tried."""
    project, pledge = lock_with_project(session, pledge_id)
    settlement = session.get_one(Settlement, project.id)
    assert settlement.fix_until is not None
    is_over = now >= settlement.fix_until or pledge.state is not PledgeState.FIXING
    if is_over or find_open_attempt(session, pledge.subject) is not None:
        return False
    move_pledge(session, project, pledge, PledgeState.COLLECTING, "the card is tried again", actor=actor, now=now)
    charge_saved_card(session, pledge, settlement, actor=actor, now=now, run_after=now)
    return True


def charge_saved_card(
    session: Session, pledge: Pledge, settlement: Settlement, *, actor: Actor, now: datetime, run_after: datetime
) -> None:
    """Write the next try to charge a pledge's saved card, and have the worker carry it out at `run_after`."""
    checkout = session.get_one(CardCheckout, pledge.checkout_id)
    assert checkout.customer_ref is not None
    assert checkout.payment_method_ref is not None
    assert settlement.fix_until is not None
    attempt = prepare_attempt(
        session,
        pledge.subject,
        f"project:{pledge.project_id}",
        pledge.amount_pence,
        card=Card(checkout.customer_ref, checkout.payment_method_ref),
        until=settlement.fix_until,
        now=now,
    )
    queue_charge(session, attempt.id, now, run_after)
    data = {"attempt_id": attempt.id, "number": attempt.number, "amount_pence": attempt.amount_pence}
    audit.record(session, Tag.CHARGE_PREPARED, actor=actor, subject_id=pledge.id, now=now, **data)


def _open_window(session: Session, settlement: Settlement, now: datetime) -> None:
    """Start the days in which cards may be charged and fixed: mails on the way, and the end of it."""
    settlement.first_attempt_at, settlement.fix_until = now, now + FIX_WINDOW
    session.flush()
    moments = [(f"{REMIND}:{settlement.project_id}:{n}", REMIND, now + n * FIX_MAILS_EVERY) for n in (1, 2, 3)]
    moments.append((f"{CLOSE_FIXING}:{settlement.project_id}", CLOSE_FIXING, settlement.fix_until))
    for key, kind, moment in moments:
        payload = {"project_id": settlement.project_id}
        jobs.enqueue(session, kind, payload, dedupe_key=key, now=now, run_after=moment)
