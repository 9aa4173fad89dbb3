"""Writing a mail into the outbox with the change that wants it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crowdfund.core import ids, jobs
from crowdfund.core.db import insert_ignore, table_of
from crowdfund.notifications.mail import render_mail
from crowdfund.notifications.models import Mail

SEND = "mail:send"


def queue_mail(session: Session, template: str, to: str, *, key: str, now: datetime, **context: Any) -> int:
    """Render templates/mail/<template>.txt (first line: the subject) and queue it once per key.

    Returns the mail's id; the same key again returns the first mail.
    """
    return _queue(session, template, to, None, key=key, now=now, context=context)


def queue_optional_mail(
    session: Session, template: str, to: str, off: str, *, key: str, now: datetime, **context: Any
) -> int:
    """Queue a mail that people can do without: `off` is the address where one click ends mails of this kind."""
    return _queue(session, template, to, off, key=key, now=now, context={**context, "off": off})


def _queue(
    session: Session, template: str, to: str, off: str | None, *, key: str, now: datetime, context: Mapping[str, Any]
) -> int:
    subject, body = render_mail(template, context)
    insert_ignore(
        session,
        table_of(Mail),
        public_id=ids.public_id(),
        key=key,
        template=template,
        recipient=to,
        subject=subject,
        body=body,
        created_at=now,
        unsubscribe_url=off,
    )
    mail_id = session.scalars(select(Mail.id).where(Mail.key == key)).one()
    jobs.enqueue(session, SEND, {"mail_id": mail_id}, dedupe_key=f"mail:{mail_id}", now=now)
    return mail_id


def delete_old_mails(session: Session, before: datetime) -> None:
    """Delete mails that were sent before `before` (UTC): addresses are not kept longer than they are of use."""
    session.execute(delete(Mail).where(Mail.sent_at < before))
