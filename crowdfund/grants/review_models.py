"""A group's request to look at a decision again, and what came of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigId, reference_to


class GrantReview(Base):
    """What a group says against a decision, and the answer of somebody who had no part in it."""

    __tablename__ = "grant_review"
    __table_args__ = (
        CheckConstraint("length(words) > 0", name="has_words"),
        CheckConstraint(
            "(answered_at IS NULL) = (is_upheld IS NULL) AND (answered_at IS NULL) = (length(answer) = 0)"
            " AND (answered_at IS NULL) = (answered_by_id IS NULL)",
            name="answer_whole",
        ),
    )

    id: Mapped[BigId]
    application_id: Mapped[int] = reference_to("grant_application.id", unique=True)
    words: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int] = reference_to("person.id")
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    is_upheld: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = reference_to("person.id")
    answered_at: Mapped[datetime | None]
