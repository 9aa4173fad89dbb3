"""The verdict on a project, written once, and how its settlement goes."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigInt, Pence, reference_to


class Verdict(Base):
    """Whether a project reached its target at its deadline. Written once; append-only."""

    __tablename__ = "verdict"
    __table_args__ = (CheckConstraint("reached = (pledged_pence + match_pence >= target_pence)", name="follows_sums"),)

    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True, autoincrement=False)
    reached: Mapped[bool]
    pledged_pence: Mapped[Pence]
    match_pence: Mapped[Pence]
    target_pence: Mapped[Pence]
    backers: Mapped[int]
    at: Mapped[datetime]


class Settlement(Base):
    """What happens after a verdict that the target was reached. Amounts in pence."""

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint("threshold_percent BETWEEN 1 AND 100", name="threshold_sane"),
        CheckConstraint("settled_at IS NULL OR collected_pence IS NOT NULL", name="settled_is_counted"),
        CheckConstraint("(waits_for IS NULL) = (review_on IS NULL)", name="waiting_is_reviewed"),
        CheckConstraint("waits_for IS NULL OR length(waits_for) > 0", name="waiting_is_named"),
    )

    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True, autoincrement=False)
    threshold_percent: Mapped[int]  # as it was shown before pledging
    first_attempt_at: Mapped[datetime | None]
    fix_until: Mapped[datetime | None]  # no charge is possible after this moment
    alerted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    collected_pence: Mapped[Pence | None]
    match_pence: Mapped[Pence] = mapped_column(default=0)
    # A shortfall's decision (decisions.Decision), and what a funder tops up.
    decision_id: Mapped[int | None] = reference_to("decision.id")
    top_up_pence: Mapped[Pence] = mapped_column(default=0)
    # A permission that the money waits for; on the review date without it everyone is refunded.
    waits_for: Mapped[str | None] = mapped_column(Text)
    review_on: Mapped[date | None]
