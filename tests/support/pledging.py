"""What backers do, each step in a unit of work of its own."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import ConsentKind
from crowdfund.core.audit import AuditEvent
from crowdfund.core.clock import FixedClock
from crowdfund.core.db import db
from crowdfund.core.jobs import Job
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.pledges import actions
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.setting_up import Agreed
from tests.support.factories import LIMITS, TESTER, save_card


def act(action: Callable[..., Any], *args: Any, clock: FixedClock, **kw: Any) -> Any:
    with unit_of_work() as session:
        return action(session, *args, actor=TESTER, now=clock.now(), **kw)


def change(pledge: Pledge, pence: int, clock: FixedClock) -> Pledge:
    return act(actions.change_amount, pledge.id, pence, f"I agree to {pence}.", LIMITS, clock=clock)


def agreed(pence: int) -> Agreed:
    return Agreed(pence, {ConsentKind.CHARGE_LATER: f"I agree to {pence}."})


def activate(pledge: Pledge, clock: FixedClock) -> bool:
    with unit_of_work() as session:
        checkout = save_card(session, pledge, clock.now())
        return actions.activate_pledge(session, pledge.id, checkout.id, actor=TESTER, now=clock.now())


def reread(pledge: Pledge) -> Pledge:
    db.session.expire_all()
    return db.session.get_one(Pledge, pledge.id)


def tags(session: Session, pledge: Pledge) -> list[str]:
    rows = select(AuditEvent.tag).where(AuditEvent.subject_kind == "pledge", AuditEvent.subject_id == pledge.id)
    return list(session.scalars(rows.order_by(AuditEvent.id)))


def jobs_of(session: Session, kind: str) -> int:
    return session.scalar(select(func.count()).select_from(Job).where(Job.kind == kind)) or 0
