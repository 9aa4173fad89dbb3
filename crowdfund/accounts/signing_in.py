"""Signing in by mail: one mail carries a code for the browser that asked and a link that works anywhere."""

import secrets
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from crowdfund.accounts.actions import CODE_LIFE, find_or_create_person, issue_code, tidy_email
from crowdfund.accounts.models import EmailCode, Person
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import lock
from crowdfund.core.errors import Refused
from crowdfund.notifications.actions import queue_mail

HOME = "/account"
LONGEST_PATH = 300


def local_path(path: str) -> str:
    """Return an address on this site to go on to; anything that could lead elsewhere becomes the account's home."""
    odd = "\\" in path or any(ord(letter) < 33 for letter in path) or len(path) > LONGEST_PATH
    parts = urlsplit(path) if not odd else None
    if parts is None or parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//"):
        return HOME
    return path


def subject_of(session_id: int) -> str:
    """Name the sign-in that a browser session asked for; its codes work in that browser only."""
    return f"sign-in:{session_id}"


def send_sign_in_mail(
    session: Session,
    session_id: int,
    email: str,
    leads_to: str,
    *,
    base: str,
    secret: str,
    real: datetime,
    now: datetime,
) -> None:
    """Mail a code and a link to an address, whether we know it or not; those before stop working."""
    subject = subject_of(session_id)
    code = issue_code(session, subject, email, secret=secret, real=real)
    key = secrets.token_urlsafe(24)
    row = session.scalars(select(EmailCode).where(EmailCode.subject == subject, EmailCode.used_at.is_(None))).one()
    row.link_hash, row.leads_to = ids.keyed_hash(secret, "sign-in-link", key), local_path(leads_to)
    session.flush()
    words = {"code": code, "link": f"{base.rstrip('/')}/account/link?key={key}"}
    queue_mail(session, "sign_in", row.email, key=f"code:{subject}:{real.timestamp()}", now=now, **words)


def find_asked(session: Session, session_id: int) -> EmailCode | None:
    """Return what this browser last asked for, if anything."""
    newest = select(EmailCode).where(EmailCode.subject == subject_of(session_id)).order_by(EmailCode.id.desc())
    return session.scalars(newest.limit(1)).one_or_none()


def use_link(session: Session, key: str, *, secret: str, real: datetime) -> EmailCode:
    """Use up the link of a mail. Raises Refused when it was used, ran out, or never was."""
    hashed = ids.keyed_hash(secret, "sign-in-link", key)
    row_id = session.scalar(select(EmailCode.id).where(EmailCode.link_hash == hashed))
    row = lock(session, EmailCode, row_id) if row_id is not None else None
    if row is None or row.used_at is not None or row.expires_at <= real:
        minutes = int(CODE_LIFE.total_seconds() // 60)
        raise Refused("link_over", f"This link was used already or is older than {minutes} minutes. Ask for a new one.")
    row.used_at = real
    session.flush()
    return row


def find_link(session: Session, key: str, *, secret: str, real: datetime) -> EmailCode | None:
    """Return the unused mail that a link belongs to; looking at it uses nothing up."""
    hashed = ids.keyed_hash(secret, "sign-in-link", key)
    return session.scalars(
        select(EmailCode).where(EmailCode.link_hash == hashed, EmailCode.used_at.is_(None), EmailCode.expires_at > real)
    ).one_or_none()


def known_person(session: Session, email: str, *, actor: Actor, now: datetime) -> Person:
    """Return the person with a proved address; a new one has no name yet."""
    return find_or_create_person(session, tidy_email(email), "", actor=actor, now=now)


def name_person(session: Session, person_id: int, name: str, *, actor: Actor, now: datetime) -> None:
    """Give a person the name that the group, the host or the officers see."""
    person = lock(session, Person, person_id)
    if person.name != name:
        person.name = name
        session.flush()
        audit.record(session, Tag.PERSON_RENAMED, actor=actor, subject_id=person_id, now=now)
