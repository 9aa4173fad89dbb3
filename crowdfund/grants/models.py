"""Grant rounds with their published versions, applications with their answers, assessments and officers' questions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, Pence, PublicId, Short, choice, reference_to
from crowdfund.decisions.models import Decision
from crowdfund.funds.models import Fund
from crowdfund.grants.rules import ApplicationState, Outcome, RoundState
from crowdfund.groups.models import Group

_STANDING = text("state <> 'withdrawn'")
_HELD = text("given_back_at IS NULL")


class GrantRound(Base):
    """A dated opening of a fund for applications. `plan_number` is its newest published version, 0 before."""

    __tablename__ = "grant_round"
    __table_args__ = (
        Index("ix_grant_round_state", "state", "opens_at", "id"),
        CheckConstraint("budget_pence > 0", name="budget_positive"),
        CheckConstraint("opens_at < closes_at", name="dates_in_order"),
        CheckConstraint("state = 'draft' OR plan_number > 0", name="published_has_plan"),
        CheckConstraint("unsealed_at IS NULL OR length(unsealed_reason) > 0", name="unsealing_is_explained"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    fund_id: Mapped[int] = reference_to("fund.id")
    title: Mapped[Short]
    state: Mapped[RoundState] = mapped_column(choice(RoundState, "state"))
    version: Mapped[int] = mapped_column(default=0)  # moves with every change
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    decides_on: Mapped[date]
    budget_pence: Mapped[Pence]
    draft: Mapped[dict[str, Any]] = mapped_column(JSON)  # the next version of the plan while it is written
    plan_number: Mapped[int] = mapped_column(default=0)
    started_by_id: Mapped[int] = reference_to("person.id")
    started_at: Mapped[datetime]
    # Applications are sealed until the round closes; who opened them early, when and why.
    unsealed_by_id: Mapped[int | None] = reference_to("person.id")
    unsealed_at: Mapped[datetime | None]
    unsealed_reason: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]
    fund: Mapped[Fund] = relationship(lazy="raise")


class GrantPlan(Base):
    """One published version of a round, see plans.Plan. Append-only."""

    __tablename__ = "grant_plan"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    id: Mapped[BigId]
    round_id: Mapped[int] = reference_to("grant_round.id")
    number: Mapped[int]
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_by_id: Mapped[int] = reference_to("person.id")
    published_at: Mapped[datetime]


class GrantApplication(Base):
    """What a group asks of a round, under the version of it that stood when it began."""

    __tablename__ = "grant_application"
    __table_args__ = (
        Index(
            "uq_grant_application_standing",
            "round_id",
            "group_id",
            unique=True,
            postgresql_where=_STANDING,
            sqlite_where=_STANDING,
        ),
        Index("ix_grant_application_desk", "round_id", "state", "submitted_at", "id"),
        Index("ix_grant_application_expiry", "state", "expires_at"),
        CheckConstraint("asked_pence IS NULL OR asked_pence > 0", name="asked_positive"),
        CheckConstraint(
            "state IN ('draft', 'withdrawn') OR (asked_pence IS NOT NULL AND length(tier) > 0"
            " AND declared_by_id IS NOT NULL AND submitted_at IS NOT NULL)",
            name="sent_is_whole",
        ),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> declared_by_id", name="confirmed_apart"),
        CheckConstraint("countersigned_by_id IS NULL OR countersigned_by_id <> signed_by_id", name="signed_apart"),
        CheckConstraint("awarded_pence IS NULL OR awarded_pence BETWEEN 1 AND asked_pence", name="never_above_asked"),
        CheckConstraint(
            "state NOT IN ('awarded', 'awarded_up_to', 'offered', 'accepted')"
            " OR (awarded_pence IS NOT NULL AND decision_id IS NOT NULL)",
            name="award_is_decided",
        ),
        CheckConstraint("state <> 'offered' OR expires_at IS NOT NULL", name="offer_runs_out"),
        CheckConstraint(
            "state <> 'accepted' OR (accepted_at IS NOT NULL AND length(subsidy_words) > 0)", name="accepted_is_signed"
        ),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    reference: Mapped[str] = mapped_column(String(18), unique=True)
    round_id: Mapped[int] = reference_to("grant_round.id")
    plan_id: Mapped[int] = reference_to("grant_plan.id")
    fund_id: Mapped[int] = reference_to("fund.id")
    group_id: Mapped[int] = reference_to("community_group.id")
    state: Mapped[ApplicationState] = mapped_column(choice(ApplicationState, "state"))
    version: Mapped[int] = mapped_column(default=0)  # moves with every change but answers, which have their own
    title: Mapped[Short] = mapped_column(default="")
    district_code: Mapped[str | None] = mapped_column(ForeignKey("district.code"), index=True)
    asked_pence: Mapped[Pence | None]
    income_pence: Mapped[Pence | None]  # of the group, in its last year
    works_at_risk: Mapped[bool | None]  # with children or adults at risk
    tier: Mapped[str] = mapped_column(String(30), default="")
    started_by_id: Mapped[int] = reference_to("person.id")
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    spent_seconds: Mapped[int] = mapped_column(default=0)  # of writing, without pauses
    last_question: Mapped[str] = mapped_column(String(30), default="")  # where its writers were last
    declared_by_id: Mapped[int | None] = reference_to("person.id")
    declared_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = reference_to("person.id")
    submitted_at: Mapped[datetime | None]
    is_first: Mapped[bool] = mapped_column(default=False)  # nothing awarded to the group before, when it was sent
    decided_by_id: Mapped[int | None] = reference_to("person.id")
    decision_id: Mapped[int | None] = reference_to("decision.id")
    decided_at: Mapped[datetime | None]
    awarded_pence: Mapped[Pence | None]
    conditions: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = reference_to("person.id")
    signed_at: Mapped[datetime | None]
    countersigned_by_id: Mapped[int | None] = reference_to("person.id")
    accepted_at: Mapped[datetime | None]
    subsidy_words: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")
    group: Mapped[Group] = relationship(lazy="raise")
    round: Mapped[GrantRound] = relationship(lazy="raise")
    plan: Mapped[GrantPlan] = relationship(lazy="raise")
    decision: Mapped[Decision | None] = relationship(lazy="raise")

    @property
    def subject(self) -> str:
        """How decisions, interests and files name it."""
        return f"application:{self.id}"


class GrantAnswer(Base):
    """The answer to one question of an application; its version moves with every change of it."""

    __tablename__ = "grant_answer"
    __table_args__ = (UniqueConstraint("application_id", "key"),)

    id: Mapped[BigId]
    application_id: Mapped[int] = reference_to("grant_application.id")
    key: Mapped[str] = mapped_column(String(30))
    value: Mapped[Any] = mapped_column(JSON)
    version: Mapped[int]
    saved_by_id: Mapped[int] = reference_to("person.id")
    saved_at: Mapped[datetime]


class GrantQuestion(Base):
    """What an officer asks a group about its application, and the answer."""

    __tablename__ = "grant_question"
    __table_args__ = (CheckConstraint("(answered_at IS NULL) = (length(answer) = 0)", name="answer_dated"),)

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    application_id: Mapped[int] = reference_to("grant_application.id")
    words: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int] = reference_to("person.id")
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = reference_to("person.id")
    answered_at: Mapped[datetime | None]


class GrantAssessor(Base):
    """Who took the assessment of an application, until they give it back."""

    __tablename__ = "grant_assessor"
    __table_args__ = (
        Index(
            "uq_grant_assessor_held",
            "application_id",
            "person_id",
            unique=True,
            postgresql_where=_HELD,
            sqlite_where=_HELD,
        ),
    )

    id: Mapped[BigId]
    application_id: Mapped[int] = reference_to("grant_application.id")
    person_id: Mapped[int] = reference_to("person.id")
    taken_at: Mapped[datetime]
    given_back_at: Mapped[datetime | None]


class GrantAssessment(Base):
    """What an assessor found, criterion by criterion. Append-only: a newer one stands beside the old."""

    __tablename__ = "grant_assessment"
    __table_args__ = (
        UniqueConstraint("application_id", "number"),
        CheckConstraint("length(reason) > 0", name="reasoned"),
        CheckConstraint(
            "(recommended_pence IS NULL) = (recommendation IN ('defer', 'decline', 'ineligible'))", name="sum_given"
        ),
    )

    id: Mapped[BigId]
    application_id: Mapped[int] = reference_to("grant_application.id")
    number: Mapped[int]
    assessor_id: Mapped[int] = reference_to("person.id")
    scores: Mapped[dict[str, Any]] = mapped_column(JSON)  # by criterion: {"score": 0 to 4 or None, "reason"}
    recommendation: Mapped[Outcome] = mapped_column(choice(Outcome, "recommendation"))
    recommended_pence: Mapped[Pence | None]
    reason: Mapped[str] = mapped_column(Text)
    assessed_at: Mapped[datetime]
