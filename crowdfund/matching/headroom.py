"""How the money of funds stands, by source and year: what was promised, and what lies in the bank. A few statements."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from crowdfund.funds.holders import HOLDERS
from crowdfund.funds.models import Fund
from crowdfund.funds.rules import Headroom, headroom_of
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.models import MatchOffer

_K = AccountKind
_OF_FUNDS = (_K.FUNDER, _K.POT_AVAILABLE, _K.POT_CASH)
_OF_OFFERS = (_K.MATCH_RESERVED, _K.MATCH_CONFIRMED, _K.MATCH_PAID)


@dataclass(frozen=True)
class LineStanding:
    """How one source of one financial year stands. Pence."""

    source: str
    year: str
    headroom: Headroom
    cash_pence: int  # in the programme's bank


@dataclass(frozen=True)
class Standing:
    """How a fund's money stands now, as a whole and line by line. Pence."""

    fund_id: int
    headroom: Headroom
    cash_pence: int = 0  # in the programme's bank
    lines: list[LineStanding] = field(default_factory=list)

    @property
    def paid_in_pence(self) -> int:
        """What the funder paid in so far: what is still in the bank, and what went on to projects from there."""
        return self.cash_pence + self.headroom.paid_pence

    @property
    def to_come_pence(self) -> int:
        """What is promised to projects and not in the bank yet."""
        return max(0, self.headroom.reserved_pence + self.headroom.confirmed_pence - self.cash_pence)

    @property
    def token(self) -> str:
        """What changes with any of the figures."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def headrooms(session: Session, fund_ids: Collection[int]) -> dict[int, Standing]:
    """Return how each of these funds stands, in one statement."""
    account = LedgerAccount
    columns = (account.kind, account.source, account.year, account.balance_pence)
    own = select(account.subject_id.label("fund_id"), *columns).where(
        account.kind.in_(_OF_FUNDS), account.subject_id.in_(list(fund_ids))
    )
    offers = (
        select(MatchOffer.fund_id, *columns)
        .join(MatchOffer, MatchOffer.id == account.subject_id)
        .where(account.kind.in_(_OF_OFFERS), MatchOffer.fund_id.in_(list(fund_ids)))
    )
    sums: dict[int, dict[tuple[str, str], dict[str, int]]] = {fund_id: {} for fund_id in fund_ids}
    others = [
        select(fund, *columns)
        .join(subject.class_, subject == account.subject_id)
        .where(account.kind == held, fund.in_(list(fund_ids)))
        for held, (subject, fund) in HOLDERS.items()
    ]
    for fund_id, kind, source, year, pence in session.execute(union_all(own, offers, *others)):
        of_line = sums[fund_id].setdefault((year, source), {})
        of_line[kind] = of_line.get(kind, 0) + int(pence)
    return {fund_id: _standing(fund_id, found) for fund_id, found in sums.items()}


def headroom_of_fund(session: Session, fund_id: int) -> Standing:
    """Return how one fund stands, in one statement."""
    return headrooms(session, [fund_id])[fund_id]


def headroom_shown(session: Session, fund: Fund) -> tuple[Fund, Standing]:
    """Return what the panel with a fund's headroom shows: the fund and how it stands."""
    return fund, headroom_of_fund(session, fund.id)


def _standing(fund_id: int, found: dict[tuple[str, str], dict[str, int]]) -> Standing:
    total: dict[str, int] = {}
    for line in found.values():
        for kind, pence in line.items():
            total[kind] = total.get(kind, 0) + pence
    lines = [
        LineStanding(source, year, _headroom(sums), sums.get(_K.POT_CASH.value, 0))
        for (year, source), sums in sorted(found.items())
        if source
    ]
    return Standing(fund_id, headroom_of(total), total.get(_K.POT_CASH.value, 0), lines)


def _headroom(sums: dict[str, int]) -> Headroom:
    """Return the headroom of a line: the funder's account knows no sources, so its budget is the sum of the rest."""
    rest = sum(pence for kind, pence in sums.items() if kind != _K.POT_CASH.value)
    return headroom_of({**sums, "funder": -rest})
