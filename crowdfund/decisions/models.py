"""The decision record and declarations of interest, both append-only."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigId, Pence, PublicId, Short, reference_to


class Decision(Base):
    """A recorded choice about a subject such as 'project:12', in words of its domain's rules."""

    __tablename__ = "decision"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="reasoned"),)

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    subject: Mapped[str] = mapped_column(String(40), index=True)
    outcome: Mapped[str] = mapped_column(String(40))
    criterion: Mapped[Short]
    reason: Mapped[str] = mapped_column(Text)
    authority: Mapped[Short]
    amount_pence: Mapped[Pence | None]
    decided_by_id: Mapped[int] = reference_to("person.id")
    decided_at: Mapped[datetime]
    effective_at: Mapped[datetime]  # after the call-in, where there is one
    # Of a panel's or a Cabinet Member's own record, such as 21/00055.
    reference: Mapped[str] = mapped_column(String(40), default="")


class Interest(Base):
    """An officer's declaration about a subject, made before they open it; the newest one holds."""

    __tablename__ = "interest"
    __table_args__ = (
        CheckConstraint("NOT has_interest OR length(statement) > 0", name="interest_explained"),
        Index("ix_interest_of", "person_id", "subject", "id"),
    )

    id: Mapped[BigId]
    person_id: Mapped[int] = reference_to("person.id")
    subject: Mapped[str] = mapped_column(String(40))
    has_interest: Mapped[bool]
    statement: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime]
