"""Funders, funds with terms and money, and offers, as a test needs them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import find_or_create_person
from crowdfund.core.clock import LONDON
from crowdfund.core.ids import public_id
from crowdfund.decisions.actions import record_decision
from crowdfund.funds.models import BudgetLine, Fund, Funder, FundTerms
from crowdfund.funds.rules import FunderKind, MatchKind, ShareBase
from crowdfund.ledger import match_postings
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.postings import Posting
from crowdfund.matching.models import MatchOffer
from crowdfund.matching.rules import OfferState
from crowdfund.projects.models import Project
from tests.support.acting import By
from tests.support.factories import TESTER

TERMS: dict[str, Any] = {
    "kind": MatchKind.LUMP,
    "most_pence": 2_000_000,
    "percent": 50,
    "base": ShareBase.TARGET,
    "per_backer_pence": None,
    "crowd_percent": None,
    "joint_percent": None,
    "districts": [],
    "objectives": [],
    "legal_forms": [],
    "allows_capital": True,
    "exclusions": ["Projects that support a party"],
    "criteria": [{"key": "need", "words": "It answers a local need"}],
    "questions": [{"key": "who", "label": "Who will it reach?", "hint": "", "most_words": 100}],
    "agreement": "The money is spent on what the project says.",
    "offer_days": 28,
}


def make_funder(session: Session, name: str = "Kent County Council", kind: FunderKind = FunderKind.COUNTY) -> Funder:
    """Add a funder."""
    funder = Funder(public_id=public_id(), slug=name.lower().replace(" ", "-"), name=name, kind=kind)
    session.add(funder)
    session.flush()
    return funder


def make_fund(session: Session, funder: Funder, now: datetime, name: str = "Match fund", **terms: Any) -> Fund:
    """Add a fund with its first terms, open now for a month; `terms` differ from TERMS. It has no money yet."""
    place = 1 + int(session.scalar(select(func.coalesce(func.max(Fund.place), 0))) or 0)
    slug = f"{name.lower().replace(' ', '-')}-{place}"
    direct = bool(terms.pop("pays_direct", False))
    fund = Fund(
        public_id=public_id(), slug=slug, funder_id=funder.id, name=name, about="", place=place, pays_direct=direct
    )
    session.add(fund)
    session.flush()
    make_terms(session, fund, now, **terms)
    return fund


def make_terms(session: Session, fund: Fund, now: datetime, **terms: Any) -> FundTerms:
    """Add the next version of a fund's terms, which holds from now on."""
    number = 1 + int(session.scalar(select(func.count()).where(FundTerms.fund_id == fund.id)) or 0)
    today = now.astimezone(LONDON).date()
    dates = {"opens_on": today, "closes_on": today + timedelta(days=30), "decides_on": today + timedelta(days=40)}
    values = {**TERMS, **dates, **terms, "from_at": now, "saved_at": now}
    row = FundTerms(public_id=public_id(), fund_id=fund.id, number=number, **values)
    session.add(row)
    session.flush()
    return row


def fill_fund(session: Session, fund: Fund, pence: int, now: datetime, source: str = "Base budget") -> BudgetLine:
    """Give a fund money of one source for the financial year 2026/27, promised and in the programme's bank."""
    line = BudgetLine(public_id=public_id(), fund_id=fund.id, source=source, year="2026/27", opened_at=now)
    session.add(line)
    session.flush()
    part = Part(source, "2026/27", pence)
    match_postings.fill_pot(Posting(session, f"test budget {line.id}", TESTER, now), fund.id, part)
    match_postings.receive_from_funder(Posting(session, f"test paid in {line.id}", TESTER, now), fund.id, part)
    return line


def make_offer(
    session: Session, project: Project, fund: Fund, pence: int, now: datetime, state: OfferState = OfferState.ACCEPTED
) -> MatchOffer:
    """Add an offer as it stands after everybody did their part; nothing is set aside for it in the ledger."""
    terms = session.scalars(select(FundTerms).where(FundTerms.fund_id == fund.id).order_by(FundTerms.number.desc()))
    officer = find_or_create_person(session, "odile.officer@example.org", "Odile Officer", actor=TESTER, now=now)
    decision = record_decision(
        session,
        f"project:{project.id}",
        "offered",
        criterion="need",
        reason="It answers a local need.",
        authority="Delegated",
        amount_pence=pence,
        actor=By(officer),
        now=now,
    )
    offer = MatchOffer(
        public_id=public_id(),
        project_id=project.id,
        fund_id=fund.id,
        terms_id=terms.first().id,
        state=state,
        asked_pence=pence,
        why="We need it.",
        answers={"who": "Everybody"},
        pitched_by_id=officer.id,
        pitched_at=now,
        decided_by_id=officer.id,
        decision_id=decision.id,
        decided_at=now,
        effective_at=now,
        offered_pence=pence,
        expires_at=now + timedelta(days=28),
        accepted_by_id=officer.id,
        accepted_at=now,
        subsidy_words="No subsidies",
    )
    session.add(offer)
    session.flush()
    return offer
