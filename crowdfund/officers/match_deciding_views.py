"""Deciding about a request to a fund, stopping a decision, withdrawing an offer, telling the local member."""

from collections.abc import Callable
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from crowdfund.accounts.current import current_actor
from crowdfund.accounts.guards import officers
from crowdfund.accounts.roles import FundRight, Right
from crowdfund.core.actor import Permit
from crowdfund.core.db import db
from crowdfund.matching import access
from crowdfund.matching.assessing import MET_WORDS
from crowdfund.matching.caps import caps_of
from crowdfund.matching.deciding import decide_offer, stop_decision
from crowdfund.matching.headroom import headroom_of_fund
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.offering import withdraw_offer
from crowdfund.matching.queries import list_assessments
from crowdfund.matching.reserving import project_facts
from crowdfund.matching.rules import RECOMMENDATION_WORDS, Recommendation
from crowdfund.matching.telling import tell_member
from crowdfund.officers.match_forms import DecideForm, MemberForm, ReasonForm
from crowdfund.officers.match_pages import CLEAR, Answer, apart, change_offer, pages
from crowdfund.projects.fields import typed_pounds
from crowdfund.projects.queries import find_division_name


@pages.get("/<public_id>/decide")
@pages.post("/<public_id>/decide")
@officers(Right.SEE_DESK, fresh=True)
@apart
def decide(offer: MatchOffer) -> Answer:
    """Decide about a request; nobody decides what they assessed."""
    form = DecideForm()
    form.take_criteria(offer.terms)

    def change(session: Session, offer_id: int, **who: Any) -> None:
        decide_offer(session, offer_id, form.verdict, form.seen_version, **who)

    def context(shown: MatchOffer) -> dict[str, Any]:
        session, actor, funder_id = db.session(), current_actor(), shown.fund.funder_id
        assessments = list_assessments(session, shown.id)
        by = frozenset(one.assessment.assessor_id for one in assessments)
        facts, _ = project_facts(session, shown.project)
        values = shown.terms.values(is_public=shown.fund.funder.is_public)
        form.version.data = str(shown.version)
        if request.method == "GET" and assessments:
            _suggest(form, assessments[0].assessment)
        return {
            "permit": access.can_decide(actor, funder_id, CLEAR, shown, by),
            "limit_pence": actor.limit_at(FundRight.DECIDE, funder_id),
            "assessments": assessments,
            "outcomes": RECOMMENDATION_WORDS,
            "met_words": MET_WORDS,
            "caps": caps_of(values, facts, allows_capital=shown.terms.allows_capital),
            "headroom": headroom_of_fund(session, shown.fund_id),
        }

    return change_offer("match_decide", offer, form, change, context)


@pages.get("/<public_id>/stop")
@pages.post("/<public_id>/stop")
@officers(Right.SEE_DESK, fresh=True)
@apart
def stop(offer: MatchOffer) -> Answer:
    """Stop a decision that was called in before it took effect."""

    def permit(shown: MatchOffer) -> Permit:
        return access.can_stop(current_actor(), shown.fund.funder_id, CLEAR, shown)

    return _with_reason("match_stop", offer, stop_decision, permit)


@pages.get("/<public_id>/withdraw")
@pages.post("/<public_id>/withdraw")
@officers(Right.SEE_DESK, fresh=True)
@apart
def withdraw(offer: MatchOffer) -> Answer:
    """Withdraw an offer, with the reason that the group reads."""

    def permit(shown: MatchOffer) -> Permit:
        return access.can_take_away(current_actor(), shown.fund.funder_id, CLEAR, shown, shown.project)

    return _with_reason("match_withdraw", offer, withdraw_offer, permit)


@pages.get("/<public_id>/member")
@pages.post("/<public_id>/member")
@officers(Right.SEE_DESK)
@apart
def member(offer: MatchOffer) -> Answer:
    """Tell the local member by mail, or record how and when they were told."""
    form = MemberForm()

    def change(session: Session, offer_id: int, **who: Any) -> None:
        tell_member(session, offer_id, form.email.data or "", form.how.data or "", form.on.day, **who)

    def context(shown: MatchOffer) -> dict[str, Any]:
        permit = access.can_tell_member(current_actor(), shown.fund.funder_id, CLEAR, shown)
        return {"permit": permit, "division": find_division_name(db.session(), shown.project.division_code)}

    return change_offer("match_member", offer, form, change, context)


def _with_reason(
    template: str, offer: MatchOffer, action: Callable[..., Any], permit: Callable[[MatchOffer], Permit]
) -> Answer:
    form = ReasonForm()

    def change(session: Session, offer_id: int, **who: Any) -> None:
        action(session, offer_id, form.reason.data or "", form.seen_version, **who)

    def context(shown: MatchOffer) -> dict[str, Any]:
        form.version.data = str(shown.version)
        return {"permit": permit(shown), "headroom": headroom_of_fund(db.session(), shown.fund_id)}

    return change_offer(template, offer, form, change, context)


def _suggest(form: DecideForm, assessment: Any) -> None:
    """Begin with what the newest assessment recommends; the reason is the decider's own."""
    form.outcome.data = assessment.recommendation.value
    if assessment.recommendation is Recommendation.UP_TO:
        form.pence.data = typed_pounds(assessment.recommended_pence)
