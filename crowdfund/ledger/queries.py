"""Reading the ledger: balances now, sums as at a date, and whether its books still hold."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowdfund.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from crowdfund.ledger.rules import AccountKind


def balance_pence(session: Session, kind: AccountKind, subject_id: int) -> int:
    """Return the balance now, in pence, over all sources and years; 0 where no account was opened."""
    statement = select(func.coalesce(func.sum(LedgerAccount.balance_pence), 0)).where(
        LedgerAccount.kind == kind, LedgerAccount.subject_id == subject_id
    )
    return int(session.scalar(statement) or 0)


def balance_as_at(session: Session, kind: AccountKind, subject_id: int, at: datetime) -> int:
    """Return the balance in pence as it was at `at` (UTC), from the lines."""
    statement = (
        select(func.coalesce(func.sum(LedgerLine.amount_pence), 0))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerAccount.kind == kind, LedgerAccount.subject_id == subject_id, LedgerEntry.at <= at)
    )
    return int(session.scalar(statement) or 0)


def breaches(session: Session) -> Iterator[str]:
    """Yield a sentence for every entry or account that breaks the ledger's rules."""
    unsealed = session.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.sealed.is_(False)))
    if unsealed:
        yield f"{unsealed} ledger entries are not sealed"
    entry_sums = (
        select(LedgerLine.entry_id).group_by(LedgerLine.entry_id).having(func.sum(LedgerLine.amount_pence) != 0)
    )
    for entry_id in session.scalars(entry_sums):
        yield f"ledger entry {entry_id} does not add up to nothing"
    moved = func.coalesce(func.sum(LedgerLine.amount_pence), 0)
    drift = (
        select(LedgerAccount.id, LedgerAccount.balance_pence, moved)
        .outerjoin(LedgerLine, LedgerLine.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.id, LedgerAccount.balance_pence)
        .having(LedgerAccount.balance_pence != moved)
    )
    for account, balance, total in session.execute(drift):
        yield f"ledger account {account} says {balance} pence, its lines say {total}"
    mixed = (
        select(LedgerLine.entry_id)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerEntry.book != LedgerAccount.book)
    )
    for entry_id in session.scalars(mixed):
        yield f"ledger entry {entry_id} mixes the two books"
