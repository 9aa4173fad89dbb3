"""Demonstration funders with their funds, terms and money."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import ids
from crowdfund.core.actor import SystemActor
from crowdfund.core.clock import LONDON
from crowdfund.funds.models import BudgetLine, Fund, Funder, FundTerms
from crowdfund.funds.rules import MatchKind, ShareBase, financial_year
from crowdfund.ledger import match_postings
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.postings import Posting
from crowdfund.places.models import District
from crowdfund.sandbox.demo import DemoFund, load_funders

SEEDER = SystemActor("seed")
CRITERIA = [
    {"key": "need", "words": "It answers a need that people here have named"},
    {"key": "people", "words": "It reaches people who would otherwise be left out"},
    {"key": "lasting", "words": "It leaves something that lasts"},
    {"key": "ready", "words": "The group can do it with this money"},
]
QUESTIONS = [{"key": "reach", "label": "Who will it reach, and how many?", "hint": "", "most_words": 100}]
EXCLUSIONS = [
    "Private gain, or a business",
    "Support for a party, or a campaign about a law",
    "What a public body must do by law",
    "One large event that leaves nothing behind",
]
AGREEMENT = "The money is spent on what the project page says. The group reports once, for all its funders together."


def seed_funders(session: Session, now: datetime) -> dict[str, int]:
    """Make the funders with their funds; returns their ids by short name."""
    made, place = dict[str, int](), 0
    kent = list(session.scalars(select(District.code).where(District.in_area).order_by(District.code)))
    for funder in load_funders():
        row = Funder(public_id=ids.public_id(), slug=funder.slug, name=funder.name, kind=funder.kind)
        session.add(row)
        session.flush()
        made[funder.slug] = row.id
        for fund in funder.funds:
            place += 1
            districts = kent if fund.districts == "kent" else [fund.districts] if fund.districts else []
            seeded = _fund(row.id, place, fund)
            session.add(seeded)
            session.flush()
            _fill_in(session, seeded.id, fund, districts, now)
    return made


def _fund(funder_id: int, place: int, fund: DemoFund) -> Fund:
    names = {"slug": fund.slug, "name": fund.name, "about": fund.about, "pays_direct": fund.pays_direct}
    return Fund(public_id=ids.public_id(), funder_id=funder_id, place=place, **names)


def _fill_in(session: Session, fund_id: int, fund: DemoFund, districts: list[str], now: datetime) -> None:
    today = now.astimezone(LONDON).date()
    session.add(_terms(fund_id, fund, districts, today, now))
    for line in fund.budget:
        fill(session, fund_id, Part(line.source, financial_year(today), line.pence), now, in_bank=not fund.pays_direct)
    session.flush()


def _terms(fund_id: int, fund: DemoFund, districts: list[str], today: date, now: datetime) -> FundTerms:
    return FundTerms(
        public_id=ids.public_id(),
        fund_id=fund_id,
        number=1,
        kind=MatchKind(fund.kind),
        most_pence=fund.most_pence,
        percent=fund.percent,
        base=ShareBase.TARGET,
        per_backer_pence=fund.per_backer_pence,
        crowd_percent=fund.crowd_percent,
        joint_percent=fund.joint_percent,
        pay_backers=fund.pay_backers,
        pay_percent=fund.pay_percent,
        several_gifts=fund.several_gifts,
        districts=districts,
        objectives=list(fund.objectives),
        legal_forms=[],
        allows_capital=fund.allows_capital,
        exclusions=EXCLUSIONS,
        criteria=CRITERIA,
        questions=QUESTIONS,
        agreement=AGREEMENT,
        may_exceed=fund.may_exceed,
        offer_days=28,
        call_in_days=fund.call_in_days,
        opens_on=today + timedelta(days=fund.opens_in_days),
        closes_on=today + timedelta(days=fund.closes_in_days),
        decides_on=today + timedelta(days=fund.decides_in_days),
        confidence=fund.confidence,
        from_at=now + timedelta(days=fund.opens_in_days),
        saved_at=now,
    )


def fill(session: Session, fund_id: int, part: Part, now: datetime, *, in_bank: bool) -> None:
    """Open a budget line of a fund with its money (pence); `in_bank`: the funder paid it in already."""
    names = {"source": part.source, "year": part.year}
    line = BudgetLine(public_id=ids.public_id(), fund_id=fund_id, opened_at=now, **names)
    session.add(line)
    session.flush()
    match_postings.fill_pot(Posting(session, f"budget:{line.id}:opened", SEEDER, now), fund_id, part)
    if in_bank:
        match_postings.receive_from_funder(Posting(session, f"budget:{line.id}:paid_in", SEEDER, now), fund_id, part)
