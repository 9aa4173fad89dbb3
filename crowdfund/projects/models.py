"""Projects, the lines of their lists, officers' questions and the group's updates."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, Pence, PublicId, Short, choice, reference_to
from crowdfund.groups.models import Group
from crowdfund.ledger.postings import PledgeAccounts
from crowdfund.places.models import District
from crowdfund.projects.rules import LineKind, Objective, ProjectState, Section, Theme

_DRAFTING = "state IN ('draft', 'changes_requested', 'withdrawn')"
_COMPLETE = (
    "(length(aim) > 0 AND length(story) > 0 AND length(place) > 0 AND length(if_too_little) > 0"
    " AND length(if_too_much) > 0 AND length(risks) > 0 AND length(permissions) > 0)"
)
# Few among all projects; the worklist names them in the same words, or its index would not be used.
_ON_DESK = text("state IN ('submitted', 'changes_requested', 'ready')")


class Project(Base):
    """What a group wants to do; it is also the campaign. Costs and target are locked after launch."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint(f"target_pence > 0 OR (target_pence = 0 AND {_DRAFTING})", name="target_positive"),
        CheckConstraint(
            f"stretch_pence IS NULL OR stretch_pence > target_pence OR {_DRAFTING}", name="stretch_above_target"
        ),
        CheckConstraint(f"{_COMPLETE} OR {_DRAFTING}", name="complete"),
        CheckConstraint("length(picture_alt) > 0", name="picture_described"),
        CheckConstraint(
            "launched_at IS NOT NULL OR"
            " state IN ('draft', 'submitted', 'changes_requested', 'ready', 'declined', 'withdrawn')",
            name="launched",
        ),
        Index("uq_project_reference", "reference", unique=True),
        Index("ix_project_newest", "state", "launched_at", "id"),
        Index("ix_project_ending", "state", "deadline", "id"),
        Index("ix_project_desk", "state", "signed_at", "id", sqlite_where=_ON_DESK, postgresql_where=_ON_DESK),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    reference: Mapped[str | None] = mapped_column(String(12))
    group_id: Mapped[int] = reference_to("community_group.id")
    state: Mapped[ProjectState] = mapped_column(choice(ProjectState, "state"))
    title: Mapped[Short]
    aim: Mapped[str] = mapped_column(String(200))
    story: Mapped[str] = mapped_column(Text)
    theme: Mapped[Theme] = mapped_column(choice(Theme, "theme"))
    place: Mapped[str] = mapped_column(String(80))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"), index=True)
    postcode: Mapped[str | None] = mapped_column(String(8))
    division_code: Mapped[str | None] = mapped_column(ForeignKey("electoral_division.code"), index=True)
    # A drawn scene under static/, or 'photo:' and the public id of a stored picture.
    picture: Mapped[str] = mapped_column(String(120))
    picture_alt: Mapped[Short]
    target_pence: Mapped[Pence]
    stretch_pence: Mapped[Pence | None]
    stretch_use: Mapped[str] = mapped_column(Text, default="")
    if_too_little: Mapped[str] = mapped_column(Text)
    if_too_much: Mapped[str] = mapped_column(Text)
    risks: Mapped[str] = mapped_column(Text)
    permissions: Mapped[str] = mapped_column(Text)
    campaign_days: Mapped[int] = mapped_column(default=42)
    launch_on: Mapped[date | None]  # the clock launches it that morning; None when the group presses the button
    # Whoever has the committee's link sees the draft; a fresh key ends the links before it.
    preview_key: Mapped[str | None] = mapped_column(String(26))
    submitted_at: Mapped[datetime | None]
    declared_by_id: Mapped[int | None] = reference_to("person.id")
    signed_at: Mapped[datetime | None]  # when the second signatory confirmed the declaration
    # The ledger accounts of the crowd's promise, opened with the draft: lists join the balance by id.
    backers_account_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_account.id"))
    pledged_account_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_account.id"))
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    launched_at: Mapped[datetime | None]
    deadline: Mapped[datetime | None]
    group: Mapped[Group] = relationship(lazy="raise")
    district: Mapped[District] = relationship(lazy="raise")

    @property
    def accounts(self) -> PledgeAccounts:
        """The ledger accounts that the crowd's promise moves between."""
        assert self.backers_account_id is not None
        assert self.pledged_account_id is not None
        return PledgeAccounts(self.backers_account_id, self.pledged_account_id)


class ProjectObjective(Base):
    """An objective of the programme that a project serves."""

    __tablename__ = "project_objective"
    __table_args__ = (UniqueConstraint("project_id", "objective"),)

    id: Mapped[BigId]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    objective: Mapped[Objective] = mapped_column(choice(Objective, "objective"))


class Question(Base):
    """What an officer asks about a section before the project can be accepted; answered in place."""

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (length(answer) = 0)", name="answer_dated"),
        Index("ix_question_of", "project_id", "id"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    section: Mapped[Section] = mapped_column(choice(Section, "section"))
    body: Mapped[str] = mapped_column(Text)
    asked_by_id: Mapped[int] = reference_to("person.id")
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = reference_to("person.id")
    answered_at: Mapped[datetime | None]


class ProjectLine(Base):
    """One line of a project's costs, other money, milestones, help wanted or uses of a gift."""

    __tablename__ = "project_line"
    __table_args__ = (
        CheckConstraint(
            "kind NOT IN ('cost', 'other_money', 'money_use') OR (amount_pence IS NOT NULL AND amount_pence > 0)",
            name="amount_given",
        ),
        CheckConstraint("kind <> 'milestone' OR due IS NOT NULL", name="milestone_dated"),
        Index("ix_project_line_order", "project_id", "kind", "position"),
    )

    id: Mapped[BigId]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[LineKind] = mapped_column(choice(LineKind, "kind"))
    position: Mapped[int]
    label: Mapped[Short]
    amount_pence: Mapped[Pence | None]
    is_capital: Mapped[bool] = mapped_column(default=False)
    is_public: Mapped[bool] = mapped_column(default=False)
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    due: Mapped[date | None]


class ProjectUpdate(Base):
    """News from the group to its backers."""

    __tablename__ = "project_update"
    __table_args__ = (Index("ix_project_update_newest", "project_id", "posted_at"),)

    id: Mapped[BigId]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    title: Mapped[Short]
    body: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[datetime]
