"""Mails of settlement: three days before the charge, to officers when they are needed, to backers when plans change.

Mails to backers go out batch by batch; each batch is one transaction that also queues the next one.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crowdfund.accounts.models import Person
from crowdfund.core import audit, jobs
from crowdfund.core.actor import SystemActor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.notifications.actions import queue_mail
from crowdfund.payments.models import CardCheckout
from crowdfund.pledges.cards import runs_out
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import NOTICE, OPEN, ProjectState
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.rules import ALERT_AFTER

TELL = "settlement:tell"  # {"project_id", "what", "at", "after"}: mail the backers who paid
OFFICERS = "settlement:officers"  # {"project_id", "what"}: mail the officers
BATCH = 50
CLOCK = SystemActor("clock")
UNSETTLED = frozenset({ProjectState.COLLECTING, ProjectState.SHORTFALL})
_PAID = frozenset({PledgeState.PAID, PledgeState.DISPUTED})
Link = Callable[[Pledge], str]


def give_notice(session: Session, project_id: int, after: int, now: datetime, *, link_to: Link) -> int:
    """Tell the next backers of a project that their cards are charged after the deadline, and queue the rest.

    The first batch tells the group as well. A paused project's backers are told too: it may be opened again when
    no days are left. Returns how many backers were told.
    """
    project = lock(session, Project, project_id)
    if project.state not in OPEN or project.deadline is None or now >= project.deadline:
        return 0
    told = 0
    for pledge, email, checkout in _batch(session, project_id, frozenset({PledgeState.ACTIVE}), after):
        after, told = pledge.id, told + 1
        context = {"pledge": pledge, "project": project, "checkout": checkout, "link": link_to(pledge)}
        context |= {"paused": project.state is ProjectState.PAUSED, "runs_out": runs_out(checkout, project.deadline)}
        if email:
            key = f"settlement_notice:{pledge.id}"
            queue_mail(session, "settlement_notice", email, key=key, now=now, **context)
    if told == BATCH:
        payload = {"project_id": project_id, "after": after}
        jobs.enqueue(session, NOTICE, payload, dedupe_key=f"{NOTICE}:{project_id}:{after}", now=now)
    return told


def give_group_notice(session: Session, project_id: int, pledged_pence: int, backers: int, now: datetime) -> None:
    """Tell a project's group what happens at its deadline; nothing for one that has ended."""
    project = lock(session, Project, project_id)
    if project.state in OPEN and project.deadline is not None and now < project.deadline:
        sums: dict[str, Any] = {"pledged_pence": pledged_pence, "backers": backers}
        mail_group(session, project, "settlement_notice_group", now, **sums)


def tell_backers(session: Session, project_id: int, what: str, now: datetime, *, after: int = 0, at: str = "") -> None:
    """Have the worker mail settlement_<what> to every backer who paid, from the pledge after `after` on."""
    at = at or now.isoformat()
    payload = {"project_id": project_id, "what": what, "at": at, "after": after}
    key = f"{TELL}:{project_id}:{what}:{at}:{after}"
    jobs.enqueue(session, TELL, payload, dedupe_key=key, now=now)


def mail_backers(session: Session, payload: Mapping[str, Any], now: datetime, *, link_to: Link) -> int:
    """Mail the next backers what `tell_backers` asked for, and queue the rest; return how many were told."""
    project_id, what, after, told = payload["project_id"], payload["what"], payload["after"], 0
    project = lock(session, Project, project_id)
    settlement = session.get_one(Settlement, project_id)
    if what == "waits" and settlement.review_on is None:
        return 0  # the waiting was over before they could be told of it
    for pledge, email, _ in _batch(session, project_id, _PAID, after):
        after, told = pledge.id, told + 1
        if email:
            context = {"pledge": pledge, "project": project, "settlement": settlement, "link": link_to(pledge)}
            key = f"settlement_{what}:{pledge.id}:{payload['at']}"
            queue_mail(session, f"settlement_{what}", email, key=key, now=now, **context)
    if told == BATCH:
        tell_backers(session, project_id, what, now, after=after, at=payload["at"])
    return told


def tell_officers(session: Session, project_id: int, what: str, now: datetime) -> None:
    """Have the worker mail settlement_officers_<what> about a project to the officers, once."""
    key = f"{OFFICERS}:{project_id}:{what}"
    jobs.enqueue(session, OFFICERS, {"project_id": project_id, "what": what}, dedupe_key=key, now=now)


def mail_officers(session: Session, project_id: int, what: str, to: str, now: datetime) -> None:
    """Mail the officers what `tell_officers` asked for; `what` may carry a day, which makes it another mail."""
    project = session.scalars(select(Project).where(Project.id == project_id).options(joinedload(Project.group))).one()
    context = {"project": project, "settlement": session.get_one(Settlement, project_id)}
    key, template = f"{OFFICERS}:{project_id}:{what}", f"settlement_officers_{what.partition(':')[0]}"
    queue_mail(session, template, to, key=key, now=now, **context)


def alert_officers(session: Session, project_id: int, now: datetime) -> bool:
    """Alert the officers, once, that a project is not settled long after its deadline; say whether this was it."""
    project = lock(session, Project, project_id)
    if project.state not in UNSETTLED or project.deadline is None or now < project.deadline + ALERT_AFTER:
        return False
    settlement = session.get_one(Settlement, project_id, populate_existing=True)
    if settlement.alerted_at is not None:
        return False
    settlement.alerted_at = now
    session.flush()
    audit.record(session, Tag.SETTLEMENT_ALERTED, actor=CLOCK, subject_id=project_id, now=now)
    tell_officers(session, project_id, "overdue", now)
    return True


def _batch(session: Session, project_id: int, states: frozenset[PledgeState], after: int) -> list[Any]:
    wanted = (
        select(Pledge, Person.email, CardCheckout)
        .join(Person, Person.id == Pledge.person_id)
        .join(CardCheckout, CardCheckout.id == Pledge.checkout_id)
        .where(Pledge.project_id == project_id, Pledge.state.in_(states), Pledge.id > after)
    )
    return list(session.execute(wanted.order_by(Pledge.id).limit(BATCH)))
