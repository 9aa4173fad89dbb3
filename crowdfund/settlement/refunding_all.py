"""Everyone is refunded, batch by batch, each to the card that was charged; the project is over when all of it is back.

Each batch is one transaction that also queues the next one, so a worker may be killed anywhere.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.accounts.roles import Right
from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor, SystemActor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Forbidden, Refused
from crowdfund.decisions.actions import record_decision
from crowdfund.ledger import postings
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.queries import balance_pence
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.settling import give_match_back
from crowdfund.notifications.actions import queue_mail
from crowdfund.payments.models import ChargeAttempt, Refund
from crowdfund.payments.refunding import ask_refund, find_refusal, left_pence
from crowdfund.payments.rules import AttemptState, RefundState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.actions import move_project
from crowdfund.projects.mail import mail_group
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.projects.running import demand_distance
from crowdfund.settlement.models import Settlement
from crowdfund.settlement.rules import REFUND_ALL

REFUNDER = SystemActor("refunds")
BATCH = 50
WHY = "Everyone who paid for this project is refunded."
_UNDER_WAY = (RefundState.ASKED, RefundState.APPROVED, RefundState.PENDING)
_NOT_BACK = (PledgeState.PAID, PledgeState.DISPUTED)


def start_refunding(session: Session, project: Project, reason: str, *, actor: Actor, now: datetime) -> None:
    """Have everyone who paid for a locked project refunded, and tell its group why. Raises IllegalMove."""
    move_project(session, project.id, ProjectState.REFUNDING, reason=reason, actor=actor, now=now)
    give_match_back(session, project, WHY, actor=actor, now=now)
    queue_refunds(session, project.id, 0, now)
    mail_group(session, project, "settlement_refunding", now, reason=reason)


def queue_refunds(session: Session, project_id: int, after: int, now: datetime, key: str = "") -> None:
    """Have the worker refund the pledges of a project from the one after `after` on; another key is another round."""
    payload = {"project_id": project_id, "after": after, "key": key}
    jobs.enqueue(session, REFUND_ALL, payload, dedupe_key=f"{REFUND_ALL}:{project_id}:{after}{key}", now=now)


def refund_some(
    session: Session, project_id: int, after: int, now: datetime, *, link_to: Callable[[Pledge], str], key: str = ""
) -> int:
    """Give the next payments of a project back, tell their backers, and queue the rest; return how many.

    What failed before is left to finance, who pay it in another way.
    """
    project = lock(session, Project, project_id)
    if project.state is not ProjectState.REFUNDING:
        return 0
    batch = _next_batch(session, project_id, after)
    for pledge, attempt, email in batch:
        left = left_pence(session, attempt)
        if left <= 0 or find_refusal(session, attempt.id):  # one that cannot be refunded never stops the others
            continue
        ask_refund(session, attempt.id, left, WHY, asked_by=None, limit_pence=left, now=now)
        if email:
            context = {"pledge": pledge, "project": project, "attempt": attempt, "pence": left}
            once = f"settlement_refund:{pledge.id}:{left}"
            queue_mail(session, "settlement_refund", email, key=once, now=now, link=link_to(pledge), **context)
    if len(batch) == BATCH:
        queue_refunds(session, project_id, batch[-1][0].id, now, key)
    else:
        finish_refunding(session, project_id, now=now)
    return len(batch)


def finish_refunding(session: Session, project_id: int, *, now: datetime) -> bool:
    """End a project's refunding once all of its money is back where it came from; say whether this was the moment."""
    project = lock(session, Project, project_id)
    if project.state is not ProjectState.REFUNDING or waits_on(session, project_id):
        return False
    move_project(session, project_id, ProjectState.REFUNDED, actor=REFUNDER, now=now)
    mail_group(session, project, "settlement_refunded", now)
    return True


def waits_on(session: Session, project_id: int) -> bool:
    """Say whether money of a project that is refunded is still somewhere else than with whoever gave it.

    That is: a payment that is not given back or is disputed, a refund on its way, one that failed and is owed, or
    a funder's top-up.
    """
    about = f"project:{project_id}"
    paid = exists().where(Pledge.project_id == project_id, Pledge.state.in_(_NOT_BACK))
    refund = exists().where(
        Refund.attempt_id == ChargeAttempt.id, ChargeAttempt.about == about, Refund.state.in_(_UNDER_WAY)
    )
    kinds = (AccountKind.HELD, AccountKind.OWED_BACK)
    money = exists().where(
        LedgerAccount.kind.in_(kinds), LedgerAccount.subject_id == project_id, LedgerAccount.balance_pence != 0
    )
    return bool(session.scalar(select(or_(paid, refund, money))))


def return_top_up(session: Session, project_id: int, bank_reference: str, *, actor: Actor, now: datetime) -> None:
    """Record that finance paid a funder's top-up back, because the project is refunded.

    Raises Forbidden for whoever may not move money or is tied to the project, Refused without a top-up to return or
    without the bank's reference.
    """
    project = lock(session, Project, project_id)
    if actor.person_id is None or not actor.may(Right.MOVE_MONEY):
        raise Forbidden(f"Your role does not let you {Right.MOVE_MONEY}.")
    demand_distance(session, project, actor)
    settlement = session.get_one(Settlement, project_id, populate_existing=True)
    pence = settlement.top_up_pence
    if project.state is not ProjectState.REFUNDING or not pence:
        raise Refused("no_top_up", "There is no top-up of this project to pay back.")
    if not bank_reference.strip():
        raise Refused(
            "no_bank_reference", "Enter the reference of the payment on the bank statement.", "bank_reference"
        )
    held = min(pence, balance_pence(session, AccountKind.HELD, project_id))
    posting = Posting(session, f"settlement:{project_id}:top_up_back", actor, now)
    postings.return_top_up(posting, project_id, held, pence - held)
    settlement.top_up_pence = 0
    session.flush()
    told: dict[str, Any] = {"criterion": f"Bank reference {bank_reference.strip()}"[:200], "reason": WHY}
    decision = record_decision(
        session,
        f"project:{project_id}",
        "top_up_returned",
        **told,
        authority="Finance for the programme",
        amount_pence=pence,
        actor=actor,
        now=now,
    )
    data = {"decision_id": decision.id, "choice": "top_up_returned"}
    audit.record(session, Tag.SHORTFALL_DECIDED, actor=actor, subject_id=project_id, now=now, **data)
    finish_refunding(session, project_id, now=now)


def _next_batch(session: Session, project_id: int, after: int) -> Sequence[tuple[Pledge, ChargeAttempt, str | None]]:
    subject = literal("pledge:", String) + cast(Pledge.id, String)
    failed = exists().where(
        Refund.attempt_id == ChargeAttempt.id, Refund.state == RefundState.FAILED, Refund.settled_at.is_(None)
    )
    waiting = (
        select(Pledge, ChargeAttempt, Person.email)
        .join(ChargeAttempt, (ChargeAttempt.subject == subject) & (ChargeAttempt.state == AttemptState.SUCCEEDED))
        .join(Person, Person.id == Pledge.person_id)
        .where(Pledge.project_id == project_id, Pledge.state == PledgeState.PAID, Pledge.id > after)
        .where(ChargeAttempt.refunded_pence < ChargeAttempt.amount_pence, ~failed)
        .execution_options(populate_existing=True)
    )
    return list(session.execute(waiting.order_by(Pledge.id).limit(BATCH)))
