"""Funders, their funds with terms by version, and the lines of their budgets."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, Pence, PublicId, Short, choice, reference_to
from crowdfund.funds.rules import PUBLIC_FUNDERS, CrowdTest, FunderKind, MatchKind, ShareBase, Terms


class Funder(Base):
    """An organisation with money to give."""

    __tablename__ = "funder"

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Short]
    kind: Mapped[FunderKind] = mapped_column(choice(FunderKind, "kind"))

    @property
    def is_public(self) -> bool:
        """Whether its money is public money, over which joint caps run."""
        return self.kind in PUBLIC_FUNDERS


class Fund(Base):
    """A funder's pot. `place` is its place in the programme's order; what it gives is in its terms."""

    __tablename__ = "fund"
    __table_args__ = (Index("uq_fund_place", "place", unique=True),)

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    funder_id: Mapped[int] = reference_to("funder.id")
    name: Mapped[Short]
    about: Mapped[str] = mapped_column(Text)
    place: Mapped[int]
    pays_direct: Mapped[bool] = mapped_column(default=False)  # to the group, not through the programme
    funder: Mapped[Funder] = relationship(lazy="raise")


class FundTerms(Base):
    """One version of a fund's terms, which is also its round: what it gives to whom, and its dates. Append-only."""

    __tablename__ = "fund_terms"
    __table_args__ = (
        UniqueConstraint("fund_id", "number"),
        CheckConstraint("opens_on <= closes_on AND closes_on <= decides_on", name="dates_in_order"),
        CheckConstraint("most_pence > 0", name="most_positive"),
        CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 100", name="percent_sane"),
        CheckConstraint("joint_percent IS NULL OR joint_percent BETWEEN 1 AND 100", name="joint_percent_sane"),
        CheckConstraint("per_backer_pence IS NULL OR per_backer_pence > 0", name="per_backer_positive"),
        CheckConstraint("kind <> 'top_up' OR crowd_percent BETWEEN 1 AND 99", name="top_up_has_share"),
        CheckConstraint("kind <> 'per_pledge' OR per_backer_pence IS NOT NULL", name="per_pledge_has_limit"),
        CheckConstraint("show_percent BETWEEN 0 AND 100 AND pay_percent BETWEEN 0 AND 100", name="tests_sane"),
        CheckConstraint("show_backers >= 0 AND pay_backers >= 0 AND several_gifts >= 1", name="tests_counted"),
        CheckConstraint("offer_days BETWEEN 1 AND 365 AND call_in_days BETWEEN 0 AND 60", name="days_sane"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    fund_id: Mapped[int] = reference_to("fund.id")
    number: Mapped[int]
    kind: Mapped[MatchKind] = mapped_column(choice(MatchKind, "kind"))
    most_pence: Mapped[Pence]  # for one project
    percent: Mapped[int | None]
    base: Mapped[ShareBase] = mapped_column(choice(ShareBase, "base"))
    per_backer_pence: Mapped[Pence | None]
    crowd_percent: Mapped[int | None]
    joint_percent: Mapped[int | None]
    show_backers: Mapped[int] = mapped_column(default=0)
    show_percent: Mapped[int] = mapped_column(default=0)
    pay_backers: Mapped[int] = mapped_column(default=0)
    pay_percent: Mapped[int] = mapped_column(default=0)
    several_gifts: Mapped[int] = mapped_column(default=2)
    # Lists of codes; an empty one sets no limit.
    districts: Mapped[list[str]] = mapped_column(JSON)
    objectives: Mapped[list[str]] = mapped_column(JSON)
    legal_forms: Mapped[list[str]] = mapped_column(JSON)
    allows_capital: Mapped[bool]
    repeat_months: Mapped[int] = mapped_column(default=0)  # before the same group is matched again; 0: at once
    exclusions: Mapped[list[str]] = mapped_column(JSON)  # sentences, for people to judge
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # {"key", "words"}
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # {"key", "label", "hint", "most_words"}
    agreement: Mapped[str] = mapped_column(Text)  # what a group agrees to with an offer
    may_exceed: Mapped[str] = mapped_column(Text, default="")  # when policy allows more than the limits; empty: never
    offer_days: Mapped[int]  # until an offer expires
    call_in_days: Mapped[int] = mapped_column(default=0)  # working days from a decision until it takes effect
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    decides_on: Mapped[date]
    confidence: Mapped[str] = mapped_column(Text, default="")  # how sure we are of these terms, for demonstrations
    from_at: Mapped[datetime]  # they hold for pitches from then on
    saved_by_id: Mapped[int | None] = reference_to("person.id")
    saved_at: Mapped[datetime]
    fund: Mapped[Fund] = relationship(lazy="raise")

    def values(self, *, is_public: bool) -> Terms:
        """Return the sums of these terms as plain values."""
        return Terms(
            kind=self.kind,
            most_pence=self.most_pence,
            percent=self.percent,
            base=self.base,
            per_backer_pence=self.per_backer_pence,
            crowd_percent=self.crowd_percent,
            joint_percent=self.joint_percent,
            is_public=is_public,
            to_show=CrowdTest(self.show_backers, self.show_percent, self.several_gifts),
            to_pay=CrowdTest(self.pay_backers, self.pay_percent, self.several_gifts),
        )


class BudgetLine(Base):
    """Money of a fund by source and financial year. How much of it is left, the ledger says."""

    __tablename__ = "budget_line"
    __table_args__ = (
        UniqueConstraint("fund_id", "source", "year"),
        CheckConstraint("length(source) > 0", name="named"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    fund_id: Mapped[int] = reference_to("fund.id")
    source: Mapped[str] = mapped_column(String(40))
    year: Mapped[str] = mapped_column(String(9))  # the financial year: 2026/27
    opened_at: Mapped[datetime]


class TermsDraft(Base):
    """The next version of a fund's terms while officers write it; gone when it is published or dropped."""

    __tablename__ = "fund_terms_draft"

    id: Mapped[BigId]
    fund_id: Mapped[int] = reference_to("fund.id", unique=True)
    version: Mapped[int] = mapped_column(default=0)  # moves with every change
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)  # by the names of fund_terms; days as 2027-03-27
    saved_by_id: Mapped[int] = reference_to("person.id")
    saved_at: Mapped[datetime]
