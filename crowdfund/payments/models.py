"""Checkouts with the card they saved, and the inbox of webhooks."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigId, PublicId, choice
from crowdfund.payments.rules import CheckoutState, EventState

_UNFINISHED = text("state IN ('creating', 'open')")


class CardCheckout(Base):
    """A card being saved for one subject, such as 'pledge:12'. The card itself stays with the provider."""

    __tablename__ = "card_checkout"
    __table_args__ = (
        Index(
            "uq_card_checkout_unfinished",
            "subject",
            unique=True,
            postgresql_where=_UNFINISHED,
            sqlite_where=_UNFINISHED,
        ),
        Index("ix_card_checkout_sweep", "state", "created_at"),
        CheckConstraint("state <> 'complete' OR payment_method_ref IS NOT NULL", name="complete_has_card"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    subject: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[CheckoutState] = mapped_column(choice(CheckoutState, "state"))
    session_ref: Mapped[str | None] = mapped_column(String(100), unique=True)
    url: Mapped[str | None] = mapped_column(Text)
    customer_ref: Mapped[str | None] = mapped_column(String(60))
    payment_method_ref: Mapped[str | None] = mapped_column(String(60))
    card_brand: Mapped[str | None] = mapped_column(String(20))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    card_exp_month: Mapped[int | None]
    card_exp_year: Mapped[int | None]
    # A keyed hash of the provider's fingerprint: tells the same card apart, reveals nothing.
    card_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class StripeEvent(Base):
    """A webhook that was received, stored once by the provider's id."""

    __tablename__ = "stripe_event"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    object_ref: Mapped[str] = mapped_column(String(100))
    state: Mapped[EventState] = mapped_column(choice(EventState, "state"))
    received_at: Mapped[datetime]
