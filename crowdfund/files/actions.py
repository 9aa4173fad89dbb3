"""Keeping and deleting files. Whoever calls has locked the thing that they belong to and writes the audit row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from crowdfund.core import ids
from crowdfund.core.actor import Actor
from crowdfund.files.cleaning import Picture
from crowdfund.files.documents import Document
from crowdfund.files.models import Purpose, StoredFile


def store_picture(session: Session, subject: str, sizes: Sequence[Picture], *, actor: Actor, now: datetime) -> str:
    """Keep a cleaned picture in all its sizes and return their public id."""
    public_id, kept = ids.public_id(), _kept(subject, Purpose.PHOTO, actor, now)
    named = {"public_id": public_id, "name": "photo.jpg", "media_type": "image/jpeg"}
    for size in sizes:
        session.add(StoredFile(**kept, **named, **size._asdict(), size_bytes=len(size.body)))
    session.flush()
    return public_id


def store_document(
    session: Session, subject: str, purpose: Purpose, document: Document, *, actor: Actor, now: datetime
) -> str:
    """Keep a cleaned document and return its public id."""
    public_id, kept = ids.public_id(), _kept(subject, purpose, actor, now)
    session.add(StoredFile(**kept, **document._asdict(), public_id=public_id, size_bytes=len(document.body)))
    session.flush()
    return public_id


def delete_file(session: Session, public_id: str) -> None:
    """Delete a document, or a picture in all its sizes."""
    session.execute(delete(StoredFile).where(StoredFile.public_id == public_id))


def delete_files_of(session: Session, subject: str) -> None:
    """Delete every file of something that goes away, such as the line of a list ('line:12')."""
    session.execute(delete(StoredFile).where(StoredFile.subject == subject))


def _kept(subject: str, purpose: Purpose, actor: Actor, now: datetime) -> dict[str, Any]:
    return {"subject": subject, "purpose": purpose, "uploaded_by_id": actor.person_id, "uploaded_at": now}
