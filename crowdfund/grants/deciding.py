"""Deciding about an application: by somebody who did not assess it, within their limit, the round and the fund."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.roles import FundRight
from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.money import pounds
from crowdfund.decisions.actions import record_decision
from crowdfund.decisions.models import Decision
from crowdfund.funds import grant_pots
from crowdfund.grants.access import can_decide
from crowdfund.grants.assessing import is_assessed
from crowdfund.grants.mail import mail_group
from crowdfund.grants.models import GrantApplication, GrantRound
from crowdfund.grants.moving import hold_for_officer, move_application, plan_of, refuse_stale
from crowdfund.grants.offering import offer_now
from crowdfund.grants.plans import Plan
from crowdfund.grants.queries import AWARDED, assessors_of
from crowdfund.grants.rounds import end_if_done
from crowdfund.grants.rules import AWARDING, LEADS_TO, Outcome
from crowdfund.ledger.postings import Posting

NO_REASON = "Give the reason. The group reads it."
MEETS_ALL = "meets_all"
# Beside the round's own criteria.
GENERAL: dict[str, str] = {
    "budget": "The round had too little money for everything that was good",
    "excluded": "The round does not pay for this",
    "not_eligible": "The group or its plan does not fit the round’s conditions",
    "later": "It is decided later, once something is clear",
}


@dataclass(frozen=True)
class GrantVerdict:
    """What is decided. Pence for a part; `reference` is of a panel's or Cabinet Member's own record."""

    outcome: Outcome
    criterion: str
    reason: str
    pence: int | None = None
    reference: str = ""
    conditions: str = ""


def criteria_of(plan: Plan) -> dict[str, str]:
    """Return every criterion that a decision under this plan can rest on, in words."""
    return {criterion.key: criterion.words for criterion in plan.criteria} | GENERAL


def decide_application(
    session: Session, application_id: int, verdict: GrantVerdict, seen_version: int, *, actor: Actor, now: datetime
) -> Decision:
    """Decide about an application; an award sets its money aside and goes out as an offer, anything else holds at once.

    Raises NotFound for officers of another funder, Forbidden for whoever may not open it, Refused in a wrong state,
    for whoever assessed it, before enough people did, when it changed, without reason or criterion, above the
    officer's limit without a higher authority's reference, and above what the round or its fund has left.
    """
    application, row, funder_id = hold_for_officer(session, application_id, actor)
    refuse_stale(application, seen_version)
    permit = can_decide(actor, funder_id, application, assessors_of(session, application_id))
    if not permit:
        raise Refused("not_now", permit.reason)
    if not is_assessed(session, application) and verdict.outcome is not Outcome.INELIGIBLE:
        raise Refused("unassessed", "Fewer people than this tier asks for have assessed it.")
    plan, awards = plan_of(session, application), verdict.outcome in AWARDING
    criterion = _criterion(plan, verdict)
    if not verdict.reason.strip():
        raise Refused("no_reason", NO_REASON, "reason")
    pence = _sum(application, verdict) if awards else None
    authority = _authority(funder_id, verdict, pence, actor)
    if pence is not None:
        _refuse_beyond(session, row, pence)
    decision = record_decision(
        session,
        application.subject,
        verdict.outcome.value,
        criterion=criterion,
        reason=verdict.reason,
        authority=authority,
        amount_pence=pence,
        actor=actor,
        now=now,
        reference=verdict.reference.strip(),
    )
    application.decided_by_id, application.decision_id, application.decided_at = actor.person_id, decision.id, now
    application.awarded_pence, application.conditions = pence, verdict.conditions if awards else ""
    facts: dict[str, Any] = {"outcome": verdict.outcome.value, "awarded_pence": pence, "authority": authority}
    audit.record(session, Tag.APPLICATION_DECIDED, actor=actor, subject_id=application.id, now=now, **facts)
    reason = "" if awards else verdict.reason
    move_application(session, application, LEADS_TO[verdict.outcome], reason=reason, actor=actor, now=now)
    if awards:
        offer_now(session, application, plan, decision, actor=actor, now=now)
    else:
        told = {"decision": decision, "criterion": criteria_of(plan).get(criterion, "")}
        mail_group(session, application, "grant_not_awarded", str(decision.id), now, **told)
    end_if_done(session, row.id, actor=actor, now=now)
    if pence is not None:
        posting = Posting(session, f"application:{application.id}:award:{decision.id}", actor, now)
        if not grant_pots.reserve(posting, application.fund_id, application.id, pence):
            raise Refused("pot_short", "The fund has less left than this award.", "pence")
    return decision


def awarded_in(session: Session, round_id: int) -> int:
    """Return what a round has awarded so far, in pence; what was turned down or ran out is left out."""
    found = select(func.coalesce(func.sum(GrantApplication.awarded_pence), 0)).where(
        GrantApplication.round_id == round_id, GrantApplication.state.in_(AWARDED)
    )
    return int(session.scalar(found) or 0)


def _criterion(plan: Plan, verdict: GrantVerdict) -> str:
    if verdict.outcome is Outcome.FULL:
        return verdict.criterion or MEETS_ALL
    if verdict.criterion not in criteria_of(plan):
        raise Refused("no_criterion", "Choose the criterion that this rests on.", "criterion")
    return verdict.criterion


def _sum(application: GrantApplication, verdict: GrantVerdict) -> int:
    asked = application.asked_pence or 0
    if verdict.outcome is Outcome.FULL:
        return asked
    if not verdict.pence or verdict.pence >= asked:
        raise Refused("amount", f"Enter an amount below the {pounds(asked)} that the group asked for.", "pence")
    return verdict.pence


def _authority(funder_id: int, verdict: GrantVerdict, pence: int | None, actor: Actor) -> str:
    if verdict.reference.strip():
        return "Panel or Cabinet Member"
    limit = actor.limit_at(FundRight.DECIDE, funder_id)
    if limit is not None and pence is not None and pence > limit:
        above = "Above it enter the reference of the panel’s or the Cabinet Member’s decision."
        words = f"You decide up to {pounds(limit)}. {above}"
        raise Refused("above_limit", words, "reference")
    return "Delegated" if limit is None else f"Delegated, up to {pounds(limit)}"


def _refuse_beyond(session: Session, row: GrantRound, pence: int) -> None:
    held = lock(session, GrantRound, row.id)
    left = held.budget_pence - awarded_in(session, row.id)
    if pence > left:
        raise Refused("budget_short", f"The round has {pounds(max(0, left))} left.", "pence")
