"""Sending the outbox: by SMTP, or into the sandbox's mailbox where nothing leaves the machine."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

from crowdfund.notifications.models import Mail


class Transport(Protocol):
    """What carries a mail away."""

    keeps_bodies: bool

    def send(self, mail: Mail) -> None:
        """Hand the mail over. Raises OSError or smtplib.SMTPException when it could not."""
        ...


class MailboxTransport:
    """The sandbox's: the outbox itself is the mailbox, so there is nothing to carry."""

    keeps_bodies = True

    def send(self, mail: Mail) -> None:
        """Accept every mail."""


class SmtpTransport:
    """Sends by SMTP with STARTTLS, certificates verified."""

    keeps_bodies = False

    def __init__(self, url: str, sender: str) -> None:
        self._at, self._sender = urlsplit(url), sender

    def send(self, mail: Mail) -> None:
        """Send one mail; its Message-ID is stable, so that a repeat can be recognised."""
        with smtplib.SMTP(self._at.hostname or "", self._at.port or 587, timeout=20) as server:
            server.starttls(context=ssl.create_default_context())
            if self._at.username:
                server.login(unquote(self._at.username), unquote(self._at.password or ""))
            try:
                server.send_message(as_message(mail, self._sender))
            except smtplib.SMTPRecipientsRefused as error:
                # Its text names the recipient, which has no place in a log.
                codes = sorted({code for code, _ in error.recipients.values()})
                raise OSError(f"mail {mail.id} was refused: {codes}") from None


def as_message(mail: Mail, sender: str) -> EmailMessage:
    """Return the mail as a plain-text message."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.recipient, mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{mail.public_id}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.body)
    return message
