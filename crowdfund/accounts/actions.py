"""Changing accounts: verify an e-mail address, keep consents, open and close browser sessions."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from crowdfund.accounts.models import (
    BrowserSession,
    Consent,
    ConsentKind,
    ConsentText,
    EmailCode,
    KeptForm,
    Person,
    SessionGrant,
)
from crowdfund.core import audit, ids
from crowdfund.core.actor import Actor
from crowdfund.core.audit_tags import Tag
from crowdfund.core.db import insert_ignore, lock, table_of

CODE_LIFE = timedelta(minutes=10)
MOST_CODE_TRIES = 5
SESSION_LIFE = timedelta(days=30)


def tidy_email(text: str) -> str:
    """Return the address as we compare it: trimmed and in lower case."""
    return text.strip().lower()


def find_or_create_person(session: Session, email: str, name: str, *, actor: Actor, now: datetime) -> Person:
    """Return the person with this verified address, new with `name` the first time."""
    email = tidy_email(email)
    new = insert_ignore(
        session,
        table_of(Person),
        public_id=ids.public_id(),
        email=email,
        name=name,
        created_at=now,
    )
    person = session.scalars(select(Person).where(Person.email == email)).one()
    if new:
        audit.record(session, Tag.PERSON_CREATED, actor=actor, subject_id=person.id, now=now)
    return person


def find_person(session: Session, email: str) -> Person | None:
    """Return the person with this verified address, if any."""
    return session.scalars(select(Person).where(Person.email == tidy_email(email))).one_or_none()


def issue_code(session: Session, subject: str, email: str, *, secret: str, real: datetime) -> str:
    """Return a fresh six-digit code for this subject and address; codes before it stop working."""
    session.execute(delete(EmailCode).where(EmailCode.subject == subject, EmailCode.used_at.is_(None)))
    code = ids.six_digits()
    session.add(
        EmailCode(
            subject=subject,
            email=tidy_email(email),
            code_hash=ids.keyed_hash(secret, f"code:{subject}", code),
            sent_at=real,
            expires_at=real + CODE_LIFE,
        )
    )
    session.flush()
    return code


def check_code(session: Session, subject: str, email: str, code: str, *, secret: str, real: datetime) -> str | None:
    """Use up a code. Returns None when it was right, else the sentence to show.

    A wrong try is counted, so the caller commits in either case.
    """
    newest = select(EmailCode.id).where(EmailCode.subject == subject).order_by(EmailCode.id.desc()).limit(1)
    code_id = session.scalar(newest)
    if code_id is None:
        return "Ask for a new code: there is none waiting."
    row = lock(session, EmailCode, code_id)
    if row.used_at is not None or row.expires_at <= real or row.email != tidy_email(email):
        return "This code has run out. Ask for a new one."
    if row.tries >= MOST_CODE_TRIES:
        return "That was tried too often. Ask for a new code."
    row.tries += 1
    if not secrets.compare_digest(row.code_hash, ids.keyed_hash(secret, f"code:{subject}", code)):
        session.flush()
        return "That is not the code we sent. Check the newest mail and try again."
    row.used_at = real
    session.flush()
    return None


def give_consent(
    session: Session, person_id: int, kind: ConsentKind, wording: str, subject: str, *, now: datetime
) -> int:
    """Record that a person agreed to exactly this wording; returns the consent's id."""
    version = hashlib.sha256(f"{kind}:{wording}".encode()).hexdigest()
    insert_ignore(
        session,
        table_of(ConsentText),
        kind=kind,
        version=version,
        body=wording,
        first_shown_at=now,
    )
    text_id = session.scalars(select(ConsentText.id).where(ConsentText.version == version)).one()
    consent = Consent(person_id=person_id, text_id=text_id, subject=subject, given_at=now)
    session.add(consent)
    session.flush()
    return consent.id


def withdraw_consents(session: Session, subject: str, now: datetime, kind: ConsentKind | None = None) -> None:
    """End the consents given about a subject, all or those of one kind."""
    standing = select(Consent).where(Consent.subject == subject, Consent.withdrawn_at.is_(None))
    if kind is not None:
        standing = standing.join(ConsentText, ConsentText.id == Consent.text_id).where(ConsentText.kind == kind)
    for consent in session.scalars(standing):
        consent.withdrawn_at = now
    session.flush()


def open_session(session: Session, *, secret: str, real: datetime) -> tuple[BrowserSession, str]:
    """Open a browser session; returns it and the token that only the browser keeps."""
    token = secrets.token_urlsafe(32)
    row = BrowserSession(
        token_hash=ids.keyed_hash(secret, "session", token), created_at=real, expires_at=real + SESSION_LIFE
    )
    session.add(row)
    session.flush()
    return row, token


def hand_over(session: Session, session_id: int, subject: str) -> None:
    """Let this browser touch `subject` without signing in."""
    insert_ignore(
        session,
        table_of(SessionGrant),
        session_id=session_id,
        subject=subject,
    )


def sign_in(
    session: Session,
    old_id: int | None,
    person: Person,
    how: str,
    *,
    actor: Actor,
    secret: str,
    real: datetime,
    now: datetime,
    strong: bool = False,
) -> str:
    """Sign a person in under a new session id (the one before dies); returns the browser's token.

    `strong` says that a second factor was given just now.
    """
    subjects = session.scalars(select(SessionGrant.subject).where(SessionGrant.session_id == old_id)).all()
    if old_id is not None:
        end_session(session, old_id)
    fresh, token = open_session(session, secret=secret, real=real)
    fresh.person_id, fresh.strong_at = person.id, real if strong else None
    session.flush()
    for subject in subjects:
        hand_over(session, fresh.id, subject)
    tag = Tag.AUTHENTICATOR_USED if strong else Tag.SESSION_SIGNED_IN
    audit.record(session, tag, actor=actor, subject_id=person.id, now=now, how=how)
    return token


def end_session(session: Session, session_id: int) -> None:
    """End a browser session on the server; its cookie opens nothing any more."""
    session.execute(delete(SessionGrant).where(SessionGrant.session_id == session_id))
    session.execute(delete(BrowserSession).where(BrowserSession.id == session_id))


def end_all_sessions(session: Session, person_id: int, *, actor: Actor, now: datetime) -> None:
    """Sign a person out in every browser."""
    for session_id in session.scalars(select(BrowserSession.id).where(BrowserSession.person_id == person_id)).all():
        end_session(session, session_id)
    audit.record(session, Tag.SESSIONS_ENDED, actor=actor, subject_id=person_id, now=now)


def list_sessions(session: Session, person_id: int, real: datetime) -> Sequence[BrowserSession]:
    """Return the browsers in which a person is signed in, newest first."""
    open_ = select(BrowserSession).where(BrowserSession.person_id == person_id, BrowserSession.expires_at > real)
    return session.scalars(open_.order_by(BrowserSession.created_at.desc(), BrowserSession.id.desc())).all()


def delete_stale(session: Session, real: datetime) -> int:
    """Delete codes and kept forms of yesterday and sessions that ran out; return how many sessions went."""
    session.execute(delete(EmailCode).where(EmailCode.expires_at < real - timedelta(days=1)))
    session.execute(delete(KeptForm).where(KeptForm.created_at <= real - timedelta(days=1)))
    stale = select(BrowserSession.id).where(BrowserSession.expires_at < real)
    session.execute(delete(SessionGrant).where(SessionGrant.session_id.in_(stale)))
    count = session.scalar(select(func.count()).select_from(BrowserSession).where(BrowserSession.expires_at < real))
    session.execute(delete(BrowserSession).where(BrowserSession.expires_at < real))
    return int(count or 0)
