"""Assessing a request: declaring interests, taking it, and writing what was found against the fund's criteria."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.errors import Forbidden, NotFound, Refused
from crowdfund.core.money import pounds
from crowdfund.decisions.actions import record_interest
from crowdfund.funds.models import Fund
from crowdfund.matching.access import can_assess, can_see, can_take
from crowdfund.matching.models import Assessment, MatchOffer
from crowdfund.matching.moving import hold_for_officer, hold_offer, move_offer, refuse_stale, terms_of, touch
from crowdfund.matching.rules import OfferState, Recommendation
from crowdfund.projects.distance import distance_of

MOST_REASON = 2000
MET_WORDS = {"yes": "Met", "partly": "Partly met", "no": "Not met"}
NO_REASON = "Give the reason for what you recommend."


@dataclass(frozen=True)
class Finding:
    """What was found about one criterion: 'yes', 'partly' or 'no', and a note."""

    met: str
    note: str


@dataclass(frozen=True)
class Advice:
    """What an assessor recommends. Pence for `up_to`; for `full` it is what was asked."""

    recommendation: Recommendation
    pence: int | None
    reason: str


def declare_interest(
    session: Session, offer_id: int, has_interest: bool, statement: str, *, actor: Actor, now: datetime
) -> None:
    """Record whether an officer has an interest in the project that an offer is for; the newest declaration holds.

    Whoever declares one and had taken the assessment gives it back. Raises NotFound for officers of another funder,
    Forbidden for whoever is tied to the project, Refused on `statement` for an interest that is not explained.
    """
    offer, project = hold_offer(session, offer_id)
    if not can_see(actor, session.get_one(Fund, offer.fund_id).funder_id):
        raise NotFound(f"offer {offer_id}")
    if tie := distance_of(session, project.id, actor.person_id or 0).tie:
        raise Forbidden(tie)
    if has_interest and not statement.strip():
        raise Refused("no_statement", "Say in a sentence what your interest is.", "statement")
    said = statement if has_interest else ""
    record_interest(session, f"project:{project.id}", has_interest, said, actor=actor, now=now)
    facts = {"has_interest": has_interest}
    audit.record(session, Tag.INTEREST_DECLARED, actor=actor, subject_id=project.id, now=now, **facts)
    if has_interest and offer.taken_by_id == actor.person_id and offer.decision_id is None:
        _give(session, offer, None, actor, now)


def take_offer(session: Session, offer_id: int, seen: int | None, *, actor: Actor, now: datetime) -> None:
    """Take the assessment of a request; `seen` is who had it when the officer looked.

    Raises NotFound, Forbidden and Refused as every action of officers does, also when it changed hands meanwhile.
    """
    offer, _, funder_id, distance = hold_for_officer(session, offer_id, actor)
    permit = can_take(actor, funder_id, distance, offer)
    if not permit:
        raise Refused("not_now", permit.reason)
    if offer.taken_by_id == actor.person_id:
        return
    if offer.taken_by_id != seen:
        raise Refused("taken", "Somebody else took it or gave it back meanwhile. Look at it again.")
    if offer.state is OfferState.PITCHED:
        move_offer(session, offer, OfferState.ASSESSING, actor=actor, now=now)
    _give(session, offer, actor.person_id, actor, now)


def give_back(session: Session, offer_id: int, *, actor: Actor, now: datetime) -> None:
    """Give an assessment back, so that somebody else can take it. Raises as `take_offer` does."""
    offer, _, funder_id, distance = hold_for_officer(session, offer_id, actor)
    permit = can_assess(actor, funder_id, distance, offer)
    if not permit:
        raise Refused("not_now", permit.reason)
    _give(session, offer, None, actor, now)


def assess_offer(
    session: Session,
    offer_id: int,
    findings: Mapping[str, Finding],
    advice: Advice,
    seen_version: int,
    *,
    actor: Actor,
    now: datetime,
) -> Assessment:
    """Write an assessment of a request against each of the fund's criteria; a newer one stands beside the old.

    Raises NotFound for officers of another funder, Forbidden for whoever may not, Refused on `met_<key>` or
    `note_<key>` for a criterion without a finding or note, on `pence` and `reason`, and when the offer changed.
    """
    offer, _, funder_id, distance = hold_for_officer(session, offer_id, actor)
    refuse_stale(offer, seen_version)
    permit = can_assess(actor, funder_id, distance, offer)
    if not permit:
        raise Refused("not_now", permit.reason)
    terms, _ = terms_of(session, offer)
    for criterion in terms.criteria:
        _refuse_finding(criterion, findings.get(criterion["key"]))
    pence = _recommended(offer, advice)
    if not advice.reason.strip():
        raise Refused("no_reason", NO_REASON, "reason")
    newest = session.scalar(select(func.max(Assessment.number)).where(Assessment.offer_id == offer_id)) or 0
    kept = {c["key"]: {"met": findings[c["key"]].met, "note": findings[c["key"]].note} for c in terms.criteria}
    assert actor.person_id is not None, "a person assesses"
    assessment = Assessment(
        offer_id=offer_id,
        number=newest + 1,
        assessor_id=actor.person_id,
        findings=kept,
        recommendation=advice.recommendation,
        recommended_pence=pence,
        reason=advice.reason,
        assessed_at=now,
    )
    session.add(assessment)
    touch(session, offer)
    facts: dict[str, Any] = {"number": newest + 1, "recommendation": advice.recommendation.value}
    facts["recommended_pence"] = pence
    audit.record(session, Tag.OFFER_ASSESSED, actor=actor, subject_id=offer_id, now=now, **facts)
    return assessment


def _recommended(offer: MatchOffer, advice: Advice) -> int | None:
    if advice.recommendation is Recommendation.FULL:
        return offer.asked_pence
    if advice.recommendation is not Recommendation.UP_TO:
        return None
    if not advice.pence or advice.pence >= offer.asked_pence:
        words = f"Enter an amount below the {pounds(offer.asked_pence)} that the group asked for."
        raise Refused("amount", words, "pence")
    return advice.pence


def _refuse_finding(criterion: Mapping[str, Any], finding: Finding | None) -> None:
    key = criterion["key"]
    if finding is None or finding.met not in MET_WORDS:
        raise Refused("no_finding", f"Choose whether this is met: {criterion['words']}", f"met_{key}")
    if not finding.note.strip():
        raise Refused("no_note", f"Write what you found: {criterion['words']}", f"note_{key}")


def _give(session: Session, offer: MatchOffer, officer_id: int | None, actor: Actor, now: datetime) -> None:
    offer.taken_by_id = officer_id
    touch(session, offer)
    audit.record(session, Tag.OFFER_TAKEN, actor=actor, subject_id=offer.id, now=now, officer_id=officer_id)
