"""The worker's part of sending mail."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from crowdfund.core import failpoints
from crowdfund.core.db import db
from crowdfund.core.jobs import Handler
from crowdfund.core.unit_of_work import unit_of_work
from crowdfund.notifications.models import Mail
from crowdfund.notifications.sender import Transport


def sending_with(transport: Transport) -> Handler:
    """Return the handler that sends a queued mail and marks it sent; one already sent is left alone."""

    def send(payload: dict[str, Any], now: datetime) -> None:
        mail = db.session.get_one(Mail, payload["mail_id"])
        if mail.sent_at is not None:
            return
        transport.send(mail)
        failpoints.reach("mail.before_record")
        done: dict[str, Any] = {"sent_at": now}
        if not transport.keeps_bodies:
            done["body"] = ""
        with unit_of_work() as session:
            session.execute(update(Mail).where(Mail.id == mail.id).values(**done))

    return send
