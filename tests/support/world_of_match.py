"""The part of a small world in which funds add to what the crowd gives: a row in each table of offers."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core.ids import public_id
from crowdfund.decisions.models import Decision
from crowdfund.funds.models import Fund, Funder, FundTerms, TermsDraft
from crowdfund.matching.models import Assessment, MatchOffer, PitchDraft
from crowdfund.matching.rules import OfferState, Recommendation
from crowdfund.pledges.models import Pledge, SetAside
from tests.support.funding import make_fund


def fill_match(session: Session, project_id: int, people: tuple[int, int], now: datetime) -> None:
    """Fill the tables of match with an offer that was paid: the first of the people assessed it, the second decided.

    Neither may have declared an interest in the project.
    """
    funder, fund = session.scalars(select(Funder)).first(), session.scalars(select(Fund)).first()
    make_fund(session, funder, now, "Another fund")
    assessor, approver = people
    saved = {"saved_by_id": assessor, "saved_at": now}
    session.add(PitchDraft(project_id=project_id, asked={str(fund.id): 5}, why="We need it.", answers={}, **saved))
    session.add(TermsDraft(fund_id=fund.id, fields={"most_pence": 5}, **saved))
    offer = _paid_offer(session, project_id, fund, people, now)
    found = {"findings": {"need": {"met": "yes", "note": ""}}, "reason": "It is needed.", "recommended_pence": 5}
    advised = {"number": 1, "assessor_id": assessor, "recommendation": Recommendation.FULL, "assessed_at": now}
    aside = {"is_aside": True, "reason": "One card.", "decided_by_id": approver, "decided_at": now}
    pledge = session.scalars(select(Pledge)).first()
    session.add_all([Assessment(offer_id=offer.id, **found, **advised), SetAside(pledge_id=pledge.id, **aside)])
    session.flush()


def _paid_offer(session: Session, project_id: int, fund: Fund, people: tuple[int, int], now: datetime) -> MatchOffer:
    assessor, approver = people
    terms = session.scalars(select(FundTerms).where(FundTerms.fund_id == fund.id)).first()
    of = {"public_id": public_id(), "project_id": project_id, "fund_id": fund.id, "terms_id": terms.id}
    asked = {"asked_pence": 9, "why": "We need it.", "answers": {"who": "Everybody"}, "pitched_by_id": assessor}
    decided = {"decided_by_id": approver, "decision_id": session.scalars(select(Decision.id)).first()}
    offered = {"taken_by_id": assessor, "offered_pence": 5, "exceeds": True, "exceeds_because": "The policy allows it."}
    accepted = {"accepted_by_id": assessor, "subsidy_words": "No subsidies.", "counted_pence": 5, "confirmed_pence": 5}
    dates = ("pitched", "decided", "effective", "expires", "reminded", "accepted", "confirmed", "paid", "ended")
    dated = {f"{name}_at": now for name in dates} | {"member_told_on": now.date()}
    sums = {**asked, **decided, **offered, **accepted, **dated}
    offer = MatchOffer(state=OfferState.PAID, **of, **sums)
    session.add(offer)
    session.flush()
    return offer
