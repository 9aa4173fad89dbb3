"""Projects with money to pay out, for finance's list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from crowdfund.groups.models import Host
from crowdfund.groups.rules import HostState
from crowdfund.ledger.models import LedgerAccount
from crowdfund.ledger.rules import AccountKind
from crowdfund.payouts.models import BankDetails
from crowdfund.projects.models import Project
from crowdfund.settlement.paying import PAYING, payee_of

_HELD = (LedgerAccount.kind == AccountKind.HELD, LedgerAccount.subject_id == Project.id)


@dataclass(frozen=True)
class Row:
    """A project whose money is held. Pence."""

    project: Project
    payee_name: str
    held_pence: int
    details: BankDetails | None


def count_payable(session: Session) -> int:
    """Return how many projects may be paid and have money held."""
    return int(session.scalar(_payable(select(func.count(Project.id)))) or 0)


def list_payable(session: Session, *, offset: int, limit: int) -> list[Row]:
    """Return projects that may be paid and have money held, those waiting longest first, in three queries."""
    whole = _payable(select(Project, LedgerAccount.balance_pence)).options(joinedload(Project.group))
    found = session.execute(whole.order_by(Project.deadline, Project.id).offset(offset).limit(limit)).all()
    hosts = _hosts(session, [project.group_id for project, _ in found])
    payees = {project.id: payee_of(project.group, hosts.get(project.group_id)) for project, _ in found}
    details = _details(session, [payee for payee in payees.values() if payee])
    rows = []
    for project, held in found:
        host = hosts.get(project.group_id)
        known = details.get(payees[project.id] or "")
        rows.append(Row(project, host.name if host else project.group.name, held, known))
    return rows


def _payable(statement: Any) -> Any:
    joined = statement.select_from(Project).join(LedgerAccount, _HELD[0] & _HELD[1])
    return joined.where(Project.state.in_(sorted(PAYING)), LedgerAccount.balance_pence > 0)


def _hosts(session: Session, group_ids: Sequence[int]) -> dict[int, Host]:
    agreed = select(Host).where(Host.group_id.in_(group_ids), Host.state == HostState.ACCEPTED)
    return {host.group_id: host for host in session.scalars(agreed)}


def _details(session: Session, payees: Sequence[str]) -> dict[str, BankDetails]:
    current = select(BankDetails).where(BankDetails.payee.in_(payees), BankDetails.ended_at.is_(None))
    return {row.payee: row for row in session.scalars(current)}
