"""Accounts with guarded balances, and the entries and lines that are never changed or deleted."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigId, BigInt, Pence, choice, reference_to
from crowdfund.ledger.rules import AccountKind, Book, LedgerEvent


class LedgerAccount(Base):
    """One account; a pot is tagged by source and financial year. Only a sealed entry moves its balance."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "source", "year"),
        CheckConstraint("floor_pence IS NULL OR balance_pence >= floor_pence", name="floor"),
        CheckConstraint("ceiling_pence IS NULL OR balance_pence <= ceiling_pence", name="ceiling"),
        Index("ix_ledger_account_subject", "subject_id", "kind"),
    )

    id: Mapped[BigId]
    book: Mapped[Book] = mapped_column(choice(Book, "book"))
    kind: Mapped[AccountKind] = mapped_column(choice(AccountKind, "kind"))
    subject_id: Mapped[int]
    source: Mapped[str] = mapped_column(String(40), default="")
    year: Mapped[str] = mapped_column(String(9), default="")
    # Accounts are locked in the order (lock_rank, id): a fund's pot comes last, so it is held briefly.
    lock_rank: Mapped[int] = mapped_column(default=0)
    floor_pence: Mapped[Pence | None]
    ceiling_pence: Mapped[Pence | None]
    balance_pence: Mapped[Pence] = mapped_column(default=0)


class LedgerEntry(Base):
    """One business event. Lines are added while it is unsealed; sealing checks them and moves balances."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("key"), UniqueConstraint("reverses_id"))

    id: Mapped[BigId]
    book: Mapped[Book] = mapped_column(choice(Book, "book"))
    event: Mapped[LedgerEvent] = mapped_column(choice(LedgerEvent, "event"))
    key: Mapped[str] = mapped_column(String(120))
    actor: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    reverses_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("ledger_entry.id"))
    sealed: Mapped[bool] = mapped_column(default=False)


class LedgerLine(Base):
    """One side of an entry; the lines of an entry add up to nothing."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        UniqueConstraint("entry_id", "account_id"),
        CheckConstraint("amount_pence <> 0", name="not_zero"),
    )

    id: Mapped[BigId]
    entry_id: Mapped[int] = mapped_column(BigInt, ForeignKey("ledger_entry.id"))
    account_id: Mapped[int] = reference_to("ledger_account.id")
    amount_pence: Mapped[Pence]
