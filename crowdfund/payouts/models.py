"""Bank details, payouts and the files that carry them to the bank."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, Pence, PublicId, Short, choice, reference_to
from crowdfund.payouts.rules import PayoutState

_CURRENT = text("ended_at IS NULL")


class BankDetails(Base):
    """Where a payee such as 'group:4' or 'host:2' is paid. A change is a new row; old ones are kept."""

    __tablename__ = "bank_details"
    __table_args__ = (
        Index("uq_bank_details_current", "payee", unique=True, postgresql_where=_CURRENT, sqlite_where=_CURRENT),
        CheckConstraint("length(account_end) = 4", name="masked"),
    )

    id: Mapped[BigId]
    payee: Mapped[str] = mapped_column(String(40), index=True)
    sealed: Mapped[str] = mapped_column(Text)  # name, sort code and account number, encrypted
    account_end: Mapped[str] = mapped_column(String(4))
    account_name: Mapped[Short]
    given_by_id: Mapped[int] = reference_to("person.id")
    given_at: Mapped[datetime]
    held_until: Mapped[datetime]
    called_by_id: Mapped[int | None] = reference_to("person.id")  # who called back on a number held before
    called_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class PaymentFile(Base):
    """A file of payouts for the bank, kept as it was given out."""

    __tablename__ = "payment_file"

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    number: Mapped[int] = mapped_column(unique=True)
    made_by_id: Mapped[int] = reference_to("person.id")
    made_at: Mapped[datetime]
    payouts: Mapped[int]
    total_pence: Mapped[Pence]
    checksum: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)  # encrypted, as the bank details in it are


class Payout(Base):
    """Money on its way to a payee for one purpose such as 'project:3'."""

    __tablename__ = "payout"
    __table_args__ = (
        UniqueConstraint("purpose", "number"),
        Index("ix_payout_state", "state", "id"),
        CheckConstraint("amount_pence > 0", name="amount_positive"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> prepared_by_id", name="two_people"),
        CheckConstraint("state IN ('prepared', 'rejected') OR approved_by_id IS NOT NULL", name="approved_by_somebody"),
        CheckConstraint("state NOT IN ('sent', 'confirmed', 'returned') OR file_id IS NOT NULL", name="sent_in_a_file"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    reference: Mapped[str] = mapped_column(String(18), unique=True)  # what the payee reads on the bank statement
    purpose: Mapped[str] = mapped_column(String(40), index=True)
    number: Mapped[int]
    payee: Mapped[str] = mapped_column(String(40))
    bank_details_id: Mapped[int] = reference_to("bank_details.id")
    amount_pence: Mapped[Pence]
    state: Mapped[PayoutState] = mapped_column(choice(PayoutState, "state"))
    prepared_by_id: Mapped[int] = reference_to("person.id")
    prepared_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = reference_to("person.id")
    approved_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = reference_to("payment_file.id")
    ended_at: Mapped[datetime | None]
    bank_reference: Mapped[str | None] = mapped_column(String(60))
    reason: Mapped[str | None] = mapped_column(Text)  # why it was rejected or came back
    details: Mapped[BankDetails] = relationship(lazy="raise")
    file: Mapped[PaymentFile | None] = relationship(lazy="raise")
