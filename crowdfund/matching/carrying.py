"""The end of a financial year: what a fund has left of it goes into the next one, by a recorded decision."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.clock import LONDON
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.core.ids import public_id
from crowdfund.decisions.actions import record_decision
from crowdfund.decisions.models import Decision
from crowdfund.funds import pots
from crowdfund.funds.access import can_pay, demand
from crowdfund.funds.models import BudgetLine, Fund
from crowdfund.funds.years import may_carry, next_year
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer
from crowdfund.projects.models import Project

CARRIED, YEAR_END = "carried_forward", "year_end"
MOST_REASON = 500
NO_REASON = "Say why the money goes into the next year. The decision is recorded with it."
_SET_ASIDE = (AccountKind.MATCH_RESERVED, AccountKind.MATCH_CONFIRMED)


def carry_year(
    session: Session,
    fund_id: int,
    year: str,
    reason: str,
    authority: str,
    *,
    reference: str = "",
    actor: Actor,
    now: datetime,
) -> Decision:
    """Carry what a fund has left or set aside of a financial year into the next one, and record who decided it.

    `authority` says under what the actor decides. Raises NotFound, Forbidden for whoever may not record this
    funder's money, and Refused without a reason, before March, and when nothing is left of the year.
    """
    offers = _hold_offers(session, fund_id, year)
    fund = lock(session, Fund, fund_id)
    demand(can_pay(actor, fund.funder_id))
    if not reason.strip():
        raise Refused("reason", NO_REASON, "reason")
    if not may_carry(year, now.astimezone(LONDON).date()):
        raise Refused("early", f"What is left of {year} can be carried forward from 1 March {int(year[:4]) + 1}.")
    target = next_year(year)
    posting = Posting(session, f"fund:{fund_id}:carry:{public_id()}", actor, now)
    carried = pots.carry(posting, fund_id, offers, year, target)
    if not carried:
        raise Refused("nothing", f"Nothing is left of {year}.")
    _open_lines(session, fund_id, list(carried), target, now)
    decision = record_decision(
        session,
        f"fund:{fund_id}",
        CARRIED,
        criterion=YEAR_END,
        reason=reason.strip(),
        authority=authority,
        amount_pence=sum(carried.values()),
        reference=reference,
        actor=actor,
        now=now,
    )
    for source, pence in carried.items():
        data = {"source": source, "from_year": year, "to_year": target, "pence": pence}
        audit.record(session, Tag.BUDGET_CARRIED, actor=actor, subject_id=fund_id, now=now, **data)
    return decision


def _hold_offers(session: Session, fund_id: int, year: str) -> list[int]:
    """Lock the projects whose offers hold money of this year, in their order, and return the ids of the offers."""
    account = LedgerAccount
    found = session.execute(
        select(MatchOffer.id, MatchOffer.project_id)
        .join(account, (account.subject_id == MatchOffer.id) & account.kind.in_(_SET_ASIDE))
        .where(MatchOffer.fund_id == fund_id, account.year == year, account.balance_pence > 0)
        .distinct()
        .order_by(MatchOffer.project_id, MatchOffer.id)
    ).all()
    for project_id in sorted({project_id for _, project_id in found}):
        lock(session, Project, project_id)
    return [offer_id for offer_id, _ in found]


def _open_lines(session: Session, fund_id: int, sources: list[str], year: str, now: datetime) -> None:
    lines = select(BudgetLine.source).where(BudgetLine.fund_id == fund_id, BudgetLine.year == year)
    there = set(session.scalars(lines))
    for source in sources:
        if source not in there:
            session.add(BudgetLine(public_id=public_id(), fund_id=fund_id, source=source, year=year, opened_at=now))
    session.flush()
