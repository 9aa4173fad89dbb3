"""Checkouts with the card they saved, charge attempts, refunds, disputes, reconciliation and the webhook inbox."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, Pence, PublicId, choice, reference_to
from crowdfund.payments.rules import (
    AttemptKind,
    AttemptState,
    CheckoutState,
    DifferenceKind,
    DisputeState,
    EventState,
    RefundState,
)

_UNFINISHED = text("state IN ('creating', 'open')")
_OPEN_OR_PAID = text("state NOT IN ('failed', 'cancelled')")


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


class ChargeAttempt(Base):
    """One try to charge a subject such as 'pledge:12', committed before the provider is asked."""

    __tablename__ = "charge_attempt"
    __table_args__ = (
        UniqueConstraint("subject", "number"),
        Index(
            "uq_charge_attempt_open_or_paid",
            "subject",
            unique=True,
            postgresql_where=_OPEN_OR_PAID,
            sqlite_where=_OPEN_OR_PAID,
        ),
        Index("ix_charge_attempt_sweep", "state", "created_at"),
        Index("ix_charge_attempt_about", "about", "state"),
        CheckConstraint("amount_pence > 0", name="amount_positive"),
        CheckConstraint("refunded_pence >= 0 AND refunded_pence <= amount_pence", name="refunds_within"),
        CheckConstraint("kind = 'checkout' OR payment_method_ref IS NOT NULL", name="off_session_has_card"),
        CheckConstraint(
            "state <> 'succeeded' OR (charge_ref IS NOT NULL AND fee_pence IS NOT NULL)", name="paid_is_complete"
        ),
        CheckConstraint(
            "state NOT IN ('succeeded', 'failed', 'cancelled') OR ended_at IS NOT NULL", name="ended_is_dated"
        ),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]  # part of the idempotency key, and our reference in the provider's metadata
    subject: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(40))  # what the money is for, such as 'project:3'
    number: Mapped[int]
    kind: Mapped[AttemptKind] = mapped_column(choice(AttemptKind, "kind"))
    state: Mapped[AttemptState] = mapped_column(choice(AttemptState, "state"))
    amount_pence: Mapped[Pence]
    customer_ref: Mapped[str | None] = mapped_column(String(60))
    payment_method_ref: Mapped[str | None] = mapped_column(String(60))
    intent_ref: Mapped[str | None] = mapped_column(String(60), unique=True)
    session_ref: Mapped[str | None] = mapped_column(String(100), unique=True)
    url: Mapped[str | None] = mapped_column(Text)
    charge_ref: Mapped[str | None] = mapped_column(String(60), unique=True)
    card_brand: Mapped[str | None] = mapped_column(String(20))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    card_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    fee_pence: Mapped[Pence | None]
    refunded_pence: Mapped[Pence] = mapped_column(default=0)  # asked for or given back, never what failed
    decline_code: Mapped[str | None] = mapped_column(String(60))
    may_retry: Mapped[bool] = mapped_column(default=False)  # the bank allows another try without the card's holder
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]  # nothing is tried, and no page is open, after this moment
    ended_at: Mapped[datetime | None]


class Refund(Base):
    """Money given back to the card of a charge, and to no other place."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_pence > 0", name="amount_positive"),
        CheckConstraint("length(reason) > 0", name="reasoned"),
        CheckConstraint("state <> 'succeeded' OR was_taken", name="sent_was_taken"),
        CheckConstraint("NOT was_taken OR refund_ref IS NOT NULL", name="taken_is_named"),
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> asked_by_id", name="two_people"),
        CheckConstraint(
            "state NOT IN ('succeeded', 'failed', 'rejected') OR ended_at IS NOT NULL", name="ended_is_dated"
        ),
        Index("ix_refund_sweep", "state", "created_at"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    attempt_id: Mapped[int] = reference_to("charge_attempt.id")
    amount_pence: Mapped[Pence]
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[RefundState] = mapped_column(choice(RefundState, "state"))
    refund_ref: Mapped[str | None] = mapped_column(String(60), unique=True)
    failure: Mapped[str | None] = mapped_column(String(60))
    was_taken: Mapped[bool] = mapped_column(default=False)  # money left the provider's balance; never taken back
    # Nobody: a decision (refund all) or the clock asked for it.
    asked_by_id: Mapped[int | None] = reference_to("person.id")
    approved_by_id: Mapped[int | None] = reference_to("person.id")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = reference_to("person.id")  # finance, when a failed one was made good
    settled_at: Mapped[datetime | None]
    attempt: Mapped[ChargeAttempt] = relationship(lazy="raise")


class Dispute(Base):
    """A charge disputed with the bank: the provider takes amount and fee at once and may give them back."""

    __tablename__ = "dispute"
    __table_args__ = (CheckConstraint("amount_pence > 0", name="amount_positive"), Index("ix_dispute_state", "state"))

    id: Mapped[BigId]
    dispute_ref: Mapped[str] = mapped_column(String(60), unique=True)
    attempt_id: Mapped[int] = reference_to("charge_attempt.id")
    amount_pence: Mapped[Pence]
    fee_pence: Mapped[Pence]
    reason: Mapped[str] = mapped_column(String(60))
    state: Mapped[DisputeState] = mapped_column(choice(DisputeState, "state"))
    # What was no longer held for the project when it opened: the programme's exposure.
    exposure_pence: Mapped[Pence] = mapped_column(default=0)
    evidence_due_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    attempt: Mapped[ChargeAttempt] = relationship(lazy="raise")


class BalanceLine(Base):
    """A movement of the provider's balance, as the provider reports it."""

    __tablename__ = "balance_line"
    __table_args__ = (Index("ix_balance_line_source", "source_ref"),)

    ref: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    source_ref: Mapped[str | None] = mapped_column(String(60))
    amount_pence: Mapped[Pence]
    fee_pence: Mapped[Pence]
    at: Mapped[datetime]
    matched_at: Mapped[datetime | None]  # when our books were found to hold the same


class Reconciliation(Base):
    """One comparison of our cash book with the provider, both ways, to the penny."""

    __tablename__ = "reconciliation"

    id: Mapped[BigId]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lines: Mapped[int] = mapped_column(default=0)
    provider_pence: Mapped[Pence | None]
    book_pence: Mapped[Pence | None]
    in_flight_pence: Mapped[Pence] = mapped_column(default=0)  # known to one side for less than the grace period


class Difference(Base):
    """What one reconciliation found on one side and not, or not so, on the other."""

    __tablename__ = "difference"
    __table_args__ = (CheckConstraint("expected_pence <> found_pence", name="differs"),)

    id: Mapped[BigId]
    reconciliation_id: Mapped[int] = reference_to("reconciliation.id")
    kind: Mapped[DifferenceKind] = mapped_column(choice(DifferenceKind, "kind"))
    ref: Mapped[str] = mapped_column(String(60))
    expected_pence: Mapped[Pence]
    found_pence: Mapped[Pence]
    words: Mapped[str] = mapped_column(Text)


class StripeEvent(Base):
    """A webhook that was received, stored once by the provider's id."""

    __tablename__ = "stripe_event"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    object_ref: Mapped[str] = mapped_column(String(100))
    state: Mapped[EventState] = mapped_column(choice(EventState, "state"))
    received_at: Mapped[datetime]
