"""Match offers from the pitch to the payment, and their assessments."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, Pence, PublicId, Short, choice, reference_to
from crowdfund.funds.models import Fund, FundTerms
from crowdfund.matching.rules import COMMITTED, STANDING, Limit, OfferState, Recommendation
from crowdfund.projects.models import Project

_STANDING = text(f"state IN ({', '.join(repr(state.value) for state in STANDING)})")
_COMMITTED = ", ".join(repr(state.value) for state in COMMITTED)


class MatchOffer(Base):
    """A funder's conditional pledge to one project from one fund, under the terms that held when it was asked for."""

    __tablename__ = "match_offer"
    __table_args__ = (
        CheckConstraint("asked_pence > 0", name="asked_positive"),
        CheckConstraint("offered_pence IS NULL OR offered_pence > 0", name="offered_positive"),
        CheckConstraint(
            "state NOT IN ('offered', 'accepted', 'confirmed', 'payable', 'paid')"
            " OR (offered_pence IS NOT NULL AND decision_id IS NOT NULL AND expires_at IS NOT NULL)",
            name="offered_is_decided",
        ),
        CheckConstraint(
            f"state NOT IN ({_COMMITTED}) OR (accepted_at IS NOT NULL AND length(subsidy_words) > 0)",
            name="accepted_is_signed",
        ),
        CheckConstraint(
            "state NOT IN ('confirmed', 'payable', 'paid') OR confirmed_pence IS NOT NULL", name="confirmed_is_counted"
        ),
        CheckConstraint("confirmed_pence IS NULL OR confirmed_pence <= offered_pence", name="never_above_offer"),
        CheckConstraint("counted_pence BETWEEN 0 AND coalesce(offered_pence, 0)", name="counted_within"),
        CheckConstraint("state <> 'paid' OR paid_at IS NOT NULL", name="paid_is_dated"),
        CheckConstraint("NOT exceeds OR length(exceeds_because) > 0", name="exceeding_is_explained"),
        Index(
            "uq_match_offer_standing",
            "project_id",
            "fund_id",
            unique=True,
            postgresql_where=_STANDING,
            sqlite_where=_STANDING,
        ),
        Index("ix_match_offer_desk", "fund_id", "state", "pitched_at", "id"),
        Index("ix_match_offer_expiry", "state", "expires_at"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    project_id: Mapped[int] = reference_to("project.id")
    fund_id: Mapped[int] = reference_to("fund.id")
    terms_id: Mapped[int] = reference_to("fund_terms.id")
    state: Mapped[OfferState] = mapped_column(choice(OfferState, "state"))
    version: Mapped[int] = mapped_column(default=0)  # moves with every change
    asked_pence: Mapped[Pence]
    why: Mapped[str] = mapped_column(Text)  # in the group's words
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)  # to the fund's own questions, by their keys
    pitched_by_id: Mapped[int] = reference_to("person.id")
    pitched_at: Mapped[datetime]
    taken_by_id: Mapped[int | None] = reference_to("person.id")  # the assessor who took it
    # Above the terms' limits, where policy allows it.
    exceeds: Mapped[bool] = mapped_column(default=False)
    exceeds_because: Mapped[str] = mapped_column(Text, default="")
    decided_by_id: Mapped[int | None] = reference_to("person.id")
    decision_id: Mapped[int | None] = reference_to("decision.id")
    decided_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]  # the end of the call-in: the offer goes out then
    member_told_on: Mapped[date | None]
    offered_pence: Mapped[Pence | None]
    conditions: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = reference_to("person.id")
    accepted_at: Mapped[datetime | None]
    subsidy_words: Mapped[str] = mapped_column(Text, default="")  # what the group confirmed about subsidies
    # What an accepted offer comes to with the crowd as it is, and what ends it there: one figure for every page.
    counted_pence: Mapped[Pence] = mapped_column(default=0)
    counted_limit: Mapped[Limit] = mapped_column(choice(Limit, "counted_limit"), default=Limit.CROWD)
    confirmed_pence: Mapped[Pence | None]
    confirmed_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    paid_evidence: Mapped[Short] = mapped_column(default="")  # of a funder that pays direct
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")
    project: Mapped[Project] = relationship(lazy="raise")
    fund: Mapped[Fund] = relationship(lazy="raise")
    terms: Mapped[FundTerms] = relationship(lazy="raise")

    @property
    def subject(self) -> str:
        """How decisions name this offer."""
        return f"offer:{self.id}"


class Assessment(Base):
    """One officer's assessment of an offer against the fund's criteria. Append-only; a newer one stands beside it."""

    __tablename__ = "match_assessment"
    __table_args__ = (
        CheckConstraint("length(reason) > 0", name="reasoned"),
        CheckConstraint("(recommended_pence IS NULL) = (recommendation IN ('defer', 'decline'))", name="sum_given"),
        UniqueConstraint("offer_id", "number"),
    )

    id: Mapped[BigId]
    offer_id: Mapped[int] = reference_to("match_offer.id")
    number: Mapped[int]
    assessor_id: Mapped[int] = reference_to("person.id")
    findings: Mapped[dict[str, Any]] = mapped_column(JSON)  # by criterion: {"met": "yes|partly|no", "note"}
    recommendation: Mapped[Recommendation] = mapped_column(choice(Recommendation, "recommendation"))
    recommended_pence: Mapped[Pence | None]
    reason: Mapped[str] = mapped_column(Text)
    assessed_at: Mapped[datetime]


class PitchDraft(Base):
    """What a group is writing to several funds at once; gone when it is sent. Sums and answers by the fund's id."""

    __tablename__ = "match_pitch"

    id: Mapped[BigId]
    project_id: Mapped[int] = reference_to("project.id", unique=True)
    version: Mapped[int] = mapped_column(default=0)  # moves with every change
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)  # each chosen fund, and the sum in pence where it was given
    why: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_by_id: Mapped[int] = reference_to("person.id")
    saved_at: Mapped[datetime]
