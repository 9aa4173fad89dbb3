"""Groups, their members and hosts, and what people were asked to do by a link of their own."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.accounts.roles import MemberRole
from crowdfund.core.db import Base, BigId, PublicId, Short, choice, reference_to
from crowdfund.groups.rules import HostState, InvitationKind, InvitationState, LegalForm, Safeguarding


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
    # Where the group's post goes; of a group without a public register this is often a home, so it is never shown.
    postcode: Mapped[str | None] = mapped_column(String(8))
    website: Mapped[Short] = mapped_column(default="")
    # What a group says about itself; None until it was asked.
    has_rules: Mapped[bool | None]
    has_bank_account: Mapped[bool | None]
    has_two_signatories: Mapped[bool | None]
    safeguarding: Mapped[Safeguarding | None] = mapped_column(choice(Safeguarding, "safeguarding"))
    created_at: Mapped[datetime]


class Member(Base):
    """A person's place in a group."""

    __tablename__ = "group_member"
    __table_args__ = (UniqueConstraint("group_id", "person_id"),)

    id: Mapped[BigId]
    group_id: Mapped[int] = reference_to("community_group.id")
    person_id: Mapped[int] = reference_to("person.id")
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "role"))


_HOSTING = text("state IN ('asked', 'accepted')")
_OPEN = text("state = 'open'")


class Host(Base):
    """A constituted body that takes the money for a group without a bank account in its own name."""

    __tablename__ = "host"
    __table_args__ = (
        CheckConstraint("legal_form <> 'informal'", name="constituted"),
        Index("uq_host_standing", "group_id", unique=True, postgresql_where=_HOSTING, sqlite_where=_HOSTING),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    group_id: Mapped[int] = reference_to("community_group.id")
    state: Mapped[HostState] = mapped_column(choice(HostState, "state"))
    name: Mapped[Short]
    legal_form: Mapped[LegalForm] = mapped_column(choice(LegalForm, "legal_form"))
    charity_number: Mapped[str | None] = mapped_column(String(12))
    company_number: Mapped[str | None] = mapped_column(String(8))
    contact_name: Mapped[Short]
    contact_email: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = reference_to("person.id")


class Invitation(Base):
    """Somebody is asked to do something by a mailed link: join a group, be its host, confirm as second signatory."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("(kind = 'member') = (role IS NOT NULL)", name="role_given"),
        CheckConstraint("state IN ('open', 'cancelled') OR answered_at IS NOT NULL", name="answer_dated"),
        Index(
            "uq_invitation_open",
            "kind",
            "subject",
            "email",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    kind: Mapped[InvitationKind] = mapped_column(choice(InvitationKind, "kind"))
    state: Mapped[InvitationState] = mapped_column(choice(InvitationState, "state"))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    name: Mapped[Short]
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[MemberRole | None] = mapped_column(choice(MemberRole, "role"))
    invited_by_id: Mapped[int] = reference_to("person.id")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = reference_to("person.id")
    reason: Mapped[str] = mapped_column(Text, default="")
