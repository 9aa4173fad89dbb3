"""A project's check with its facts, checklist and notes; and concerns as cases."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.checking.rules import ConcernOutcome, ConcernState, Finding, ItemAnswer
from crowdfund.core.db import Base, BigId, BigInt, PublicId, choice, reference_to


class Check(Base):
    """The check of one project: who does it and by when. `version` moves with every change an officer makes."""

    __tablename__ = "project_check"
    __table_args__ = (Index("ix_project_check_due", "due_at", "project_id"),)

    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True, autoincrement=False)
    officer_id: Mapped[int | None] = reference_to("person.id")
    due_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = reference_to("person.id")


class Fact(Base):
    """What an automatic check found, from which source and when."""

    __tablename__ = "check_fact"
    __table_args__ = (UniqueConstraint("project_id", "key"),)

    id: Mapped[BigId]
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"))
    key: Mapped[str] = mapped_column(String(40))
    finding: Mapped[Finding] = mapped_column(choice(Finding, "finding"))
    words: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(200))
    checked_at: Mapped[datetime]


class Item(Base):
    """A checker's answer to one point of the checklist."""

    __tablename__ = "check_item"
    __table_args__ = (UniqueConstraint("project_id", "key"),)

    id: Mapped[BigId]
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"))
    key: Mapped[str] = mapped_column(String(40))
    answer: Mapped[ItemAnswer] = mapped_column(choice(ItemAnswer, "answer"))
    note: Mapped[str] = mapped_column(Text)
    answered_by_id: Mapped[int] = reference_to("person.id")
    answered_at: Mapped[datetime]


class Note(Base):
    """A note among officers; the group never sees it."""

    __tablename__ = "check_note"

    id: Mapped[BigId]
    project_id: Mapped[int] = reference_to("project.id")
    body: Mapped[str] = mapped_column(Text)
    written_by_id: Mapped[int] = reference_to("person.id")
    written_at: Mapped[datetime]


class Concern(Base):
    """What somebody worries about in a project: a case with a clock."""

    __tablename__ = "concern"
    __table_args__ = (
        CheckConstraint(
            "state = 'open' OR (closed_at IS NOT NULL AND outcome IS NOT NULL AND length(answer) > 0)",
            name="closed_with_outcome",
        ),
        Index("ix_concern_due", "state", "due_at"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    project_id: Mapped[int] = reference_to("project.id")
    state: Mapped[ConcernState] = mapped_column(choice(ConcernState, "state"))
    body: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(String(254))
    officer_id: Mapped[int | None] = reference_to("person.id")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[ConcernOutcome | None] = mapped_column(choice(ConcernOutcome, "outcome"))
    answer: Mapped[str] = mapped_column(Text, default="")
