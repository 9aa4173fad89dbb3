"""The part of an estate that is about funds: two of them, one that the projects asked, one that they write to."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crowdfund.accounts.models import Person
from crowdfund.core.ids import public_id
from crowdfund.decisions.actions import record_decision
from crowdfund.funds import pots
from crowdfund.funds.models import Fund, Funder, FundTerms
from crowdfund.funds.publishing import keep_section
from crowdfund.funds.rules import FunderKind
from crowdfund.funds.sections import TermsSection
from crowdfund.ledger.postings import Posting
from crowdfund.matching.models import MatchOffer, PitchDraft
from crowdfund.matching.rules import OfferState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from tests.support.acting import By
from tests.support.factories import TESTER
from tests.support.funding import fill_fund, make_fund

FUNDER = 1
PENCE = 5_000
# How far the request of a project is in each of its states that has one.
OFFERS = {ProjectState.READY: OfferState.PITCHED, ProjectState.LIVE: OfferState.OFFERED}


def make_funds(session: Session, now: datetime) -> dict[str, str]:
    """Add a funder with two funds; return what addresses call them. Inside a unit of work."""
    funder = Funder(id=FUNDER, slug="kent", public_id="kent", name="Kent", kind=FunderKind.COUNTY)
    session.add(funder)
    session.flush()
    asked, written = make_fund(session, funder, now, "Asked"), make_fund(session, funder, now, "Written to")
    line = fill_fund(session, asked, 1_000_000, now)
    words = {"fund": asked.public_id, "fund_slug": asked.slug, "written_fund_slug": written.slug}
    return words | {"budget_line": line.public_id, "funder_slug": funder.slug}


def write_terms(session: Session, owner: Person, now: datetime) -> None:
    """Have the next version of the first fund's terms be written, different from every one before."""
    fund = session.query(Fund).filter_by(funder_id=FUNDER).order_by(Fund.id).first()
    assert fund is not None
    said = {"confidence": f"Made up, {public_id()}."}
    keep_section(session, fund.id, TermsSection.CONFIDENCE, said, actor=By(owner), now=now)


def ask_funds(session: Session, project: Project, state: ProjectState, owner: Person, now: datetime) -> dict[str, str]:
    """Have a project ask the first fund and write to the second; return what addresses call the request."""
    if state not in OFFERS:
        return {}
    asked, written = session.query(Fund).filter_by(funder_id=FUNDER).order_by(Fund.id).limit(2)
    said = {"asked": {str(written.id): PENCE}, "why": "We need it.", "answers": {}}
    session.add(PitchDraft(project_id=project.id, saved_by_id=owner.id, saved_at=now, **said))
    offer = _ask(session, project, asked, owner, now)
    if OFFERS[state] is OfferState.OFFERED:
        _decide(session, offer, owner, now)
    return {"offer": offer.public_id}


def owe_match(session: Session, project: Project, owner: Person, now: datetime) -> dict[str, str]:
    """Have a project that is funded be owed match of the first fund; return what addresses call the offer."""
    fund = session.query(Fund).filter_by(funder_id=FUNDER).order_by(Fund.id).first()
    assert fund is not None
    offer = _ask(session, project, fund, owner, now)
    _decide(session, offer, owner, now)
    offer.accepted_by_id, offer.accepted_at, offer.subsidy_words = owner.id, now, "No subsidies"
    offer.state, offer.counted_pence = OfferState.ACCEPTED, PENCE
    session.flush()
    for state, doing in ((OfferState.CONFIRMED, pots.reserve), (OfferState.PAYABLE, pots.confirm)):
        offer.state, offer.confirmed_pence, offer.confirmed_at = state, PENCE, now
        session.flush()
        doing(Posting(session, f"estate:{offer.id}:{state}", TESTER, now), fund.id, offer.id, PENCE)
    return {"due_offer": offer.public_id}


def _ask(session: Session, project: Project, fund: Fund, owner: Person, now: datetime) -> MatchOffer:
    offer = MatchOffer(
        public_id=public_id(),
        project_id=project.id,
        fund_id=fund.id,
        terms_id=session.query(FundTerms.id).filter_by(fund_id=fund.id).order_by(FundTerms.number).limit(1).scalar(),
        state=OfferState.PITCHED,
        asked_pence=PENCE,
        why="We need it.",
        answers={"who": "Everybody"},
        pitched_by_id=owner.id,
        pitched_at=now,
    )
    session.add(offer)
    session.flush()
    return offer


def _decide(session: Session, offer: MatchOffer, decider: Person, now: datetime) -> None:
    offer.state = OfferState.ASSESSING
    session.flush()
    why = {"criterion": "need", "reason": "It is needed.", "authority": "Delegated"}
    by = {"actor": By(decider), "now": now}
    decision = record_decision(session, offer.subject, "full", amount_pence=PENCE, **why, **by)
    offer.decision_id, offer.decided_by_id, offer.decided_at = decision.id, decider.id, now
    offer.offered_pence, offer.effective_at, offer.expires_at = PENCE, now, now + timedelta(days=28)
    offer.state = OfferState.OFFERED
    session.flush()
