"""People, browser sessions with what they were handed, e-mail codes and consents."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowdfund.core.db import Base, BigId, PublicId, Short, choice, reference_to


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

    id: Mapped[BigId]
    subject: Mapped[str] = mapped_column(String(40), index=True)
    email: Mapped[str] = mapped_column(String(254))
    code_hash: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


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
