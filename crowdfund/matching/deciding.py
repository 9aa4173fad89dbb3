"""Deciding about a request: by somebody who did not assess it, within their limit or under a higher authority."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit, jobs
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import Refused
from crowdfund.decisions.actions import record_decision
from crowdfund.decisions.models import Decision
from crowdfund.matching.access import can_decide, can_stop
from crowdfund.matching.mail import mail_about
from crowdfund.matching.models import Assessment, MatchOffer
from crowdfund.matching.moving import hold_for_officer, move_offer, refuse_stale, terms_of, touch
from crowdfund.matching.offering import IN_EFFECT, offer_now
from crowdfund.matching.queries import assessors_of
from crowdfund.matching.rules import OfferState, Recommendation
from crowdfund.matching.verdicts import (
    AWARDING,
    NO_REASON,
    Verdict,
    authority_of,
    criteria_of,
    criterion_for,
    sum_of,
)
from crowdfund.places.calendar import due_after


def decide_offer(
    session: Session, offer_id: int, verdict: Verdict, seen_version: int, *, actor: Actor, now: datetime
) -> Decision:
    """Decide about a request; nobody decides what they assessed, or with an interest.

    An offer takes effect after the fund's call-in and goes out then; putting off and declining hold at once. The
    group is told at once. Raises NotFound for officers of another funder, Forbidden for whoever may not open it,
    Refused in a wrong state, for whoever assessed it, when it changed, without reason or criterion, above the
    officer's limit without a higher authority's reference, and above the fund's limits or money.
    """
    offer, project, funder_id, distance = hold_for_officer(session, offer_id, actor)
    refuse_stale(offer, seen_version)
    permit = can_decide(actor, funder_id, distance, offer, assessors_of(session, offer_id))
    if not permit:
        raise Refused("not_now", permit.reason)
    _refuse_unassessed(session, offer)
    terms, _ = terms_of(session, offer)
    criterion = criterion_for(terms, verdict)
    if not verdict.reason.strip():
        raise Refused("no_reason", NO_REASON, "reason")
    pence = sum_of(session, offer, project, terms, verdict) if verdict.outcome in AWARDING else None
    authority = authority_of(session, funder_id, verdict, pence, actor)
    waits = pence is not None and terms.call_in_days > 0
    effective = due_after(now, terms.call_in_days).astimezone(UTC) if waits else now
    decision = record_decision(
        session,
        offer.subject,
        verdict.outcome.value,
        criterion=criterion,
        reason=verdict.reason,
        authority=authority,
        amount_pence=pence,
        actor=actor,
        now=now,
        effective_at=effective,
        reference=verdict.reference.strip(),
    )
    offer.decided_by_id, offer.decision_id, offer.decided_at = actor.person_id, decision.id, now
    offer.effective_at, offer.offered_pence, offer.conditions = effective, pence, verdict.conditions
    touch(session, offer)
    facts: dict[str, Any] = {"outcome": verdict.outcome.value, "offered_pence": pence, "authority": authority}
    audit.record(session, Tag.OFFER_DECIDED, actor=actor, subject_id=offer.id, now=now, **facts)
    _carry_out(session, offer, decision, criteria_of(terms).get(criterion, ""), actor=actor, now=now)
    return decision


def stop_decision(
    session: Session, offer_id: int, reason: str, seen_version: int, *, actor: Actor, now: datetime
) -> None:
    """Stop a decision that was called in before it took effect: the request is to be decided again.

    Its record stays. Raises as `decide_offer` does, Refused without a reason.
    """
    offer, _, funder_id, distance = hold_for_officer(session, offer_id, actor)
    refuse_stale(offer, seen_version)
    permit = can_stop(actor, funder_id, distance, offer)
    if not permit:
        raise Refused("not_now", permit.reason)
    if not reason.strip():
        raise Refused("no_reason", NO_REASON, "reason")
    offer.decided_by_id = offer.decision_id = None
    offer.decided_at = offer.effective_at = offer.offered_pence = None
    offer.exceeds, offer.exceeds_because, offer.conditions = False, "", ""
    touch(session, offer)
    state = OfferState.ASSESSING.value
    facts = {"old": state, "new": state, "reason": reason}
    audit.record(session, Tag.OFFER_MOVED, actor=actor, subject_id=offer.id, now=now, **facts)
    mail_about(session, offer, "match_stopped", str(offer.version), now, reason=reason)


def _carry_out(
    session: Session, offer: MatchOffer, decision: Decision, criterion: str, *, actor: Actor, now: datetime
) -> None:
    outcome, told = Recommendation(decision.outcome), {"reason": decision.reason, "criterion": criterion}
    who: dict[str, Any] = {"actor": actor, "now": now}
    if outcome in AWARDING and decision.effective_at > now:
        payload = {"offer_id": offer.id}
        key = f"{IN_EFFECT}:{offer.id}:{decision.id}"
        jobs.enqueue(session, IN_EFFECT, payload, dedupe_key=key, now=now, run_after=decision.effective_at)
        mail_about(session, offer, "match_decided", str(decision.id), now, effective_at=decision.effective_at, **told)
    elif outcome in AWARDING:
        offer_now(session, offer, **who)
    else:
        state = OfferState.DEFERRED if outcome is Recommendation.DEFER else OfferState.DECLINED
        move_offer(session, offer, state, reason=decision.reason, **who)
        mail_about(session, offer, f"match_{state.value}", str(decision.id), now, **told)


def _refuse_unassessed(session: Session, offer: MatchOffer) -> None:
    newest = session.scalar(select(func.max(Assessment.assessed_at)).where(Assessment.offer_id == offer.id))
    if newest is None or newest < offer.pitched_at:
        raise Refused("unassessed", "Nobody has assessed it yet.")
