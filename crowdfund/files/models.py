"""Uploaded files. They are kept in the database, so that one backup and one transaction hold everything."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigId, Short, choice, reference_to


class Purpose(StrEnum):
    """What a file is for."""

    PHOTO = "photo"
    QUOTE = "quote"
    OTHER_MONEY = "other_money"
    PERMISSION = "permission"
    RULES = "rules"
    COLLECTION = "collection"
    GRANT_ANSWER = "grant_answer"


class StoredFile(Base):
    """A document, or one size of a picture. Sizes of a picture share their public id; a document has width 0."""

    __tablename__ = "stored_file"
    __table_args__ = (
        UniqueConstraint("public_id", "width"),
        CheckConstraint("(purpose = 'photo') = (width > 0)", name="width_of_photo"),
    )

    id: Mapped[BigId]
    public_id: Mapped[str] = mapped_column(String(26), index=True)
    subject: Mapped[str] = mapped_column(String(40), index=True)
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose, "purpose"))
    name: Mapped[Short]
    media_type: Mapped[str] = mapped_column(String(60))
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    size_bytes: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_by_id: Mapped[int] = reference_to("person.id")
    uploaded_at: Mapped[datetime]
