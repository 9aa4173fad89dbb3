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
    # Where one click ends mails of this kind (RFC 8058); None for mails that a person needs.
    unsubscribe_url: Mapped[str | None] = mapped_column(String(400))
    sent_at: Mapped[datetime | None]
