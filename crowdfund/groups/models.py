"""Groups and their members."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigId, PublicId, Short, choice, reference_to
from crowdfund.groups.rules import LegalForm, MemberRole


class Group(Base):
    """A community group. Numbers are text: leading zeros matter."""

    __tablename__ = "community_group"
    __table_args__ = (
        CheckConstraint("length(name) >= 2", name="name_given"),
        CheckConstraint("legal_form <> 'charity' OR charity_number IS NOT NULL", name="charity_numbered"),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Short]
    legal_form: Mapped[LegalForm] = mapped_column(choice(LegalForm, "legal_form"))
    charity_number: Mapped[str | None] = mapped_column(String(12))
    company_number: Mapped[str | None] = mapped_column(String(8))
    about: Mapped[str] = mapped_column(Text)
    town: Mapped[str] = mapped_column(String(80))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"), index=True)
    contact_email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]


class Member(Base):
    """A person's place in a group."""

    __tablename__ = "group_member"
    __table_args__ = (UniqueConstraint("group_id", "person_id"),)

    id: Mapped[BigId]
    group_id: Mapped[int] = reference_to("community_group.id")
    person_id: Mapped[int] = reference_to("person.id")
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "role"))
