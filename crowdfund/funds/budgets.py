"""A fund's budget by source and financial year, and the money its funder paid in. Amounts are pence."""

import re
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.core import audit
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import NotFound, Refused
from crowdfund.core.ids import public_id
from crowdfund.core.money import pounds
from crowdfund.funds.access import can_pay, demand
from crowdfund.funds.models import BudgetLine, Fund
from crowdfund.funds.pots import parts_of
from crowdfund.funds.rules import financial_year
from crowdfund.ledger import match_postings
from crowdfund.ledger.match_postings import Part
from crowdfund.ledger.models import LedgerEntry
from crowdfund.ledger.postings import Posting
from crowdfund.ledger.rules import AccountKind

MOST_SOURCE, MOST_REFERENCE = 40, 40
MOST_PENCE = 100_000_000_00
DIRECT = "This funder pays groups itself, so none of its money comes into the programme’s bank."
_ONCE = re.compile(r"[a-z0-9]{26}")


def years_from(today: date) -> list[str]:
    """Return the financial years that a budget line can be opened for: the last one to two years ahead."""
    begins = int(financial_year(today)[:4])
    return [financial_year(date(year, 4, 1)) for year in range(begins - 1, begins + 3)]


def open_line(
    session: Session, fund_id: int, source: str, year: str, pence: int, *, actor: Actor, now: datetime
) -> BudgetLine:
    """Add a budget line of a source and financial year with its money.

    Raises NotFound, Forbidden for whoever may not record this funder's money, and Refused for a source and year
    that have a line already, an empty name or no amount.
    """
    fund = lock(session, Fund, fund_id)
    demand(can_pay(actor, fund.funder_id))
    name = " ".join(source.split())
    if not name or len(name) > MOST_SOURCE:
        raise Refused("source", f"Enter where the money comes from, in up to {MOST_SOURCE} characters.", "source")
    _demand_sum(pence)
    there = session.scalars(select(BudgetLine).where(BudgetLine.fund_id == fund_id)).all()
    if any(line.source.casefold() == name.casefold() and line.year == year for line in there):
        raise Refused("there", f"There is a line for {name} in {year} already: raise that one.", "source")
    line = BudgetLine(public_id=public_id(), fund_id=fund_id, source=name, year=year, opened_at=now)
    session.add(line)
    session.flush()
    posting = Posting(session, f"budget:{line.id}:opened", actor, now)
    match_postings.fill_pot(posting, fund_id, Part(name, year, pence))
    _audit(session, line, pence, actor, now)
    return line


def change_line(session: Session, line_id: int, pence: int, once: str, *, actor: Actor, now: datetime) -> None:
    """Raise a budget line by `pence`, or lower it by a negative amount; what is promised to projects stays.

    `once` names the page it was sent from, so that pressing a button twice changes it once. Raises NotFound,
    Forbidden, and Refused when less than that is left.
    """
    line = _lock_line(session, line_id)
    demand(can_pay(actor, lock(session, Fund, line.fund_id).funder_id))
    _demand_sum(abs(pence))
    key = f"budget:{line.id}:{once if _ONCE.fullmatch(once) else public_id()}"
    if _is_posted(session, key):
        return
    left = _left(session, line)
    if left + pence < 0:
        raise Refused("balance_guard", _too_much(line, left), "amount")
    match_postings.fill_pot(Posting(session, key, actor, now), line.fund_id, Part(line.source, line.year, pence))
    _audit(session, line, pence, actor, now)


def receive_money(session: Session, line_id: int, pence: int, reference: str, *, actor: Actor, now: datetime) -> None:
    """Post that a funder's money for a budget line arrived in the programme's bank, under the bank's reference.

    Raises NotFound, Forbidden, and Refused for a reference that is posted already, no reference, or a funder that
    pays groups direct.
    """
    line = _lock_line(session, line_id)
    fund = lock(session, Fund, line.fund_id)
    demand(can_pay(actor, fund.funder_id))
    if fund.pays_direct:
        raise Refused("direct", DIRECT)
    _demand_sum(pence)
    plain = " ".join(reference.split()).upper()
    if not plain or len(plain) > MOST_REFERENCE:
        raise Refused("reference", f"Enter the bank’s reference, in up to {MOST_REFERENCE} characters.", "reference")
    key = f"fund:{fund.id}:paid_in:{line.id}:{plain}"
    if _is_posted(session, key):
        raise Refused("posted", f"Money under the reference {plain} is posted for this line already.", "reference")
    part = Part(line.source, line.year, pence)
    match_postings.receive_from_funder(Posting(session, key, actor, now), fund.id, part)
    data = {"source": line.source, "year": line.year, "pence": pence}
    audit.record(session, Tag.FUND_MONEY_CAME, actor=actor, subject_id=fund.id, now=now, **data)


def _lock_line(session: Session, line_id: int) -> BudgetLine:
    line = session.get(BudgetLine, line_id)
    if line is None:
        raise NotFound(f"budget line {line_id}")
    return line


def _left(session: Session, line: BudgetLine) -> int:
    parts = parts_of(session, AccountKind.POT_AVAILABLE, line.fund_id)
    return sum(part.pence for part in parts if (part.source, part.year) == (line.source, line.year))


def _too_much(line: BudgetLine, left: int) -> str:
    if not left:
        return f"Nothing of {line.source} in {line.year} is left, so it cannot be lowered."
    return f"Only {pounds(left)} of {line.source} in {line.year} is left; the rest is promised to projects."


def _is_posted(session: Session, key: str) -> bool:
    return session.scalar(select(LedgerEntry.id).where(LedgerEntry.key == key)) is not None


def _demand_sum(pence: int) -> None:
    if not 0 < pence <= MOST_PENCE:
        raise Refused("amount", f"Enter an amount above £0 and up to {pounds(MOST_PENCE)}.", "amount")


def _audit(session: Session, line: BudgetLine, pence: int, actor: Actor, now: datetime) -> None:
    data = {"source": line.source, "year": line.year, "pence": pence}
    audit.record(session, Tag.BUDGET_CHANGED, actor=actor, subject_id=line.fund_id, now=now, **data)
