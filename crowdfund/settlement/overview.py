"""Reading how settlements stand: the officers' list, one project's sums, and what is promised but not there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.core.errors import NotFound
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.rules import AccountKind
from crowdfund.matching.settling import match_held_pence
from crowdfund.payments.models import ChargeAttempt
from crowdfund.payments.rules import AttemptState
from crowdfund.pledges.models import Pledge
from crowdfund.pledges.rules import PledgeState
from crowdfund.projects.models import Project
from crowdfund.projects.rules import ProjectState
from crowdfund.settlement.models import Settlement, Verdict

_P, _S = PledgeState, ProjectState
NOTHING = (0, 0)


@dataclass(frozen=True)
class Sums:
    """What became of a project's promises. Pence."""

    target_pence: int
    promised_pence: int
    threshold_percent: int
    match_pence: int
    match_held_pence: int
    top_up_pence: int
    by_state: Mapping[PledgeState, tuple[int, int]]  # how many, and pence
    fees_pence: int
    held_pence: int
    owed_back_pence: int

    def count(self, *states: PledgeState) -> int:
        """Return how many pledges are in these states."""
        return sum(self.by_state.get(state, NOTHING)[0] for state in states)

    def pence(self, *states: PledgeState) -> int:
        """Return what the pledges in these states add up to."""
        return sum(self.by_state.get(state, NOTHING)[1] for state in states)

    @property
    def collected_pence(self) -> int:
        """What was paid and not given back."""
        return self.pence(_P.PAID)

    @property
    def coming(self) -> tuple[int, int]:
        """Pledges whose cards are charged or asked about: how many, and pence."""
        return self.count(_P.COLLECTING, _P.FIXING), self.pence(_P.COLLECTING, _P.FIXING)

    @property
    def lapsed(self) -> tuple[int, int]:
        """Pledges that could not be collected: how many, and pence."""
        return self.count(_P.LAPSED), self.pence(_P.LAPSED)

    @property
    def enough_pence(self) -> int:
        """The smallest sum with which the project is funded: the threshold's share of its target."""
        return -(-self.target_pence * self.threshold_percent // 100)

    @property
    def missing_pence(self) -> int:
        """What is not there of the whole target, never below nothing."""
        return max(0, self.target_pence - self.there_pence)

    @property
    def there_pence(self) -> int:
        """What is there for the group: held, and match that is due and not held yet."""
        return self.held_pence + self.match_pence - self.match_held_pence


def read_sums(session: Session, project_id: int) -> Sums:
    """Return what became of a project's promises, in three queries. Raises NotFound before its target was reached."""
    found = session.execute(
        select(Verdict, Settlement)
        .join(Settlement, Settlement.project_id == Verdict.project_id)
        .where(Verdict.project_id == project_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound(f"settlement {project_id}")
    verdict, settlement = found
    counted = select(Pledge.state, func.count(), func.sum(Pledge.amount_pence)).where(Pledge.project_id == project_id)
    by_state = {state: (number, int(pence)) for state, number, pence in session.execute(counted.group_by(Pledge.state))}
    money = (AccountKind.HELD, AccountKind.OWED_BACK)
    accounts = select(LedgerAccount.kind, LedgerAccount.balance_pence).where(
        LedgerAccount.kind.in_(money), LedgerAccount.subject_id == project_id
    )
    balances = {kind: int(pence) for kind, pence in session.execute(accounts)}
    fees = select(func.coalesce(func.sum(ChargeAttempt.fee_pence), 0)).where(
        ChargeAttempt.about == f"project:{project_id}", ChargeAttempt.state == AttemptState.SUCCEEDED
    )
    return Sums(
        target_pence=verdict.target_pence,
        promised_pence=verdict.pledged_pence,
        threshold_percent=settlement.threshold_percent,
        match_pence=settlement.match_pence,
        match_held_pence=match_held_pence(session, project_id) if settlement.match_pence else 0,
        top_up_pence=settlement.top_up_pence,
        by_state=by_state,
        fees_pence=int(session.scalar(fees) or 0),
        held_pence=balances.get(AccountKind.HELD, 0),
        owed_back_pence=balances.get(AccountKind.OWED_BACK, 0),
    )


@dataclass(frozen=True)
class Row:
    """A line of the officers' list."""

    project: Project
    settlement: Settlement | None  # None: paused past its deadline, so not judged yet


# What needs an officer first, then what runs by itself, then what is over.
_ORDER = {_S.SHORTFALL: 0, _S.PAUSED: 1, _S.RING_FENCED: 2, _S.REFUNDING: 3, _S.COLLECTING: 4}
SHOWN: dict[str, tuple[ProjectState, ...]] = {
    "open": (_S.SHORTFALL, _S.PAUSED, _S.RING_FENCED, _S.REFUNDING, _S.COLLECTING),
    "overdue": (_S.COLLECTING, _S.SHORTFALL),
    "settled": (_S.FUNDED, _S.DELIVERING, _S.COMPLETED, _S.REFUNDED),
}


def count_rows(session: Session, show: str, now: datetime) -> int:
    """Return how many projects a part of the list has."""
    counted = select(func.count(Project.id)).outerjoin(Settlement, Settlement.project_id == Project.id)
    return int(session.scalar(counted.where(_belongs(show, now))) or 0)


def list_rows(session: Session, show: str, now: datetime, *, offset: int, limit: int) -> list[Row]:
    """Return a part of the list: what needs an officer first, then by deadline."""
    rank = case(*((Project.state == state, rank) for state, rank in _ORDER.items()), else_=len(_ORDER))
    rows = (
        select(Project, Settlement)
        .outerjoin(Settlement, Settlement.project_id == Project.id)
        .options(joinedload(Project.group))
        .where(_belongs(show, now))
        .order_by(rank, Project.deadline.desc() if show == "settled" else Project.deadline, Project.id)
    )
    return [Row(*found) for found in session.execute(rows.offset(offset).limit(limit))]


def _belongs(show: str, now: datetime) -> ColumnElement[bool]:
    of_state = Project.state.in_(SHOWN[show])
    if show == "overdue":
        return and_(of_state, Settlement.alerted_at.is_not(None))
    late = or_(Project.state != _S.PAUSED, Project.deadline <= now)
    return and_(of_state, late, or_(Settlement.project_id.is_not(None), Project.state == _S.PAUSED))
