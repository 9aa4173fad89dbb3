"""Pledges, and how many people back each project."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, BigInt, Pence, PublicId, choice, reference_to
from crowdfund.pledges.rules import COUNTING, Audience, PledgeState
from crowdfund.projects.models import Project

_COUNTING = text(f"state IN ({', '.join(repr(state.value) for state in COUNTING)})")


class Pledge(Base):
    """A resident's promise. While it is being set up it holds what was typed; then it belongs to a person."""

    __tablename__ = "pledge"
    __table_args__ = (
        CheckConstraint("amount_pence > 0", name="amount_positive"),
        CheckConstraint(
            "state IN ('setup', 'abandoned')"
            " OR (person_id IS NOT NULL AND checkout_id IS NOT NULL AND active_at IS NOT NULL)",
            name="counted_is_complete",
        ),
        CheckConstraint(
            "state IN ('setup', 'abandoned') OR (consented_pence IS NOT NULL AND consented_pence >= amount_pence)",
            name="never_above_consent",
        ),
        Index(
            "uq_pledge_one_per_person",
            "project_id",
            "person_id",
            unique=True,
            postgresql_where=_COUNTING,
            sqlite_where=_COUNTING,
        ),
        Index("ix_pledge_newest", "project_id", "state", "active_at"),
        Index("ix_pledge_sweep", "state", "created_at"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    start_token: Mapped[str] = mapped_column(String(26), unique=True)
    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"))
    person_id: Mapped[int | None] = reference_to("person.id")
    checkout_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("card_checkout.id"))
    state: Mapped[PledgeState] = mapped_column(choice(PledgeState, "state"))
    amount_pence: Mapped[Pence]
    # What the backer last agreed to have charged; cleared by every edit before the pledge is active.
    consented_pence: Mapped[Pence | None]
    # The match that was quoted before the backer agreed, and what was set aside for it when the pledge became active.
    quoted_match_pence: Mapped[Pence] = mapped_column(default=0)
    match_pence: Mapped[Pence] = mapped_column(default=0)
    # How often the amount changed since the pledge became active: names its ledger entries.
    changes: Mapped[int] = mapped_column(default=0)
    email: Mapped[str | None] = mapped_column(String(254))
    backer_name: Mapped[str | None] = mapped_column(String(200))
    name_audience: Mapped[Audience] = mapped_column(choice(Audience, "name_audience"), default=Audience.EVERYONE)
    amount_audience: Mapped[Audience] = mapped_column(choice(Audience, "amount_audience"), default=Audience.EVERYONE)
    message: Mapped[str] = mapped_column(Text, default="")
    # Where the backer lives, as coarse as evaluation needs: never the full postcode.
    outcode: Mapped[str | None] = mapped_column(String(4))
    district_code: Mapped[str | None] = mapped_column(ForeignKey("district.code"))
    # What a group collected offline, banked and pledged with a card of its own: money, but not a backer of its own.
    collected: Mapped[str | None] = mapped_column(String(200))
    share_with_group: Mapped[bool] = mapped_column(default=False)
    wants_news: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    active_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]  # when its person took it into their account
    updates_off_at: Mapped[datetime | None]  # when the backer ended mails with the project's news
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(40))
    project: Mapped[Project] = relationship(lazy="raise")

    @property
    def subject(self) -> str:
        """How grants, checkouts and consents name this pledge."""
        return f"pledge:{self.id}"


class Crowd(Base):
    """How many people back a project. Kept by a trigger on pledge; `version` moves with every change."""

    __tablename__ = "crowd"

    project_id: Mapped[int] = mapped_column(BigInt, ForeignKey("project.id"), primary_key=True, autoincrement=False)
    backers: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)


class SetAside(Base):
    """A person decided that a pledge is no qualifying backer, or that it is one after all; the newest one holds."""

    __tablename__ = "pledge_set_aside"
    __table_args__ = (CheckConstraint("length(reason) > 0", name="reasoned"),)

    id: Mapped[BigId]
    pledge_id: Mapped[int] = reference_to("pledge.id")
    is_aside: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    decided_by_id: Mapped[int] = reference_to("person.id")
    decided_at: Mapped[datetime]
