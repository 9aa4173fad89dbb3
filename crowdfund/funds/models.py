"""Funders and their funds."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, PublicId, Short, choice, reference_to


class FunderKind(StrEnum):
    """What a funder is."""

    COUNTY = "county"
    DISTRICT = "district"
    NHS = "nhs"
    BUSINESS = "business"
    TRUST = "trust"


class Funder(Base):
    """An organisation with money to give."""

    __tablename__ = "funder"

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Short]
    kind: Mapped[FunderKind] = mapped_column(choice(FunderKind, "kind"))


class Fund(Base):
    """A funder's pot: when it takes requests and when it decides."""

    __tablename__ = "fund"
    __table_args__ = (CheckConstraint("opens_on <= closes_on AND closes_on <= decides_on", name="dates_in_order"),)

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    funder_id: Mapped[int] = reference_to("funder.id")
    name: Mapped[Short]
    about: Mapped[str] = mapped_column(Text)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    decides_on: Mapped[date]
    funder: Mapped[Funder] = relationship(lazy="raise")
