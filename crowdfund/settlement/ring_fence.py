"""Money of a funded project that waits for a permission: held until a review date, then freed or given back."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor, SystemActor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.decisions.actions import record_decision
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.projects.actions import move_project
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.projects.running import demand_reason
from crowdfund.settlement.deciding import demand_settler
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.notices import tell_backers, tell_officers
from crowdfund.settlement.refunding_all import start_refunding
from crowdfund.web.templating import day

REVIEW = "settlement:review"  # {"project_id", "review_on"}
REVIEW_SOON = "settlement:review_soon"  # {"project_id", "review_on"}
REVIEW_HOUR = time(17)  # the whole working day is left for a permission that comes on the last one
REMINDER_BEFORE = timedelta(days=14)
LONGEST_WAIT = timedelta(days=366)
MOST_WAITS_FOR = 200
NO_WAITS_FOR = "Enter what the money waits for, such as planning permission."
CLOCK = SystemActor("clock")
_HELD_STATES = frozenset({ProjectState.FUNDED, ProjectState.RING_FENCED})


def review_moment(review_on: date) -> datetime:
    """Return the moment (5pm in Kent) at which everyone is refunded unless the permission came."""
    return datetime.combine(review_on, REVIEW_HOUR, tzinfo=LONDON)


def hold_money(
    session: Session, project_id: int, waits_for: str, review_on: date, reason: str, *, actor: Actor, now: datetime
) -> Project:
    """Hold a funded project's money until a permission is there, or give one that waits another review date.

    The group and everyone who paid are told what it waits for and until when. Raises Forbidden for whoever may not,
    Refused in another state, once a payout has left, without a reason, and for a date that is past or too far off.
    """
    project = lock(session, Project, project_id)
    authority = demand_settler(session, project, actor)
    settlement = _settlement(session, project_id)
    _demand_holdable(session, project, settlement, now)
    _demand_wait(waits_for, review_on, now)
    demand_reason(reason)
    is_new = project.state is ProjectState.FUNDED
    settlement.waits_for, settlement.review_on = waits_for.strip(), review_on
    session.flush()
    decided: dict[str, Any] = {"criterion": f"Waits for: {waits_for.strip()}"[:200], "reason": reason}
    record_decision(
        session,
        f"project:{project_id}",
        "money_waits",
        **decided,
        authority=authority,
        amount_pence=None,
        actor=actor,
        now=now,
    )
    data = {"waits_for": settlement.waits_for, "review_on": review_on.isoformat()}
    audit.record(session, Tag.MONEY_WAITS, actor=actor, subject_id=project_id, now=now, **data)
    if is_new:
        move_project(session, project_id, ProjectState.RING_FENCED, reason=reason, actor=actor, now=now)
    _queue_review(session, project_id, review_on, now)
    told: dict[str, Any] = {"settlement": settlement, "reason": reason, "moment": review_moment(review_on)}
    mail_group(session, project, "settlement_ring_fenced", now, is_new=is_new, **told)
    tell_backers(session, project_id, "waits", now)
    return project


def free_money(session: Session, project_id: int, reason: str, *, actor: Actor, now: datetime) -> Project:
    """Let a project have its money: the permission came in time. The group is told.

    Raises Forbidden for whoever may not, Refused when nothing waits, once the review date has passed, and without
    a reason.
    """
    project = lock(session, Project, project_id)
    authority = demand_settler(session, project, actor)
    settlement = _settlement(session, project_id)
    if project.state is not ProjectState.RING_FENCED or settlement.review_on is None:
        raise Refused("not_waiting", "The money of this project waits for nothing (any more).")
    if now >= review_moment(settlement.review_on):
        raise Refused("too_late", "The review date has passed, so everyone is being refunded, as they were told.")
    demand_reason(reason)
    decided: dict[str, Any] = {"criterion": f"It is there: {settlement.waits_for}"[:200], "reason": reason}
    record_decision(
        session,
        f"project:{project_id}",
        "money_freed",
        **decided,
        authority=authority,
        amount_pence=None,
        actor=actor,
        now=now,
    )
    settlement.waits_for = settlement.review_on = None
    session.flush()
    audit.record(session, Tag.MONEY_FREED, actor=actor, subject_id=project_id, now=now)
    move_project(session, project_id, ProjectState.DELIVERING, reason=reason, actor=actor, now=now)
    mail_group(session, project, "settlement_freed", now, reason=reason)
    return project


def give_up_waiting(session: Session, project_id: int, reason: str, *, actor: Actor, now: datetime) -> Project:
    """Refund everyone before the review date: what the money waits for will not come.

    Raises Forbidden for whoever may not, Refused when nothing waits or without a reason.
    """
    project = lock(session, Project, project_id)
    authority = demand_settler(session, project, actor)
    if project.state is not ProjectState.RING_FENCED:
        raise Refused("not_waiting", "The money of this project waits for nothing (any more).")
    demand_reason(reason)
    decided: dict[str, Any] = {"criterion": "It will not come", "reason": reason, "authority": authority}
    held = balance_pence(session, AccountKind.HELD, project_id)
    record_decision(session, f"project:{project_id}", "refund_all", **decided, amount_pence=held, actor=actor, now=now)
    start_refunding(session, project, reason, actor=actor, now=now)
    return project


def end_waiting(session: Session, project_id: int, now: datetime) -> bool:
    """Refund everyone where a review date has passed and nobody freed the money; say whether this was the moment."""
    project = lock(session, Project, project_id)
    settlement = _settlement(session, project_id)
    if project.state is not ProjectState.RING_FENCED or settlement.review_on is None:
        return False
    if now < review_moment(settlement.review_on):
        return False
    why = f"The money waited for this: {settlement.waits_for}. It was not there by {day(settlement.review_on)}."
    start_refunding(session, project, why, actor=CLOCK, now=now)
    return True


def remind_of_review(session: Session, project_id: int, review_on: date, now: datetime) -> bool:
    """Remind officers and the group that a review date is near; say whether it was still this date."""
    project = lock(session, Project, project_id)
    settlement = _settlement(session, project_id)
    if project.state is not ProjectState.RING_FENCED or settlement.review_on != review_on:
        return False
    tell_officers(session, project_id, f"review:{review_on.isoformat()}", now)
    mail_group(session, project, "settlement_review_soon", now, settlement=settlement, moment=review_moment(review_on))
    return True


def _settlement(session: Session, project_id: int) -> Settlement:
    return session.get_one(Settlement, project_id, populate_existing=True)


def _demand_holdable(session: Session, project: Project, settlement: Settlement, now: datetime) -> None:
    if project.state not in _HELD_STATES:
        raise Refused("not_funded", "Only the money of a funded project, before its first payout, can wait.")
    if balance_pence(session, AccountKind.IN_FLIGHT, project.id):
        raise Refused("on_its_way", "A payout of this project is with the bank already. Stop it or wait for it first.")
    if settlement.review_on is not None and now >= review_moment(settlement.review_on):
        raise Refused("too_late", "The review date has passed, so everyone is being refunded, as they were told.")


def _demand_wait(waits_for: str, review_on: date, now: datetime) -> None:
    if not waits_for.strip():
        raise Refused("no_waits_for", NO_WAITS_FOR, "waits_for")
    today = now.astimezone(LONDON).date()
    if not today < review_on <= today + LONGEST_WAIT:
        latest = day(today + LONGEST_WAIT)
        raise Refused("odd_day", f"Enter a day after today and not later than {latest}.", "review_on")


def _queue_review(session: Session, project_id: int, review_on: date, now: datetime) -> None:
    moment = review_moment(review_on)
    # Half-way where a fortnight would be too early.
    soon = max(moment - REMINDER_BEFORE, now + (moment - now) / 2)
    payload = {"project_id": project_id, "review_on": review_on.isoformat()}
    for kind, at in ((REVIEW_SOON, soon), (REVIEW, moment)):
        key = f"{kind}:{project_id}:{review_on.isoformat()}"
        jobs.enqueue(session, kind, payload, dedupe_key=key, now=now, run_after=at)
