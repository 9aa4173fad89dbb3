"""An award in the group's hands: offered with its terms, signed by one or two people, turned down or run out."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crowdfund.accounts.roles import GroupRight
from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds
from crowdfund.decisions.models import Decision
from crowdfund.funds import grant_pots
from crowdfund.funds.subsidy import subsidy_words
from crowdfund.grants.access import can_countersign, can_sign
from crowdfund.grants.mail import mail_group
from crowdfund.grants.models import GrantApplication
from crowdfund.grants.moving import hold_own, move_application, plan_of, refuse_stale, tier_of, touch
from crowdfund.grants.plans import Plan
from crowdfund.grants.rules import ApplicationState
from crowdfund.ledger.postings import Posting

REMIND = "grants:remind"
EXPIRE = "grants:expire"
REMINDERS = {"week": timedelta(days=7), "day": timedelta(days=1)}
ANSWER_HOUR = time(17)
_S = ApplicationState


def offer_now(
    session: Session, application: GrantApplication, plan: Plan, decision: Decision, *, actor: Actor, now: datetime
) -> None:
    """Send the group a decided award, with the day it runs out; reminders and the end are queued."""
    last_day = now.astimezone(LONDON).date() + timedelta(days=plan.offer_days)
    application.expires_at = datetime.combine(last_day, ANSWER_HOUR, tzinfo=LONDON).astimezone(UTC)
    move_application(session, application, _S.OFFERED, actor=actor, now=now)
    for which, before in REMINDERS.items():
        if application.expires_at - before > now:
            payload = {"application_id": application.id, "which": which}
            key = f"{REMIND}:{application.id}:{which}:{last_day}"
            jobs.enqueue(session, REMIND, payload, dedupe_key=key, now=now, run_after=application.expires_at - before)
    payload = {"application_id": application.id}
    key = f"{EXPIRE}:{application.id}:{last_day}"
    jobs.enqueue(session, EXPIRE, payload, dedupe_key=key, now=now, run_after=application.expires_at)
    mail_group(session, application, "grant_offered", str(decision.id), now, decision=decision)


def sign_offer(
    session: Session, application_id: int, had_pence: int, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Accept an award for the group; `had_pence` are the subsidies it had in three financial years.

    Where the tier asks for two people, it is accepted once another member has signed, too. Raises NotFound for
    strangers, Forbidden without the right, Refused when it ran out or changed, and on `subsidy` above the limit.
    """
    application, _, role = hold_own(session, application_id, actor, GroupRight.SUBMIT)
    refuse_stale(application, seen_version)
    permit = can_sign(application, role, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    application.subsidy_words = subsidy_words(had_pence, application.awarded_pence or 0)
    application.signed_by_id, application.signed_at = actor.person_id, now
    audit.record(session, Tag.AWARD_SIGNED, actor=actor, subject_id=application.id, now=now)
    if tier_of(plan_of(session, application), application).second_signature:
        touch(session, application)
        mail_group(session, application, "grant_countersign", str(application.version), now)
    else:
        _accept(session, application, actor, now)


def countersign(session: Session, application_id: int, seen_version: int, *, actor: Actor, now: datetime) -> None:
    """Sign beside another member, which accepts the award.

    Raises NotFound for strangers, Refused for whoever signed first, when it ran out and when it changed.
    """
    application, _, _ = hold_own(session, application_id, actor, GroupRight.SEE)
    refuse_stale(application, seen_version)
    permit = can_countersign(application, actor, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    application.countersigned_by_id = actor.person_id
    audit.record(session, Tag.AWARD_SIGNED, actor=actor, subject_id=application.id, now=now)
    _accept(session, application, actor, now)


def turn_down(
    session: Session, application_id: int, reason: str, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Turn an award down: its money goes back to its sources. Raises as `sign_offer` does."""
    application, _, role = hold_own(session, application_id, actor, GroupRight.SUBMIT)
    refuse_stale(application, seen_version)
    permit = can_sign(application, role, now)
    if not permit:
        raise Refused("not_now", permit.reason)
    _end(session, application, _S.REFUSED, reason, actor=actor, now=now)


def expire_offer(session: Session, application_id: int, *, actor: Actor, now: datetime) -> bool:
    """End an award that nobody accepted in time; say whether it was one."""
    application = lock(session, GrantApplication, application_id)
    if application.state is not _S.OFFERED or application.expires_at is None or application.expires_at > now:
        return False
    mail_group(session, application, "grant_expired", str(application.version), now)
    _end(session, application, _S.EXPIRED, "", actor=actor, now=now)
    return True


def remind_of_offer(session: Session, application_id: int, which: str, *, now: datetime) -> bool:
    """Remind the group of an award that it has not accepted, 'week' or 'day' before it runs out; say whether."""
    application = lock(session, GrantApplication, application_id)
    if application.state is not _S.OFFERED or application.expires_at is None or application.expires_at <= now:
        return False
    if application.reminded_at is not None and application.reminded_at >= application.expires_at - REMINDERS[which]:
        return False
    application.reminded_at = now
    session.flush()
    facts: dict[str, Any] = {"days": REMINDERS[which].days}
    mail_group(session, application, "grant_reminder", f"{which}:{application.expires_at.date()}", now, **facts)
    return True


def _accept(session: Session, application: GrantApplication, actor: Actor, now: datetime) -> None:
    application.accepted_at = now
    move_application(session, application, _S.ACCEPTED, actor=actor, now=now)
    mail_group(session, application, "grant_accepted", "accepted", now, sum=pounds(application.awarded_pence or 0))


def _end(
    session: Session, application: GrantApplication, new: ApplicationState, reason: str, *, actor: Actor, now: datetime
) -> None:
    move_application(session, application, new, reason=reason, actor=actor, now=now)
    posting = Posting(session, f"application:{application.id}:freed:{application.version}", actor, now)
    grant_pots.free(posting, application.fund_id, application.id)
