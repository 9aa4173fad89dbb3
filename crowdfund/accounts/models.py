"""People, their sign-in and second factor, browser sessions with what they were handed, roles and consents."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.accounts.roles import OfficerRole
from crowdfund.core.db import Base, BigId, BigInt, Pence, PublicId, Short, choice, reference_to


class Person(Base):
    """Someone with a verified e-mail address. Money and audit rows point here; erasing blanks this row."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[Short]
    created_at: Mapped[datetime]


class BrowserSession(Base):
    """A browser that started something here: maybe signed in, maybe only handed a pledge. Real time."""

    __tablename__ = "browser_session"

    id: Mapped[BigId]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = reference_to("person.id")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    strong_at: Mapped[datetime | None]  # when a second factor was last given in this session
    person: Mapped[Person | None] = relationship(lazy="joined")
    grants: Mapped[list["SessionGrant"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class SessionGrant(Base):
    """A thing this browser may touch without signing in, such as 'pledge:12'."""

    __tablename__ = "session_grant"
    __table_args__ = (UniqueConstraint("session_id", "subject"),)

    id: Mapped[BigId]
    session_id: Mapped[int] = reference_to("browser_session.id")
    subject: Mapped[str] = mapped_column(String(40))


class EmailCode(Base):
    """A six-digit code, kept as a keyed hash and bound to the thing and browser that asked. Real time."""

    __tablename__ = "email_code"
    __table_args__ = (Index("uq_email_code_link", "link_hash", unique=True),)

    id: Mapped[BigId]
    subject: Mapped[str] = mapped_column(String(40), index=True)
    email: Mapped[str] = mapped_column(String(254))
    code_hash: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    # A sign-in mail carries a link beside its code; either uses up both.
    link_hash: Mapped[str | None] = mapped_column(String(64))
    leads_to: Mapped[str] = mapped_column(String(300), default="/account")


class Authenticator(Base):
    """Somebody's authenticator app. The secret is sealed; a time step is used once."""

    __tablename__ = "authenticator"

    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("person.id"), primary_key=True, autoincrement=False)
    sealed_secret: Mapped[str] = mapped_column(Text)
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of ten codes that stand in once for a lost authenticator app; kept as a keyed hash."""

    __tablename__ = "recovery_code"

    id: Mapped[BigId]
    person_id: Mapped[int] = reference_to("person.id")
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


_STANDING = text("ended_at IS NULL AND funder_id IS NULL")
_STANDING_FOR_FUNDER = text("ended_at IS NULL AND funder_id IS NOT NULL")


class OfficerPost(Base):
    """A role that a person holds, for the programme or for one funder, with a limit in pence where it decides money."""

    __tablename__ = "officer_post"
    __table_args__ = (
        CheckConstraint("(role LIKE 'programme%') = (funder_id IS NULL)", name="funder_named"),
        Index(
            "uq_officer_post_programme",
            "person_id",
            "role",
            unique=True,
            postgresql_where=_STANDING,
            sqlite_where=_STANDING,
        ),
        Index(
            "uq_officer_post_funder",
            "person_id",
            "role",
            "funder_id",
            unique=True,
            postgresql_where=_STANDING_FOR_FUNDER,
            sqlite_where=_STANDING_FOR_FUNDER,
        ),
    )

    id: Mapped[BigId]
    person_id: Mapped[int] = reference_to("person.id")
    role: Mapped[OfficerRole] = mapped_column(choice(OfficerRole, "role"))
    funder_id: Mapped[int | None] = reference_to("funder.id")
    limit_pence: Mapped[Pence | None]
    given_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class KeptForm(Base):
    """What somebody sent while they had to sign in again: sealed, handed to their browser, deleted when used."""

    __tablename__ = "kept_form"

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    path: Mapped[str] = mapped_column(String(300))
    sealed_fields: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class ConsentKind(StrEnum):
    """What people can agree to, each on its own."""

    CHARGE_LATER = "charge_later"
    SHARE_WITH_GROUP = "share_with_group"
    NEWS = "news"


class ConsentText(Base):
    """Every wording ever shown, kept once, found by its hash."""

    __tablename__ = "consent_text"

    id: Mapped[BigId]
    kind: Mapped[ConsentKind] = mapped_column(choice(ConsentKind, "kind"))
    version: Mapped[str] = mapped_column(String(64), unique=True)
    body: Mapped[str] = mapped_column(Text)
    first_shown_at: Mapped[datetime]


class Consent(Base):
    """A person agreed to a wording, about a subject, at a time; withdrawing it sets the second time."""

    __tablename__ = "consent"

    id: Mapped[BigId]
    person_id: Mapped[int] = reference_to("person.id")
    text_id: Mapped[int] = reference_to("consent_text.id")
    subject: Mapped[str] = mapped_column(String(40), index=True)
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
