"""What a panel has in mind for each application, and the meeting whose minutes made it hold."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigId, Pence, PublicId, choice, reference_to
from crowdfund.grants.rules import Outcome


class GrantPanel(Base):
    """A confirmed meeting about a round: what it agreed on is decided one by one from then on."""

    __tablename__ = "grant_panel"
    __table_args__ = (CheckConstraint("length(minutes) > 0", name="has_minutes"),)

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    round_id: Mapped[int] = reference_to("grant_round.id")
    reference: Mapped[str] = mapped_column(String(40))
    minutes: Mapped[str] = mapped_column(Text)
    confirmed_by_id: Mapped[int] = reference_to("person.id")
    confirmed_at: Mapped[datetime]


class GrantPlacing(Base):
    """Where an application lies on the board of its round; once a panel confirmed it, it is decided like that."""

    __tablename__ = "grant_placing"
    __table_args__ = (
        CheckConstraint("(pence IS NULL) = (outcome IN ('defer', 'decline', 'ineligible'))", name="sum_given"),
        CheckConstraint("pence IS NULL OR pence > 0", name="sum_positive"),
        CheckConstraint("done_at IS NULL OR panel_id IS NOT NULL", name="done_is_confirmed"),
    )

    id: Mapped[BigId]
    application_id: Mapped[int] = reference_to("grant_application.id", unique=True)
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"))
    pence: Mapped[Pence | None]
    criterion: Mapped[str] = mapped_column(String(30), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    placed_by_id: Mapped[int] = reference_to("person.id")
    placed_at: Mapped[datetime]
    panel_id: Mapped[int | None] = reference_to("grant_panel.id")
    done_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(Text, default="")  # why it could not be decided
