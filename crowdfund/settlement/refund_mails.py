"""Mails about refunds and disputes: to the backer whose money moves, to officers who have to do something."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crowdfund.accounts.models import Person
from crowdfund.core import jobs
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.actions import queue_mail
from crowdfund.payments.models import ChargeAttempt, Dispute, Refund
from crowdfund.payments.refunding import thing_of
from crowdfund.pledges.models import Pledge
from crowdfund.projects.models import Project
from crowdfund.settlement.refunding_all import WHY

TELL_REFUND = "settlement:tell_refund"  # {"refund_id", "what"}: to the backer, and to officers when it failed
TELL_DISPUTE = "settlement:tell_dispute"  # {"dispute_id"}: to officers
Link = Callable[[Pledge], str]


def tell_of_refund(session: Session, refund: Refund, what: str, now: datetime) -> None:
    """Have the worker write the mails refund_<what>, once; those of a project that is refunded were told already."""
    if what == "sent" and refund.asked_by_id is None and refund.reason == WHY:
        return
    key = f"{TELL_REFUND}:{refund.id}:{what}"
    jobs.enqueue(session, TELL_REFUND, {"refund_id": refund.id, "what": what}, dedupe_key=key, now=now)


def tell_of_dispute(session: Session, dispute: Dispute, now: datetime) -> None:
    """Have the worker tell the officers of a dispute, once."""
    key = f"{TELL_DISPUTE}:{dispute.id}"
    jobs.enqueue(session, TELL_DISPUTE, {"dispute_id": dispute.id}, dedupe_key=key, now=now)


def handlers(link_to: Link, officers_email: str) -> dict[str, Handler]:
    """Return the job handlers of these mails; `link_to` makes the personal link in a backer's mail."""

    def refund(payload: dict[str, Any], now: datetime) -> None:
        with unit_of_work() as session:
            mail_refund(session, payload["refund_id"], payload["what"], officers_email, now, link_to=link_to)

    def dispute(payload: dict[str, Any], now: datetime) -> None:
        with unit_of_work() as session:
            mail_dispute(session, payload["dispute_id"], officers_email, now)

    return {TELL_REFUND: refund, TELL_DISPUTE: dispute}


def mail_refund(session: Session, refund_id: int, what: str, officers: str, now: datetime, *, link_to: Link) -> None:
    """Queue the mail refund_<what> to the backer; of one that failed, one to the officers as well."""
    refund = session.get_one(Refund, refund_id)
    attempt, pledge = _charge_of(session, refund.attempt_id)
    context = {"refund": refund, "attempt": attempt, "pledge": pledge, "project": pledge.project}
    email = session.scalar(select(Person.email).where(Person.id == pledge.person_id))
    if email:
        key = f"refund_{what}:{refund_id}"
        queue_mail(session, f"refund_{what}", email, key=key, now=now, link=link_to(pledge), **context)
    if what == "failed":
        queue_mail(session, "refund_officers_failed", officers, key=f"officers:{refund_id}", now=now, **context)


def mail_dispute(session: Session, dispute_id: int, officers: str, now: datetime) -> None:
    """Queue the mail that tells officers of a dispute."""
    dispute = session.get_one(Dispute, dispute_id)
    attempt, pledge = _charge_of(session, dispute.attempt_id)
    context = {"dispute": dispute, "attempt": attempt, "pledge": pledge, "project": pledge.project}
    queue_mail(session, "refund_officers_disputed", officers, key=f"dispute:{dispute_id}", now=now, **context)


def _charge_of(session: Session, attempt_id: int) -> tuple[ChargeAttempt, Pledge]:
    attempt = session.get_one(ChargeAttempt, attempt_id)
    with_project = joinedload(Pledge.project).joinedload(Project.group)
    of = select(Pledge).where(Pledge.id == thing_of(attempt)).options(with_project)
    return attempt, session.scalars(of.execution_options(populate_existing=True)).one()
