"""The outbox: every mail, once per key."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crowdfund.core.db import Base, BigId, PublicId


class Mail(Base):
    """A mail to one address. Outside the sandbox the body is blanked once it is sent."""

    __tablename__ = "mail"

    id: Mapped[BigId]
    public_id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    template: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
